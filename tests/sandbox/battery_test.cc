// The battery: every attack of tests/cases/sandbox, as root and as an ordinary user. Contained means: nothing outside
// was read, written, reached or left running, and the outcome is the right one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "tests/sandbox/attacks.h"
#include "tests/sandbox/jails.h"
#include "tests/sandbox/surroundings.h"

namespace assay::sandbox {
namespace {

// Most of the attacks wait for a limit.
constexpr int kSlots = 6;

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void check(const Attack& attack, const Happened& happened, const Surroundings& surroundings) {
  const bool groups = is_one_of("cgroup", happened.layers);
  const auto& ends = !groups && !attack.ends_without_groups.empty() ? attack.ends_without_groups : attack.ends;
  EXPECT_TRUE(is_one_of(happened.outcome, ends))
      << "ends as " << happened.outcome << ", not as " << join(ends, " or ") << "; it used " << happened.cpu_ms
      << " ms of " << happened.wall_ms << " and said:\n"
      << happened.said.substr(0, 3000);
  for (const std::string& text : attack.prints) {
    EXPECT_NE(happened.said.find(text), std::string::npos) << "it did not say: " << text << "\nbut:\n"
                                                           << happened.said.substr(0, 3000);
  }
  for (const std::string& text : attack.never) {
    EXPECT_EQ(happened.said.find(text), std::string::npos) << "it said: " << text << "\nin:\n"
                                                           << happened.said.substr(0, 3000);
  }
  for (const char* layer : {"userns", "mntns", "pidns", "netns", "root", "rlimits", "no_new_privs", "seccomp"}) {
    EXPECT_TRUE(is_one_of(layer, happened.layers)) << layer << " is not said to have been in force";
  }
  EXPECT_EQ(surroundings.leak_in(happened.said), "") << "a secret came out";
  EXPECT_LE(happened.said.size(), static_cast<size_t>(attack.limits.output_kib) * 1024);
  EXPECT_LE(happened.cpu_ms, attack.most_cpu_seconds * 1000) << "it used more processor time than it may";
  EXPECT_LE(happened.wall_ms, attack.limits.wall_seconds * 1000 + 2000) << "it outlived its wall time";
}

class Battery : public ::testing::TestWithParam<As> {};

TEST_P(Battery, HoldsEveryAttack) {
  std::vector<Attack> attacks = read_attacks("tests/cases/sandbox");
  ASSERT_GE(attacks.size(), 200u);
  // For whoever writes one: ASSAY_ATTACK=time.case runs those whose place or name holds the text.
  if (const char* wanted = std::getenv("ASSAY_ATTACK")) {
    std::erase_if(attacks,
                  [&](const Attack& each) { return (each.where + " " + each.name).find(wanted) == std::string::npos; });
  }
  const Traces before = Traces::now();
  {
    Surroundings surroundings;
    const Traces with_canaries = Traces::now();
    {
      Jail held(jail().options(GetParam(), kSlots));
      std::vector<std::future<Happened>> results;
      for (Attack& attack : attacks) {
        attack.program = surroundings.aim(attack.program);
        results.push_back(start(held, attack));
      }
      EXPECT_EQ(join(surroundings.inherited_since(with_canaries), "\n"), "");
      for (size_t i = 0; i < attacks.size(); ++i) {
        SCOPED_TRACE(attacks[i].where + " " + attacks[i].name + ", as " + to_string(GetParam()));
        try {
          check(attacks[i], results[i].get(), surroundings);
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
      }
      // Between two jobs only the jail's own processes are there: nothing of a job outlives it.
      EXPECT_EQ(join(surroundings.harm(), "\n"), "");
    }
    EXPECT_EQ(join(Traces::left_since(with_canaries, 0), "\n"), "");
    EXPECT_EQ(join(surroundings.harm(), "\n"), "");
  }
  EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
  printf("battery as %s: %zu attacks\n", to_string(GetParam()).c_str(), attacks.size());
}

INSTANTIATE_TEST_SUITE_P(Ways, Battery, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox
