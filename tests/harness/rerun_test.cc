// What is compared of an answer that was computed again, and which samples are.
#include "harness/rerun.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <set>

#include "base/error.h"
#include "harness/rerun_engine.h"

namespace assay::harness {
namespace {

using engine::FinishReason;
using engine::GenerateResponse;
using engine::LogLikelihoodResponse;
using engine::Response;
using engine::TextResponse;

Response response(decltype(Response::body) body, int prompt_tokens = 7) {
  return {0, prompt_tokens, false, std::move(body)};
}

struct Case {
  const char* what;
  Response recorded;
  Response now;
  // Expected without a tolerance, then with one of 0.01.
  bool equal;
  bool failed_with_tolerance;
};

std::vector<Case> cases() {
  const LogLikelihoodResponse options{{-1.5, -2.5}, {true, false}};
  const GenerateResponse text{"a b", {5, 6}, FinishReason::kStop};
  Response cut = response(options);
  cut.truncated = true;
  return {
      {"equal", response(options), response(options), true, false},
      {"last bit", response(options), response(LogLikelihoodResponse{{-1.5, std::nextafter(-2.5, 0)}, {true, false}}),
       false, false},
      {"zeros of two signs", response(LogLikelihoodResponse{{0.0}, {}}), response(LogLikelihoodResponse{{-0.0}, {}}),
       false, false},
      {"at the tolerance", response(LogLikelihoodResponse{{0.0}, {}}), response(LogLikelihoodResponse{{-0.01}, {}}),
       false, false},
      {"beyond it", response(options), response(LogLikelihoodResponse{{-1.5, -2.52}, {true, false}}), false, true},
      {"not a number", response(options), response(LogLikelihoodResponse{{-1.5, std::nan("")}, {true, false}}), false,
       true},
      {"greedy flag", response(options), response(LogLikelihoodResponse{{-1.5, -2.5}, {false, false}}), false, false},
      {"unknown flags", response(LogLikelihoodResponse{{-1.5, -2.5}, {}}), response(options), true, false},
      {"prompt tokens", response(options), response(options, 8), false, true},
      {"unknown prompt tokens", response(options, -1), response(options), true, false},
      {"truncated", response(options), cut, false, true},
      {"text sum", response(TextResponse{-50, 10}), response(TextResponse{-50.09, 10}), false, false},
      {"text sum beyond", response(TextResponse{-50, 10}), response(TextResponse{-50.11, 10}), false, true},
      {"scored tokens", response(TextResponse{-50, 10}), response(TextResponse{-50, 11}), false, true},
      {"equal texts", response(text), response(text), true, false},
      {"another text", response(text), response(GenerateResponse{"a c", {5, 7}, FinishReason::kStop}), false, false},
      {"other tokens", response(text), response(GenerateResponse{"a b", {5, 9}, FinishReason::kStop}), false, false},
      {"a token more", response(text), response(GenerateResponse{"a b", {5, 6, 1}, FinishReason::kStop}), false, false},
      {"another end", response(text), response(GenerateResponse{"a b", {5, 6}, FinishReason::kLength}), false, false},
      {"unknown tokens", response(GenerateResponse{"a b", {}, FinishReason::kStop}), response(text), true, false},
  };
}

TEST(Rerun, ComparesEveryPartOfAnAnswer) {
  size_t compared = 0;
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.what);
    const Rerun sample{"s", engine::GenerateRequest{}, test.recorded};
    RerunResult exact;
    compare_answer(0, sample, test.now, std::nullopt, exact);
    EXPECT_EQ(exact.all_equal(), test.equal);
    EXPECT_EQ(exact.failed(), !test.equal) << "without a tolerance whatever differs fails";
    EXPECT_EQ(exact.differences.empty(), test.equal);
    RerunResult near;
    compare_answer(0, sample, test.now, 0.01, near);
    EXPECT_EQ(near.all_equal(), test.equal) << "a tolerance hides nothing";
    EXPECT_EQ(near.failed(), test.failed_with_tolerance);
    const bool is_text = near.texts > 0;
    EXPECT_EQ(near.undecided(), is_text && !test.equal) << "a text that differs has to be judged";
    ++compared;
  }
  std::cout << compared << " pairs of answers\n";
}

TEST(Rerun, CountsOfTokensStandInForUnknownIds) {
  Rerun sample{"s", engine::GenerateRequest{}, response(GenerateResponse{"a b", {}, FinishReason::kStop}), 2, true};
  const Response now = response(GenerateResponse{"a b", {5, 6}, FinishReason::kStop});
  RerunResult same;
  compare_answer(0, sample, now, std::nullopt, same);
  EXPECT_TRUE(same.all_equal());
  sample.tokens = 3;
  RerunResult other;
  compare_answer(0, sample, now, std::nullopt, other);
  EXPECT_EQ(other.texts_differ, 1u);
  sample = {"s", engine::GenerateRequest{}, response(LogLikelihoodResponse{{-1}, {}})};
  EXPECT_THROW(compare_answer(0, sample, now, std::nullopt, other), Error) << "another kind of answer";
}

TEST(Rerun, TheDrawIsDeterminedByItsKeyAndFair) {
  EXPECT_EQ(draw_samples(5, 9, "1"), (std::vector<size_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(draw_samples(0, 9, "1"), std::vector<size_t>());
  // By python3: sorted(sorted(range(1000), key=lambda i: sha256(b"7:%d" % i).hexdigest())[:5])
  EXPECT_EQ(draw_samples(1000, 5, "7"), (std::vector<size_t>{203, 232, 430, 770, 930}));
  std::vector<int> times(100, 0);
  for (int seed = 0; seed < 2000; ++seed) {
    const std::vector<size_t> ten = draw_samples(100, 10, std::to_string(seed));
    const std::vector<size_t> twenty = draw_samples(100, 20, std::to_string(seed));
    EXPECT_EQ(std::set<size_t>(ten.begin(), ten.end()).size(), 10u);
    EXPECT_TRUE(std::includes(twenty.begin(), twenty.end(), ten.begin(), ten.end())) << "more items ask more";
    for (size_t i : ten) ++times[i];
  }
  // 200 times each on average; five standard deviations of a binomial are 67.
  for (int count : times) EXPECT_NEAR(count, 200, 67);
}

}  // namespace
}  // namespace assay::harness
