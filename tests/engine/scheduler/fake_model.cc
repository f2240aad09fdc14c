#include "tests/engine/scheduler/fake_model.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace assay::engine::testing {
namespace {

uint64_t mix(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15;
  hash *= 0xBF58476D1CE4E5B9;
  return hash ^ (hash >> 31);
}

uint64_t hash_of(std::span<const TokenId> tokens) {
  uint64_t hash = tokens.size();
  for (const TokenId token : tokens) hash = mix(hash, static_cast<uint64_t>(token));
  return hash;
}

}  // namespace

LogProbability fake_logprob(std::span<const TokenId> seen, TokenId target) {
  const uint64_t hash = mix(hash_of(seen), static_cast<uint64_t>(target));
  return {-static_cast<float>(hash % 1000003) / 1000, (hash >> 40) % 3 == 0};
}

TokenId fake_next_token(std::span<const TokenId> seen, const Device::Draw& draw) {
  const uint64_t hash = mix(mix(mix(hash_of(seen), draw.sampling.sample_key), draw.sampling.repeat), draw.position);
  return static_cast<TokenId>(hash % kFakeVocabulary);
}

TokenId& FakeModel::at(std::span<const int32_t> pages, int position) {
  const auto page = static_cast<size_t>(pages[static_cast<size_t>(position / kPageTokens)]);
  return cache_.at(page * kPageTokens + static_cast<size_t>(position % kPageTokens));
}

void FakeModel::check_form(const Step& step, int step_tokens) const {
  ASSERT_FALSE(step.tokens.empty());
  ASSERT_LE(step.tokens.size(), static_cast<size_t>(step_tokens));
  int row = 0;
  for (const Segment& segment : step.segments) {
    ASSERT_EQ(segment.first_row, row);
    ASSERT_GE(segment.rows, 1);
    ASSERT_EQ(segment.pages.size(),
              static_cast<size_t>((segment.first_position + segment.rows + kPageTokens - 1) / kPageTokens));
    row += segment.rows;
  }
  ASSERT_EQ(static_cast<size_t>(row), step.tokens.size());
  const auto by_row = [](const auto& a, const auto& b) { return a.row < b.row; };
  ASSERT_TRUE(std::is_sorted(step.targets.begin(), step.targets.end(), by_row));
  ASSERT_TRUE(std::is_sorted(step.next_tokens.begin(), step.next_tokens.end(), by_row));
}

StepResult FakeModel::forward(const Step& step, int step_tokens) {
  check_form(step, step_tokens);
  ++steps_;
  rows_ += static_cast<int64_t>(step.tokens.size());
  copies_ += static_cast<int64_t>(step.copies.size());
  largest_step_ = std::max(largest_step_, static_cast<int64_t>(step.tokens.size()));
  for (const Segment& segment : step.segments) {
    for (int i = 0; i < segment.rows; ++i) {
      at(segment.pages, segment.first_position + i) = step.tokens[static_cast<size_t>(segment.first_row + i)];
    }
  }
  for (const PageCopy& copy : step.copies) {
    for (int i = 0; i < copy.tokens; ++i) at({&copy.to, 1}, i) = at({&copy.from, 1}, i);
  }

  // As in the device, everything is read only after everything is written.
  std::vector<std::vector<TokenId>> seen(step.tokens.size());
  const auto see = [&](int row) -> const std::vector<TokenId>& {
    std::vector<TokenId>& tokens = seen[static_cast<size_t>(row)];
    const auto behind = std::upper_bound(step.segments.begin(), step.segments.end(), row,
                                         [](int r, const Segment& segment) { return r < segment.first_row; });
    const Segment& segment = *std::prev(behind);
    const int last = segment.first_position + row - segment.first_row;
    if (tokens.empty()) {
      for (int position = 0; position <= last; ++position) tokens.push_back(at(segment.pages, position));
    }
    return tokens;
  };
  StepResult result;
  for (const Target& target : step.targets) result.logprobs.push_back(fake_logprob(see(target.row), target.token));
  for (const Step::NextToken& next : step.next_tokens) {
    result.next_tokens.push_back(fake_next_token(see(next.row), next.draw));
  }
  return result;
}

}  // namespace assay::engine::testing
