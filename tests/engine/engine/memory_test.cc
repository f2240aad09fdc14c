#include "engine/memory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

#include "base/file.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMiB = 1 << 20;

struct Machine {
  const char* name;
  std::map<std::string, std::string> files;
  int64_t available;
};

const std::string kMeminfo = "MemTotal:  8388608 kB\nMemFree:  100 kB\nMemAvailable:  4194304 kB\n";

TEST(AvailableMemory, TakesTheSmallestLimit) {
  const Machine machines[] = {
      {"no groups", {{"proc/meminfo", kMeminfo}}, 4096 * kMiB},
      {"version 2, no limit",
       {{"proc/meminfo", kMeminfo}, {"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/memory.max", "max\n"}},
       4096 * kMiB},
      {"version 2, limit less usage, page cache not counted",
       {{"proc/meminfo", kMeminfo},
        {"proc/self/cgroup", "0::/a/b\n"},
        {"sys/fs/cgroup/a/b/memory.max", "1073741824\n"},
        {"sys/fs/cgroup/a/b/memory.current", "536870912\n"},
        {"sys/fs/cgroup/a/b/memory.stat", "anon 5\ninactive_file 104857600\nactive_file 4194304\n"}},
       (512 + 104) * kMiB},
      {"version 2, limit of a group above",
       {{"proc/meminfo", kMeminfo},
        {"proc/self/cgroup", "0::/a/b\n"},
        {"sys/fs/cgroup/a/memory.max", "209715200\n"},
        {"sys/fs/cgroup/a/b/memory.max", "max\n"}},
       200 * kMiB},
      {"version 2, the container's own group is the mount",
       {{"proc/meminfo", kMeminfo}, {"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/memory.max", "314572800\n"}},
       300 * kMiB},
      {"version 1",
       {{"proc/meminfo", kMeminfo},
        {"proc/self/cgroup", "12:cpu,cpuacct:/x\n5:memory:/x\n"},
        {"sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1048576000\n"},
        {"sys/fs/cgroup/memory/x/memory.usage_in_bytes", "1048576\n"}},
       999 * kMiB},
      {"more used than allowed",
       {{"proc/meminfo", kMeminfo},
        {"proc/self/cgroup", "0::/\n"},
        {"sys/fs/cgroup/memory.max", "1000\n"},
        {"sys/fs/cgroup/memory.current", "2000\n"}},
       0},
      {"a strange line", {{"proc/meminfo", kMeminfo}, {"proc/self/cgroup", "nonsense\n\n::\n"}}, 4096 * kMiB},
  };
  for (const Machine& machine : machines) {
    const fs::path root = fs::temp_directory_path() / fmt::format("assay-memory-{}", ::getpid());
    for (const auto& [path, content] : machine.files) {
      fs::create_directories((root / path).parent_path());
      write_file_atomically(root / path, content);
    }
    EXPECT_EQ(available_memory(root), machine.available) << machine.name;
    fs::remove_all(root);
  }
  EXPECT_GT(available_memory(), 0);
}

TEST(FormatGib, TwoDigits) {
  EXPECT_EQ(format_gib(int64_t{3} << 29), "1.50 GiB");
}

}  // namespace
}  // namespace assay::engine
