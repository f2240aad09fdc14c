// Scorers cannot be constant: in every metric of every task the gold answer gives 1, a wrong one 0, and gold for the
// samples of even rank alone gives exactly ceil(n/2)/n.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <iostream>

#include "scorers/metrics.h"
#include "tests/scorers/support.h"

namespace assay::scorers::testing {
namespace {

// Score of sample `rank`, answered rightly or wrongly.
using Answerer = std::function<Score(int rank, bool right)>;

// The value of every whole-task metric when sample i is answered rightly where `right(i)` says so.
std::vector<double> values(const Scorer& scorer, const Answerer& answer, int n, const std::function<bool(int)>& right) {
  std::vector<ScoredSample> samples;
  for (int i = 0; i < n; ++i) samples.push_back({"", "", answer(i, right(i)).values});
  std::vector<double> found;
  for (const Metric& metric : aggregate(scorer.names(), samples, {})) found.push_back(metric.value);
  return found;
}

void expect_not_constant(const std::string& what, const Scorer& scorer, const Answerer& answer) {
  for (const int n : {1, 2, 7, 100}) {
    const size_t metrics = scorer.names().size();
    const double half = static_cast<double>((n + 1) / 2) / n;
    EXPECT_EQ(values(scorer, answer, n, [](int) { return true; }), std::vector<double>(metrics, 1.0)) << what;
    EXPECT_EQ(values(scorer, answer, n, [](int) { return false; }), std::vector<double>(metrics, 0.0)) << what;
    EXPECT_EQ(values(scorer, answer, n, [](int i) { return i % 2 == 0; }), std::vector<double>(metrics, half)) << what;
  }
}

TEST(NotConstant, Options) {
  const std::vector<std::string> options = {"a whale", "(B) an eel, a very long one", "é", "D"};
  for (const char* task : {"mmlu", "arc_challenge", "arc_easy", "agieval_en"}) {
    const Scorer scorer = Scorer::from_spec(task_spec(task, "lm_eval"), task);
    expect_not_constant(task, scorer, [&](int rank, bool right) {
      const int gold = rank % 4;
      std::vector<double> logprobs(4, -1.0);
      logprobs[static_cast<size_t>(right ? gold : (gold + 1) % 4)] = 0;
      return score_options(scorer, options, logprobs, {gold});
    });
  }
}

TEST(NotConstant, Numbers) {
  const struct {
    const char* task;
    const char* protocol;
    const char* form;
    bool whole_solution;  // the reference is the solution with its ####
  } cases[] = {{"gsm8k", "lm_eval", "#### {}", true},
               {"gsm8k_cot", "lm_eval", "The answer is {}.", false},
               {"gsm8k", "llama3", "The answer is {}.", false},
               {"gsm8k", "llama3_instruct", "The final answer is {}", false}};
  for (const auto& c : cases) {
    const Scorer scorer = Scorer::from_spec(task_spec(c.task, c.protocol), c.task);
    expect_not_constant(c.task, scorer, [&](int rank, bool right) {
      const int number = rank * 37 - 40;
      const std::string gold = fmt::format("{}{}", c.whole_solution ? "first 3, then\n#### " : "", number);
      return score_text(scorer, fmt::format(fmt::runtime(c.form), number + (right ? 0 : 1)), gold);
    });
  }
}

TEST(NotConstant, Mathematics) {
  const char* golds[] = {"(3,4]", "\\frac{1}{2}", "-2", "\\text{June}", "72 + 72\\sqrt{2}", "371,\\!043,\\!400", "x^2"};
  const Scorer scorer = Scorer::from_spec({{"kind", "agieval_math"}}, "made");
  expect_not_constant("math", scorer, [&](int rank, bool right) {
    const char* gold = golds[rank % 7];
    return score_text(scorer, right ? gold : "$98765$", gold);
  });
}

TEST(NotConstant, Letters) {
  const Scorer generated = Scorer::from_spec({{"kind", "agieval_letters"}}, "made");
  const Scorer begun = Scorer::from_spec(task_spec("mmlu_llama", "lm_eval"), "made");
  const auto letter = [](int rank) { return std::string(1, static_cast<char>('A' + rank % 4)); };
  expect_not_constant("letters", generated, [&](int rank, bool right) {
    return score_text(generated, fmt::format("The answer is therefore {}", letter(right ? rank : rank + 1)),
                      letter(rank));
  });
  expect_not_constant("best answer", begun, [&](int rank, bool right) {
    return score_text(begun, fmt::format(" {}.", letter(right ? rank : rank + 1)), fmt::format("{}.", letter(rank)));
  });
}

}  // namespace
}  // namespace assay::scorers::testing
