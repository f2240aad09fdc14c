// One sequence as steps of a model, for tests that need no scheduler.
#pragma once

#include <numeric>
#include <vector>

#include "engine/model/model.h"

namespace assay::testing {

// Feeds one sequence to a model whose cache it has for itself.
class SequenceFeeder {
 public:
  explicit SequenceFeeder(int pages) : pages_(static_cast<size_t>(pages)) {
    std::iota(pages_.begin(), pages_.end(), 0);
  }

  // The next tokens of the sequence as one step; valid until the next call.
  engine::Step& append(std::vector<engine::TokenId> tokens) {
    step_ = {};
    const int rows = static_cast<int>(tokens.size());
    const int covered = (length_ + rows + engine::kPageTokens - 1) / engine::kPageTokens;
    step_.segments = {{0, rows, length_, std::span(pages_).first(static_cast<size_t>(covered))}};
    step_.tokens = std::move(tokens);
    length_ += rows;
    return step_;
  }
  int length() const { return length_; }

 private:
  std::vector<int32_t> pages_;
  engine::Step step_;
  int length_ = 0;
};

}  // namespace assay::testing
