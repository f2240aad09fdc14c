// A model whose answer for a row is a hash of the tokens that the row can see through its page table. If a page, a
// copy, a position or the order of a step were wrong, the answer would differ from that of the sequence alone.
#pragma once

#include <vector>

#include "engine/scheduler/scheduler.h"

namespace assay::engine::testing {

inline constexpr TokenId kFakeVocabulary = 50;

// What the fake model says after the tokens `seen`.
LogProbability fake_logprob(std::span<const TokenId> seen, TokenId target);
TokenId fake_next_token(std::span<const TokenId> seen, const Device::Draw& draw);

class FakeModel {
 public:
  explicit FakeModel(int pages) : cache_(static_cast<size_t>(pages) * kPageTokens, -1) {}

  // Checks the form of the step as well: Google Test failures, and a result of the right size in any case.
  StepResult forward(const Step& step, int step_tokens);

  int64_t rows() const { return rows_; }
  int64_t steps() const { return steps_; }
  int64_t copies() const { return copies_; }
  int64_t largest_step() const { return largest_step_; }

 private:
  void check_form(const Step& step, int step_tokens) const;
  TokenId& at(std::span<const int32_t> pages, int position);

  std::vector<TokenId> cache_;  // (pages, kPageTokens)
  int64_t rows_ = 0;
  int64_t steps_ = 0;
  int64_t copies_ = 0;
  int64_t largest_step_ = 0;
};

}  // namespace assay::engine::testing
