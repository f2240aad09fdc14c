#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "datasets/folders.h"
#include "tasks/definition.h"
#include "tasks/item_renderer.h"
#include "tasks/shots.h"
#include "tasks/task.h"

namespace assay::tasks {
namespace {

namespace fs = std::filesystem;

// The data of one rendering: finds and reads splits, each file once, and remembers their hashes.
class Data {
 public:
  Data(const Definition& definition, const std::vector<fs::path>& data_dirs)
      : definition_(definition), folders_(data_dirs) {
    if (!definition.folder.empty()) folders_.insert(folders_.begin(), definition.folder);
  }

  // The reference stays valid while the object lives.
  const datasets::Split& read(const std::string& split, const std::string& subset) {
    const SplitFiles& files = definition_.files.at(split);
    // AGIEval's examples lie in one file, a column a subset.
    const bool per_subset =
        files.layout == datasets::Layout::kAgievalExamples || files.paths[0].find("{subset}") != std::string::npos;
    const auto key = std::make_pair(split, per_subset ? subset : std::string());
    if (const auto found = splits_.find(key); found != splits_.end()) return found->second;
    const fs::path path = locate(files, subset);
    datasets::Split& read = splits_[key];
    read = datasets::read_split(path, files.layout, definition_.format, subset);
    hashes_[named(files.paths[0], subset)] = read.sha256;
    return read;
  }

  std::string sha256() const {
    Sha256 hash;
    for (const auto& [name, file_hash] : hashes_) hash.update(file_hash).update("  ").update(name).update("\n");
    return hash.hex();
  }

 private:
  static std::string named(const std::string& pattern, const std::string& subset) {
    return replace_all(pattern, "{subset}", subset);
  }

  fs::path locate(const SplitFiles& files, const std::string& subset) const {
    const fs::path first = named(files.paths[0], subset);
    // A task's data set lies in one folder: files of two copies are never mixed.
    const fs::path folder = datasets::find_data_folder(folders_, *first.begin());
    for (const std::string& pattern : files.paths) {
      std::error_code unreadable;
      if (fs::exists(folder / named(pattern, subset), unreadable)) return folder / named(pattern, subset);
    }
    const std::string of = subset.empty() ? "" : fmt::format(" of the subset \"{}\"", subset);
    fail(ExitCode::kUnavailable,
         "{}: the file{} is missing; complete the folder (assay datasets verify) or leave the subset out",
         (folder / first).string(), of);
  }

  const Definition& definition_;
  std::vector<fs::path> folders_;
  std::map<std::pair<std::string, std::string>, datasets::Split> splits_;
  std::map<std::string, std::string> hashes_;
};

const ProtocolDefinition& protocol_of(const Task& task, const std::string& name) {
  for (const ProtocolDefinition& protocol : task.definition->protocols) {
    if (protocol.name == name) return protocol;
  }
  fail(ExitCode::kUsage, "the task {} has no protocol \"{}\"; it has: {}", task.name, name, join(task.protocols, ", "));
}

std::vector<std::string> chosen_subsets(const Task& task, const std::vector<std::string>& wanted) {
  const std::vector<std::string>& all = task.definition->subsets;
  if (wanted.empty()) return all;
  for (const std::string& subset : wanted) {
    if (!subset.empty() && std::find(all.begin(), all.end(), subset) != all.end()) continue;
    if (all.front().empty()) fail(ExitCode::kUsage, "the task {} has no subsets", task.name);
    const std::string meant = nearest(subset, all);
    fail(ExitCode::kUsage, "the task {} has no subset \"{}\"; {}", task.name, subset,
         meant.empty() ? "it has: " + join(all, ", ") : "did you mean \"" + meant + "\"?");
  }
  std::vector<std::string> subsets = wanted;
  std::sort(subsets.begin(), subsets.end());
  subsets.erase(std::unique(subsets.begin(), subsets.end()), subsets.end());
  return subsets;
}

int shot_count(const Shots& shots, const std::string& subset, const RenderOptions& options, const Task& task) {
  if (options.shots.has_value()) {
    if (*options.shots < 0) fail(ExitCode::kUsage, "--shots {}: must not be negative", *options.shots);
    if (*options.shots > 0 && shots.split.empty()) {
      fail(ExitCode::kUsage, "the task {} has no examples to show under {}; use --shots 0", task.name,
           options.protocol);
    }
    return *options.shots;
  }
  const auto own = shots.counts.find(subset);
  return own == shots.counts.end() ? shots.count : own->second;
}

void check_distinct_ids(const datasets::Split& split) {
  std::map<std::string_view, size_t> seen;
  for (size_t row = 0; row < split.samples.size(); ++row) {
    const auto [first, fresh] = seen.emplace(split.samples[row].id, row);
    if (fresh) continue;
    fail_input("{}:{}: the id \"{}\" is already that of line {}", split.file, split.lines[row], split.samples[row].id,
               split.lines[first->second]);
  }
}

void render_subset(const Task& task, const ProtocolDefinition& protocol, const RenderOptions& options,
                   const std::string& subset, Data& data, RenderedTask& rendered) {
  const Ask& ask = protocol.of(subset);
  const datasets::Split& test = data.read("test", subset);
  if (test.samples.empty()) fail_input("{}: the file has no items", test.file);
  check_distinct_ids(test);
  const int shots = shot_count(ask.shots, subset, options, task);
  rendered.shots = std::max(rendered.shots, shots);
  const datasets::Split* examples = &test;
  std::optional<ShotPicker> picker;
  if (shots > 0) {
    examples = &data.read(ask.shots.split, ask.shots.subset.empty() ? subset : ask.shots.subset);
    picker.emplace(ask.shots, shots, *examples, examples == &test);
  }
  ItemRenderer renderer(ask, test, *examples, picker.has_value() ? &*picker : nullptr);
  renderer.write_dialogues_as(protocol.name == "llama3_instruct" ? DialogueForm::kLlama3 : DialogueForm::kPlain);
  if (options.max_tokens.has_value()) renderer.limit_to(*options.max_tokens);
  int count = 0;
  for (size_t row = 0; row < test.samples.size() && (options.limit == 0 || count < options.limit); ++row) {
    if (!renderer.asks(row)) continue;
    rendered.items.push_back(renderer.render(row));
    ++count;
  }
  if (count == 0) fail_input("{}: no item has {} options", test.file, ask.only_options);
}

}  // namespace

nlohmann::json scorer_table(const Task& task, const std::string& protocol) {
  return protocol_of(task, protocol).scorer;
}

RenderedTask render(const Task& task, const RenderOptions& options, const std::vector<fs::path>& data_dirs) {
  const Definition& definition = *task.definition;
  const ProtocolDefinition& protocol = protocol_of(task, options.protocol);
  if (options.limit < 0) fail(ExitCode::kUsage, "--limit {}: must not be negative", options.limit);
  if (options.max_tokens.has_value() && *options.max_tokens < 1) {
    fail(ExitCode::kUsage, "--max-tokens {}: must be at least 1", *options.max_tokens);
  }
  RenderedTask rendered;
  rendered.task = task.name;
  rendered.version = task.version;
  rendered.protocol = protocol.name;
  rendered.definition_sha256 = task.sha256;
  rendered.scorer = protocol.scorer;
  rendered.average = protocol.average;
  rendered.groups = definition.groups;
  rendered.averaged_subsets = protocol.averaged_subsets;
  Data data(definition, data_dirs);
  for (const std::string& subset : chosen_subsets(task, options.subsets)) {
    render_subset(task, protocol, options, subset, data, rendered);
  }
  rendered.data_sha256 = data.sha256();
  return rendered;
}

}  // namespace assay::tasks
