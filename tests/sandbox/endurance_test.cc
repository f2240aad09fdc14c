// Jobs in a row, one in ten hostile: nothing is left of any, and the program does not grow. ASSAY_JAIL_JOBS says how
// many (300 if it says nothing).
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>

#include "base/text.h"
#include "tests/sandbox/jails.h"
#include "tests/sandbox/surroundings.h"

namespace assay::sandbox {
namespace {

int wanted_jobs() {
  const char* said = std::getenv("ASSAY_JAIL_JOBS");
  return said == nullptr ? 300 : std::atoi(said);
}

int64_t resident_kib() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    int64_t kib = 0;
    if (word == "VmRSS:" && file >> kib) return kib;
  }
  return 0;
}

Limits short_limits() {
  Limits limits;
  limits.cpu_seconds = 0.2;
  limits.wall_seconds = 5;
  limits.memory_mib = 64;
  limits.files = 100;
  limits.processes = 16;
  return limits;
}

struct Job {
  const char* name;
  const char* text;
  bool is_graded;
  double wall_seconds;
  std::vector<std::string> ends;
};

const Job kHostile[] = {
    {"daemons",
     "import os\nfor i in range(3):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
     "            while True:\n                pass\n        os._exit(0)\n",
     false,
     5,
     {"finished"}},
    {"fork bomb",
     "import os, time\nend = time.time() + 0.05\nwhile time.time() < end:\n    try:\n        os.fork()\n"
     "    except OSError:\n        pass\ntime.sleep(0.05)\n",
     false,
     0.3,
     {"finished", "timeout"}},
    {"output", "import os\nwhile True:\n    os.write(1, b'x' * 65536)\n", false, 5, {"output"}},
    {"memory", "held = []\nwhile True:\n    held.append(bytearray(b'x') * (4 << 20))\n", false, 5, {"memory"}},
    {"loop", "while True:\n    pass\n", false, 5, {"timeout"}},
    {"sleep", "import time\ntime.sleep(100)\n", false, 0.3, {"timeout"}},
    {"files", "for i in range(1000):\n    open(str(i), 'w').close()\n", false, 5, {"files"}},
    {"a completion's daemon",
     "    return x * 2\nimport os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(100)\n",
     true,
     5,
     {"passed"}},
    {"a completion's loop", "    while True:\n        pass\n", true, 5, {"timeout"}},
    {"a completion's crash", "    import ctypes\n    ctypes.string_at(0)\n", true, 5, {"crash"}},
};
const Job kHonest[] = {
    {"program", "print(sum(range(1000)))", false, 30, {"finished"}},
    {"completion", "    return x * 2\n", true, 30, {"passed"}},
};

constexpr const char* kPrompt = "def f(x):\n    \"\"\"Twice.\"\"\"\n";
constexpr const char* kTest = "assert f(2) == 4\n";

std::future<std::string> start(Jail& jail, const Job& job) {
  Limits limits = short_limits();
  limits.wall_seconds = job.wall_seconds;
  if (job.wall_seconds > 20) limits.cpu_seconds = 3;
  if (!job.is_graded) {
    return std::async(std::launch::deferred, [result = jail.run(python_program(job.text, limits))]() mutable {
      return to_string(result.get().outcome);
    });
  }
  return std::async(std::launch::deferred, [result = jail.grade({kPrompt, job.text, kTest, "f", limits})]() mutable {
    return to_string(result.get().outcome);
  });
}

class Endurance : public ::testing::TestWithParam<As> {};

TEST_P(Endurance, LeavesNothingAndDoesNotGrow) {
  const int jobs = wanted_jobs();
  const Traces before = Traces::now();
  const auto begin = std::chrono::steady_clock::now();
  std::map<std::string, int> counts;
  int hostile = 0;
  int64_t resident_early = 0, resident_late = 0;
  Traces idle;
  {
    Jail held(jail().options(GetParam(), 4));
    held.warm();
    struct Open {
      const Job* job;
      std::future<std::string> outcome;
    };
    std::deque<Open> open;
    const auto take = [&] {
      const std::string outcome = open.front().outcome.get();
      const auto& ends = open.front().job->ends;
      EXPECT_NE(std::find(ends.begin(), ends.end(), outcome), ends.end())
          << open.front().job->name << " ended as " << outcome << ", not as " << join(ends, " or ");
      ++counts[outcome];
      open.pop_front();
    };
    const auto take_all = [&] {
      while (!open.empty()) take();
    };
    for (int i = 0; i < jobs; ++i) {
      const bool is_hostile = i % 10 == 9;
      const Job& job = is_hostile ? kHostile[i / 10 % std::size(kHostile)] : kHonest[i % 2];
      hostile += is_hostile ? 1 : 0;
      open.push_back({&job, start(held, job)});
      if (open.size() > 8) take();
      if (i == jobs / 5) {
        take_all();
        resident_early = resident_kib();
        idle = Traces::now();
      }
    }
    take_all();
    resident_late = resident_kib();
    // The jail's own processes are the same as after a fifth of the jobs, and no others are there.
    EXPECT_EQ(join(Traces::left_since(idle, 1), "\n"), "");
  }
  EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
  const Traces after = Traces::now();
  // What the allocator keeps is not growth: a leak of one answer a job would be megabytes.
  EXPECT_LE(resident_late, resident_early + 1024);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::string outcomes;
  for (const auto& [outcome, count] : counts) outcomes += " " + outcome + " " + std::to_string(count);
  printf("%d jobs as %s, %d of them hostile, in %.1f s:%s\n", jobs, to_string(GetParam()).c_str(), hostile, seconds,
         outcomes.c_str());
  printf(
      "  processes %zu -> %zu, mounts %zu -> %zu, groups %zu -> %zu, descriptors %zu -> %zu, files outside %zu -> "
      "%zu; resident %lld KiB after a fifth, %lld KiB at the end\n",
      before.processes.size(), after.processes.size(), before.mounts.size(), after.mounts.size(), before.groups.size(),
      after.groups.size(), before.descriptors.size(), after.descriptors.size(), before.marks.size(), after.marks.size(),
      static_cast<long long>(resident_early), static_cast<long long>(resident_late));
}

INSTANTIATE_TEST_SUITE_P(Ways, Endurance, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox
