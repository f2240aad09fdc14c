// How a jail ends, whoever ends it: nothing is left, and every open future hears of it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "tests/sandbox/jails.h"
#include "tests/sandbox/surroundings.h"

namespace assay::sandbox {
namespace {

constexpr int kJobs = 100;
constexpr int kSlots = 8;
constexpr auto kPatience = std::chrono::seconds(15);  // a future that takes longer is one that never comes

// Jobs that would go on for minutes, of every kind.
struct Jobs {
  std::vector<std::future<ProgramResult>> programs;
  std::vector<std::future<Grade>> grades;

  explicit Jobs(Jail& jail) {
    Limits limits;
    limits.cpu_seconds = limits.wall_seconds = 120;
    const char* texts[] = {
        "import time; time.sleep(1000)",
        "while True: pass",
        "import os, time\nfor i in range(4):\n    if os.fork() == 0:\n        os.setsid()\ntime.sleep(1000)",
    };
    for (int i = 0; i < kJobs / 2; ++i) {
      programs.push_back(jail.run(python_program(texts[i % 3], limits)));
      grades.push_back(jail.grade(
          {"def f(x):\n    \"\"\"Never.\"\"\"\n", "    import time\n    time.sleep(1000)\n", "f(1)", "f", limits}));
    }
  }

  // Waits for every future and counts the ends by what they are.
  std::map<std::string, int> ends() {
    std::map<std::string, int> counts;
    const auto until = std::chrono::steady_clock::now() + kPatience;
    const auto count = [&](auto& future) {
      if (future.wait_until(until) != std::future_status::ready) {
        ++counts["no answer"];
        return;
      }
      try {
        future.get();
        ++counts["an answer"];
      } catch (const Error& error) {
        const bool expected = error.code() == ExitCode::kUnavailable || error.code() == ExitCode::kInternal;
        ++counts[expected ? "error" : error.what()];
      } catch (const std::exception& error) {
        ++counts[error.what()];
      }
    };
    for (auto& future : programs) count(future);
    for (auto& future : grades) count(future);
    return counts;
  }
};

// Until the first jobs run.
void wait_for_jobs() {
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
}

std::vector<pid_t> children_named(pid_t parent, const std::string& name) {
  std::vector<pid_t> found;
  std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  const Traces traces = Traces::now();
  for (pid_t pid; list >> pid;) {
    if (!traces.processes.contains(pid)) continue;  // it has ended
    std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
    std::string is;
    if (std::getline(comm, is) && is.starts_with(name)) found.push_back(pid);
  }
  return found;
}

// The process of an assay-jail that starts the others: where there are control groups, the one below the process that
// this one started.
std::vector<pid_t> main_processes(As as) {
  std::vector<pid_t> started = children_named(getpid(), "assay-jail"), mains;
  if (as == As::kUser) return started;
  for (const pid_t pid : started) {
    for (const pid_t child : children_named(pid, "assay-jail")) mains.push_back(child);
  }
  return mains;
}

class Lifetime : public ::testing::TestWithParam<As> {};

TEST_P(Lifetime, DestroyingAJailEndsItsJobs) {
  const Traces before = Traces::now();
  double seconds = 0;
  std::map<std::string, int> ends;
  {
    auto held = std::make_unique<Jail>(jail().options(GetParam(), kSlots));
    Jobs jobs(*held);
    wait_for_jobs();
    const auto begin = std::chrono::steady_clock::now();
    held.reset();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
    ends = jobs.ends();
  }
  EXPECT_LT(seconds, 5);
  EXPECT_EQ(ends, (std::map<std::string, int>{{"error", kJobs}}));
  printf("a jail with %d jobs was ended as %s in %.2f s\n", kJobs, to_string(GetParam()).c_str(), seconds);
}

TEST_P(Lifetime, ADeadProgramLeavesNothing) {
  const Traces before = Traces::now();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    Jail held(jail().options(GetParam(), kSlots));
    const Jobs jobs(held);
    wait_for_jobs();
    if (write(ready[1], "r", 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(ready[1]);
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  EXPECT_GT(Traces::now().processes.size(), before.processes.size() + 10) << "there was nothing to end";
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(join(Traces::left_since(before, 5), "\n"), "");
}

TEST_P(Lifetime, ADeadJailAnswersEverybody) {
  const Traces before = Traces::now();
  {
    Jail held(jail().options(GetParam(), kSlots));
    Jobs jobs(held);
    wait_for_jobs();
    const std::vector<pid_t> mains = main_processes(GetParam());
    ASSERT_EQ(mains.size(), 2u);  // one for programs, one for python
    for (const pid_t pid : mains) kill(pid, SIGKILL);
    EXPECT_EQ(jobs.ends(), (std::map<std::string, int>{{"error", kJobs}}));
    EXPECT_THROW(held.run(shell_program("true")).get(), Error);
  }
  EXPECT_EQ(join(Traces::left_since(before, 5), "\n"), "");
}

// As root: the process that made the control groups and alone may remove them.
TEST_P(Lifetime, ADeadKeeperOfGroupsAnswersEverybody) {
  if (GetParam() != As::kRoot) GTEST_SKIP() << "there are no control groups without root";
  const Traces before = Traces::now();
  {
    Jail held(jail().options(GetParam(), kSlots));
    Jobs jobs(held);
    wait_for_jobs();
    for (const pid_t pid : children_named(getpid(), "assay-jail")) kill(pid, SIGKILL);
    EXPECT_EQ(jobs.ends(), (std::map<std::string, int>{{"error", kJobs}}));
  }
  Traces empty = before;
  empty.groups = Traces::now().groups;
  EXPECT_EQ(join(Traces::left_since(empty, 5), "\n"), "");
  // Nobody else may remove the folders; the next jail does.
  Jail next(jail().options(GetParam(), 1));
  std::vector<std::string> left;
  for (const std::string& each : Traces::left_since(before, 0)) {
    if (each.starts_with("group")) left.push_back(each);
  }
  // Its own folder, in two hierarchies at the most.
  EXPECT_LE(left.size(), 2u) << join(left, "\n");
}

// One that serves a job is killed, by the kernel for memory say: that job must not be waited for for ever.
TEST_P(Lifetime, ADeadSlotIsNotWaitedFor) {
  const Traces before = Traces::now();
  {
    Jail held(jail().options(GetParam(), 2));
    Limits limits;
    limits.cpu_seconds = limits.wall_seconds = 120;
    std::vector<std::future<ProgramResult>> futures;
    for (int i = 0; i < 2; ++i) futures.push_back(held.run(shell_program("sleep 1000", limits)));
    wait_for_jobs();
    const std::vector<pid_t> mains = main_processes(GetParam());
    ASSERT_EQ(mains.size(), 1u);
    for (const pid_t pid : children_named(mains[0], "assay-jail")) kill(pid, SIGKILL);
    for (auto& future : futures) {
      ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready) << "the answer never comes";
      EXPECT_THROW(future.get(), Error);
    }
  }
  EXPECT_EQ(join(Traces::left_since(before, 5), "\n"), "");
}

TEST_P(Lifetime, OneDeadSlotOfManyIsNotWaitedFor) {
  const Traces before = Traces::now();
  {
    Jail held(jail().options(GetParam(), 2));
    Limits limits;
    limits.wall_seconds = 4;
    std::vector<std::future<ProgramResult>> futures;
    for (int i = 0; i < 6; ++i) futures.push_back(held.run(shell_program("sleep 1000", limits)));
    wait_for_jobs();
    const std::vector<pid_t> mains = main_processes(GetParam());
    ASSERT_EQ(mains.size(), 1u);
    const std::vector<pid_t> slots = children_named(mains[0], "assay-jail");
    ASSERT_EQ(slots.size(), 2u);
    kill(slots[0], SIGKILL);
    for (auto& future : futures) {
      EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready) << "the answer never comes";
    }
  }
  EXPECT_EQ(join(Traces::left_since(before, 5), "\n"), "");
}

TEST_P(Lifetime, ADeadInterpreterIsAnError) {
  const Traces before = Traces::now();
  {
    Jail held(jail().options(GetParam(), 2));
    held.warm();
    const auto python = [] {
      std::vector<pid_t> found;
      for (const auto& [pid, name] : Traces::now().processes) {
        if (name.starts_with("python")) found.push_back(pid);
      }
      return found;
    }();
    ASSERT_EQ(python.size(), 4u);  // one for completions and one for tests in each slot
    for (const pid_t pid : python) kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    auto grade = held.grade({"def f(x):\n    \"\"\"One.\"\"\"\n", "    return 1\n", "assert f(1) == 1", "f", {}});
    ASSERT_EQ(grade.wait_for(kPatience), std::future_status::ready) << "the answer never comes";
    EXPECT_THROW(grade.get(), Error);
    EXPECT_EQ(held.run(shell_program("true")).get().outcome, Outcome::kFinished);
  }
  EXPECT_EQ(join(Traces::left_since(before, 5), "\n"), "");
}

INSTANTIATE_TEST_SUITE_P(Ways, Lifetime, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox
