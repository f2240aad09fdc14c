#include "sandbox/inside/cgroup.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace assay::sandbox {
namespace {

// Of a slot's group: the interpreter with the process that started it, and process 1 of the job.
constexpr int64_t kOwnProcesses = 3;

// The folder of this process's own group in the hierarchy that has `controller` (version 1), or in the unified one
// ("": version 2). proc(5), "/proc/pid/mountinfo"; cgroups(7), "/proc/pid/cgroup".
std::optional<std::string> own_folder(const std::string& controller) {
  const auto has = [](const std::string& list, const std::string& word) {
    return ("," + list + ",").find("," + word + ",") != std::string::npos;
  };
  std::string own;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "4:memory:/path"
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? names.empty() : has(names, controller)) own = line.substr(second + 1);
  }
  if (own.empty()) return std::nullopt;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream front(line.substr(0, dash)), back(line.substr(dash + 3));
    std::string skip, root, point, type, source, options;
    front >> skip >> skip >> skip >> root >> point;
    back >> type >> source >> options;
    if (controller.empty() ? type != "cgroup2" : type != "cgroup" || !has(options, controller)) continue;
    if (root == "/") return point + (own == "/" ? "" : own);
    if (own.starts_with(root)) return point + own.substr(root.size());
  }
  return std::nullopt;
}

bool put(const std::string& path, const std::string& text) {
  return write_file(path.c_str(), text.data(), text.size());
}

Fd open_to_write(const std::string& path) {
  return Fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
}
Fd open_to_read(const std::string& path) {
  return Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool put_number(const Fd& file, int64_t value) {
  const std::string text = std::to_string(value);
  return pwrite(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

std::string name_of_parent(const std::string& folder) {
  return folder + "/assay-jail-" + std::to_string(getpid());
}

// Groups whose maker was killed before it could remove them. One that is in use is not empty, and stays.
void remove_abandoned(const std::string& own) {
  namespace fs = std::filesystem;
  const std::string prefix = "assay-jail-";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(own, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    const int maker = atoi(name.c_str() + prefix.size());
    if (maker <= 0 || kill(maker, 0) == 0 || errno != ESRCH) continue;
    for (const auto& group : fs::directory_iterator(entry.path(), error)) rmdir(group.path().c_str());
    rmdir(entry.path().c_str());
  }
}

bool is_word_of(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  for (std::string each; file >> each;) {
    if (each == word) return true;
  }
  return false;
}

}  // namespace

bool ControlGroup::set_limits(const Limits& limits) {
  if (limits.memory_mib != memory_mib_) {
    const int64_t bytes = limits.memory_mib << 20;
    // With memory and swap together, neither may pass the other on the way.
    put_number(memory_limit, bytes);
    if (swap_limit.ok()) put_number(swap_limit, bytes);
    if (!put_number(memory_limit, bytes)) return false;
    memory_mib_ = limits.memory_mib;
  }
  if (limits.processes != processes_) {
    if (!put_number(process_limit, limits.processes + kOwnProcesses)) return false;
    processes_ = limits.processes;
  }
  return true;
}

bool ControlGroup::join() const {
  for (const Fd& file : members) {
    if (!write_all(file.get(), "0", 1)) return false;
  }
  return true;
}

int64_t ControlGroup::kills() const {
  char text[512];
  const ssize_t size = pread(events.get(), text, sizeof(text) - 1, 0);
  if (size <= 0) return -1;
  text[size] = '\0';
  const char* line = strstr(text, "oom_kill ");
  return line == nullptr ? -1 : strtoll(line + strlen("oom_kill "), nullptr, 10);
}

ControlGroups ControlGroups::make(int count) {
  ControlGroups groups;
  if (groups.make_v2(count)) return groups;
  groups.remove();
  groups = {};
  if (groups.make_v1(count)) return groups;
  groups.remove();
  return {};
}

bool ControlGroups::make_v2(int count) {
  const auto own = own_folder("");
  if (!own || !is_word_of(*own + "/cgroup.controllers", "memory") ||
      !is_word_of(*own + "/cgroup.controllers", "pids")) {
    return false;
  }
  put(*own + "/cgroup.subtree_control", "+memory +pids");  // refused where it holds processes and is not the root
  remove_abandoned(*own);
  const std::string parent = name_of_parent(*own);
  if (mkdir(parent.c_str(), 0755) != 0) return false;
  parents_.push_back(parent);
  if (!put(parent + "/cgroup.subtree_control", "+memory +pids")) return false;
  for (int i = 0; i < count; ++i) {
    const std::string folder = parent + "/" + std::to_string(i);
    if (mkdir(folder.c_str(), 0755) != 0) return false;
    ControlGroup& group = groups_.emplace_back();
    group.folders = {folder};
    group.members.push_back(open_to_write(folder + "/cgroup.procs"));
    group.memory_limit = open_to_write(folder + "/memory.max");
    group.process_limit = open_to_write(folder + "/pids.max");
    group.events = open_to_read(folder + "/memory.events");
    put(folder + "/memory.swap.max", "0");
    put(folder + "/memory.oom.group", "1");
    if (!group.members[0].ok() || !group.set_limits(Limits{})) return false;
  }
  return true;
}

bool ControlGroups::make_v1(int count) {
  const auto memory = own_folder("memory"), pids = own_folder("pids");
  if (!memory || !pids) return false;
  for (const std::string& own : {*memory, *pids}) {
    remove_abandoned(own);
    const std::string parent = name_of_parent(own);
    if (std::find(parents_.begin(), parents_.end(), parent) != parents_.end()) continue;  // both in one hierarchy
    if (mkdir(parent.c_str(), 0755) != 0) return false;
    parents_.push_back(parent);
  }
  for (int i = 0; i < count; ++i) {
    ControlGroup& group = groups_.emplace_back();
    for (const std::string& parent : parents_) {
      group.folders.push_back(parent + "/" + std::to_string(i));
      if (mkdir(group.folders.back().c_str(), 0755) != 0) return false;
      group.members.push_back(open_to_write(group.folders.back() + "/cgroup.procs"));
      if (!group.members.back().ok()) return false;
    }
    const std::string &in_memory = group.folders.front(), &in_pids = group.folders.back();
    group.memory_limit = open_to_write(in_memory + "/memory.limit_in_bytes");
    group.swap_limit = open_to_write(in_memory + "/memory.memsw.limit_in_bytes");
    group.process_limit = open_to_write(in_pids + "/pids.max");
    group.events = open_to_read(in_memory + "/memory.oom_control");
    if (!group.set_limits(Limits{})) return false;
  }
  return true;
}

void ControlGroups::remove() {
  std::vector<std::string> folders;
  for (const ControlGroup& group : groups_) folders.insert(folders.end(), group.folders.begin(), group.folders.end());
  folders.insert(folders.end(), parents_.begin(), parents_.end());
  for (const std::string& folder : folders) {
    for (int attempt = 0; attempt < 100 && rmdir(folder.c_str()) != 0 && errno == EBUSY; ++attempt) usleep(10000);
  }
}

}  // namespace assay::sandbox
