#include "store/owner.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace assay::store {
namespace {

// Start time of a process; none where there is no such process, or only its zombie.
std::optional<int64_t> process_start(int64_t pid) {
  std::string stat;
  try {
    stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  } catch (const Error&) {
    return std::nullopt;
  }
  // "pid (name) state ppid ...": the name may hold spaces and parentheses, so fields are counted from the last ')'.
  const size_t end_of_name = stat.rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 > stat.size()) return std::nullopt;
  const std::vector<std::string> fields = split(std::string_view(stat).substr(end_of_name + 2), ' ');
  constexpr size_t kState = 0;
  constexpr size_t kStart = 19;
  if (fields.size() <= kStart || fields[kState] == "Z" || fields[kState] == "X") return std::nullopt;
  return std::strtoll(fields[kStart].c_str(), nullptr, 10);
}

std::string machine(const std::string& host) {
  std::string boot;
  try {
    boot = std::string(python_strip(read_file("/proc/sys/kernel/random/boot_id")));
  } catch (const Error&) {
    boot = host;  // a locked-down container may hide the id
  }
  std::error_code error;
  return boot + " " + std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

}  // namespace

Owner this_process() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const int64_t pid = ::getpid();
  return {host.data(), machine(host.data()), pid, process_start(pid).value_or(0)};
}

bool is_alive(const Owner& owner, int64_t last_sign, int64_t now) {
  if (owner.pid == 0) return false;
  if (owner.machine == this_process().machine) return process_start(owner.pid) == owner.started;
  return now - last_sign < kForeignPatienceSeconds;
}

}  // namespace assay::store
