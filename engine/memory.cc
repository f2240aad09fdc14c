#include "engine/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

// The number in a file that holds one; nothing where there is no such file or it says "max".
std::optional<int64_t> read_number(const fs::path& path) {
  std::ifstream file(path);
  int64_t value = 0;
  if (!(file >> value)) return std::nullopt;
  return value;
}

// The number behind `key` at the start of a line.
std::optional<int64_t> read_field(const fs::path& path, std::string_view key) {
  std::ifstream file(path);
  std::string name;
  int64_t value = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    if (fields >> name >> value && name == key) return value;
  }
  return std::nullopt;
}

struct GroupFiles {
  const char* limit;
  const char* usage;
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes"};
constexpr GroupFiles kVersion2{"memory.max", "memory.current"};

// What one control group leaves. The kernel gives page cache back before it refuses memory.
int64_t left_in_group(const fs::path& group, const GroupFiles& files) {
  const std::optional<int64_t> limit = read_number(group / files.limit);
  if (!limit) return kUnlimited;
  const fs::path stat = group / "memory.stat";
  const int64_t cache = read_field(stat, "inactive_file").value_or(0) + read_field(stat, "active_file").value_or(0);
  const int64_t taken = std::max<int64_t>(0, read_number(group / files.usage).value_or(0) - cache);
  return std::max<int64_t>(0, *limit - taken);
}

// The group at `path` below `mount`, and all above it up to the mount. A path that does not exist (a container sees its
// own group as the mount itself) leaves the mount.
int64_t left_in_hierarchy(const fs::path& mount, const std::string& path, const GroupFiles& files) {
  int64_t left = left_in_group(mount, files);
  fs::path group = mount;
  for (const fs::path& part : fs::path(path).relative_path()) {
    group /= part;
    left = std::min(left, left_in_group(group, files));
  }
  return left;
}

int64_t left_in_control_groups(const fs::path& root) {
  int64_t left = kUnlimited;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // hierarchy:controllers:path
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      left = std::min(left, left_in_hierarchy(root / "sys/fs/cgroup", path, kVersion2));
    } else if (("," + controllers + ",").find(",memory,") != std::string::npos) {
      left = std::min(left, left_in_hierarchy(root / "sys/fs/cgroup/memory", path, kVersion1));
    }
  }
  return left;
}

}  // namespace

int64_t available_memory(const fs::path& root) {
  const std::optional<int64_t> kib = read_field(root / "proc/meminfo", "MemAvailable:");
  return std::min(kib ? *kib * 1024 : kUnlimited, left_in_control_groups(root));
}

std::string format_gib(int64_t bytes) {
  return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (1 << 30));
}

}  // namespace assay::engine
