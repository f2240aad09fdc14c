// HumanEval's own solutions and solutions that solve nothing, under strict grading.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/sandbox/jails.h"
#include "tests/support/golden.h"

namespace assay::sandbox {
namespace {

struct Problem {
  std::string id, prompt, solution, test, entry_point;
};

std::vector<Problem> read_problems(const std::filesystem::path& folder) {
  std::vector<Problem> problems;
  const std::string text = read_file(folder / "HumanEval.jsonl");
  for (const std::string_view line : split_lines(text)) {
    const auto row = nlohmann::json::parse(line);
    problems.push_back({row["task_id"], row["prompt"], row["canonical_solution"], row["test"], row["entry_point"]});
  }
  return problems;
}

std::vector<Grade> grade_all(Jail& jail, const std::vector<Problem>& problems,
                             const std::function<std::string(const Problem&)>& completion) {
  std::vector<std::future<Grade>> futures;
  for (const Problem& problem : problems) {
    futures.push_back(
        jail.grade({problem.prompt, completion(problem), problem.test + "\ncheck(" + problem.entry_point + ")",
                    problem.entry_point, Limits{}}));
  }
  std::vector<Grade> grades;
  for (std::future<Grade>& future : futures) grades.push_back(future.get());
  return grades;
}

std::string counts(const std::vector<Grade>& grades) {
  std::map<std::string, int> of;
  for (const Grade& grade : grades) ++of[to_string(grade.outcome)];
  std::string text;
  for (const auto& [outcome, count] : of) text += " " + outcome + " " + std::to_string(count);
  return text;
}

class HumanEval : public ::testing::TestWithParam<As> {};

TEST_P(HumanEval, EveryCanonicalSolutionPasses) {
  ASSAY_REQUIRE_SHARED(folder, "datasets/humaneval");
  const std::vector<Problem> problems = read_problems(folder);
  ASSERT_EQ(problems.size(), 164u);
  Jail held(jail().options(GetParam()));
  held.warm();
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Grade> grades = grade_all(held, problems, [](const Problem& each) { return each.solution; });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (size_t i = 0; i < problems.size(); ++i) {
    EXPECT_EQ(to_string(grades[i].outcome), "passed") << problems[i].id << ": " << grades[i].error;
    // No problem needed another way of grading.
    EXPECT_EQ(grades[i].grading, "strict") << problems[i].id;
  }
  printf("164 canonical solutions as %s:%s, %.1f a second\n", to_string(GetParam()).c_str(), counts(grades).c_str(),
         164 / seconds);
}

TEST_P(HumanEval, NoStubPasses) {
  ASSAY_REQUIRE_SHARED(folder, "datasets/humaneval");
  const std::vector<Problem> problems = read_problems(folder);
  const std::pair<const char*, const char*> stubs[] = {
      {"pass", "    pass\n"},
      {"return None", "    return None\n"},
      {"an object equal to everything",
       "    class Any:\n"
       "        def __eq__(self, other):\n            return True\n"
       "        def __ne__(self, other):\n            return False\n"
       "        def __lt__(self, other):\n            return True\n"
       "        __le__ = __gt__ = __ge__ = __lt__\n"
       "        def __bool__(self):\n            return True\n"
       "        def __sub__(self, other):\n            return 0\n"
       "        def __abs__(self):\n            return 0\n"
       "        def __hash__(self):\n            return 0\n"
       "    return Any()\n"},
      {"raise", "    raise Exception('passed')\n"},
      {"os._exit(0)", "    import os\n    os._exit(0)\n"},
      {"os._exit(0) at once", "    pass\nimport os\nos._exit(0)\n"},
      {"printing the marker", "    print('passed')\n    print('P')\n"},
      {"writing the marker to every descriptor",
       "    import os\n    for fd in range(64):\n        try:\n            os.write(fd, b'P\\n')\n"
       "        except OSError:\n            pass\n"},
  };
  Jail held(jail().options(GetParam()));
  for (const auto& [name, completion] : stubs) {
    const std::vector<Grade> grades = grade_all(held, problems, [&](const Problem&) { return completion; });
    for (size_t i = 0; i < problems.size(); ++i) {
      EXPECT_NE(to_string(grades[i].outcome), "passed") << problems[i].id << " by " << name;
      EXPECT_NE(to_string(grades[i].outcome), "no_verdict") << problems[i].id << " by " << name;
    }
    printf("stub %s as %s:%s\n", name, to_string(GetParam()).c_str(), counts(grades).c_str());
  }
}

// The test of one problem must not be what another's completion meets, however many run at one time.
TEST_P(HumanEval, VerdictsGoWhereTheyBelong) {
  ASSAY_REQUIRE_SHARED(folder, "datasets/humaneval");
  const std::vector<Problem> problems = read_problems(folder);
  Jail held(jail().options(GetParam(), 5));
  int number = 0;
  const std::vector<Grade> grades =
      grade_all(held, problems, [&](const Problem& each) { return ++number % 2 == 0 ? "    pass\n" : each.solution; });
  for (size_t i = 0; i < problems.size(); ++i) {
    EXPECT_EQ(grades[i].outcome == Verdict::kPassed, i % 2 == 0) << problems[i].id << ": " << grades[i].error;
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, HumanEval, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox
