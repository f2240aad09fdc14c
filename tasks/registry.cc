#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tasks/definition.h"
#include "tasks/task.h"

namespace assay::tasks {

namespace fs = std::filesystem;

std::span<const EmbeddedFile> embedded_definitions();  // generated: tasks/CMakeLists.txt

namespace {

// INTERFACE.md, "T: tasks or groups". An empty protocol: under every one.
struct Group {
  std::string_view name;
  std::string_view protocol;
  std::array<std::string_view, 5> tasks;
};
constexpr std::array<Group, 4> kGroups = {{
    {"demo", "", {"demo_mmlu", "demo_arc", "demo_agieval", "demo_gsm8k", "demo_humaneval"}},
    {"launch_base", "llama3", {"mmlu", "arc_challenge", "agieval_en", "humaneval", "gsm8k"}},
    {"launch_base", "", {"mmlu", "arc_challenge", "agieval_en", "humaneval", "gsm8k_cot"}},
    {"launch_instruct", "llama3_instruct", {"mmlu", "arc_challenge", "gsm8k", "humaneval"}},
}};

const Group* find_group(std::string_view name, std::string_view protocol) {
  for (const Group& group : kGroups) {
    if (group.name == name && (group.protocol.empty() || group.protocol == protocol)) return &group;
  }
  return nullptr;
}

// The one protocol under which a group is asked; empty: the name is no group's, or its groups differ by protocol.
std::string_view only_protocol(std::string_view name) {
  std::string_view only;
  for (const Group& group : kGroups) {
    if (group.name != name) continue;
    if (group.protocol.empty() || !only.empty()) return "";
    only = group.protocol;
  }
  return only;
}

bool is_group(std::string_view name) {
  return std::any_of(kGroups.begin(), kGroups.end(), [&](const Group& group) { return group.name == name; });
}

Task task_from(std::string text, const std::string& origin, const fs::path& folder) {
  auto definition = std::make_shared<Definition>(parse_definition(text, origin));
  definition->folder = folder;
  Task task;
  task.name = definition->name;
  task.version = definition->version;
  task.description = definition->description;
  task.origin = origin;
  task.sha256 = sha256_hex(text);
  task.text = std::move(text);
  for (const ProtocolDefinition& protocol : definition->protocols) task.protocols.push_back(protocol.name);
  task.definition = std::move(definition);
  return task;
}

std::vector<fs::path> task_files(const fs::path& folder) {
  std::error_code unreadable;
  if (!fs::is_directory(folder, unreadable)) {
    fail(ExitCode::kUnavailable, "{}: is not a folder; --tasks-dir names a folder of task files (*.toml)",
         folder.string());
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (unreadable) fail(ExitCode::kIo, "{}: cannot read the folder: {}", folder.string(), unreadable.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Task load_task(const fs::path& file) {
  fs::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  Task task = task_from(read_file(file), file.string(), folder);
  if (is_group(task.name)) {
    fail_input("{}: the name \"{}\" is that of a group of tasks; choose another", file.string(), task.name);
  }
  return task;
}

Registry::Registry(const std::vector<fs::path>& tasks_dirs) {
  for (const EmbeddedFile& embedded : embedded_definitions()) {
    tasks_.push_back(task_from(std::string(embedded.text), "built in", {}));
  }
  for (const fs::path& folder : tasks_dirs) {
    for (const fs::path& file : task_files(folder)) {
      Task task = load_task(file);
      const auto same = std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& t) { return t.name == task.name; });
      if (same == tasks_.end()) {
        tasks_.push_back(std::move(task));
      } else {
        *same = std::move(task);
      }
    }
  }
  std::sort(tasks_.begin(), tasks_.end(), [](const Task& a, const Task& b) { return a.name < b.name; });
}

const Task& Registry::find(const std::string& name) const {
  std::vector<std::string> known;
  for (const Task& task : tasks_) {
    if (task.name == name) return task;
    known.push_back(task.name);
  }
  for (const Group& group : kGroups) {
    if (known.back() != group.name) known.emplace_back(group.name);
  }
  const std::string meant = nearest(name, known);
  fail(ExitCode::kUsage, "there is no task \"{}\"; {}", name,
       meant.empty() ? "there are: " + join(known, ", ") : "did you mean \"" + meant + "\"?");
}

std::vector<std::string> Registry::resolve(const std::vector<std::string>& names, const std::string& protocol) const {
  std::vector<std::string> resolved;
  const auto add = [&](const std::string& name) {
    if (std::find(resolved.begin(), resolved.end(), name) == resolved.end()) resolved.push_back(name);
  };
  for (const std::string& name : names) {
    if (const Group* group = find_group(name, protocol)) {
      for (const std::string_view task : group->tasks) {
        if (!task.empty()) add(find(std::string(task)).name);
      }
    } else if (const std::string_view implied = only_protocol(name); !implied.empty()) {
      fail(ExitCode::kUsage, "the group {} is asked under --protocol {} alone, not under {}; leave --protocol out",
           name, implied, protocol);
    } else if (name.starts_with("text:")) {
      add(name);
    } else {
      add(find(name).name);
    }
  }
  return resolved;
}

std::optional<std::string> implied_protocol(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const std::string_view only = only_protocol(name); !only.empty()) return std::string(only);
  }
  return std::nullopt;
}

}  // namespace assay::tasks
