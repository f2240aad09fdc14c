#include "engine/share_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <numeric>

#include "engine/scheduler/prefix_order.h"

namespace assay::engine {
namespace {

// `questions` of each of `subjects`, which share 200 tokens of shots within a subject, in an order that mixes them.
std::vector<EncodedRequest> questions_of_subjects(int subjects, int questions) {
  std::vector<EncodedRequest> requests;
  for (int question = 0; question < questions; ++question) {
    for (int subject = 0; subject < subjects; ++subject) {
      EncodedRequest request;
      std::vector<TokenId> ids(200, subject);
      for (int i = 0; i < 20; ++i) ids.push_back(1000 + question + i);
      request.scored.push_back({ids, {{static_cast<int>(ids.size()) - 1, 5}}});
      requests.push_back(std::move(request));
    }
  }
  return requests;
}

int64_t tokens_to_compute(std::span<const EncodedRequest> requests, std::span<const size_t> which) {
  std::vector<std::span<const TokenId>> sequences;
  for (const size_t r : which) {
    for (const ScoredSequence& sequence : requests[r].scored) sequences.emplace_back(sequence.inputs);
    if (requests[r].generated) sequences.emplace_back(requests[r].generated->prompt);
  }
  const PrefixOrder sorted = sort_by_prefix(sequences);
  int64_t tokens = 0;
  for (const auto& sequence : sequences) tokens += static_cast<int64_t>(sequence.size());
  return std::accumulate(sorted.shared.begin(), sorted.shared.end(), tokens, std::minus<>());
}

TEST(ShareOut, EveryRequestHasOnePlaceAndPrefixesStayTogether) {
  const std::vector<EncodedRequest> requests = questions_of_subjects(13, 40);
  std::vector<size_t> all(requests.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const int64_t alone = tokens_to_compute(requests, all);
  for (const int shares : {1, 2, 3, 8, 13}) {
    const std::vector<std::vector<size_t>> parts = share_out(requests, shares);
    ASSERT_EQ(parts.size(), static_cast<size_t>(shares));
    std::vector<size_t> seen;
    int64_t most = 0, together = 0;
    for (const std::vector<size_t>& part : parts) {
      EXPECT_TRUE(std::ranges::is_sorted(part));
      seen.insert(seen.end(), part.begin(), part.end());
      const int64_t tokens = tokens_to_compute(requests, part);
      most = std::max(most, tokens);
      together += tokens;
    }
    std::ranges::sort(seen);
    EXPECT_EQ(seen, all);
    // A cut goes through one subject at most, whose shots are then computed twice.
    EXPECT_LE(together, alone + (shares - 1) * 200);
    EXPECT_LE(most, alone / shares + 2 * 220) << shares;
    std::cout << shares << " shares: " << together << " tokens, the largest " << most << "\n";
  }
}

TEST(ShareOut, FewRequestsAndNone) {
  EXPECT_EQ(share_out({}, 3), std::vector<std::vector<size_t>>(3));
  std::vector<EncodedRequest> two(2);
  two[0].generated = GeneratedSequence{{1, 2, 3}, 100, {}};
  two[1].generated = GeneratedSequence{{1, 2, 4}, 100, {}};
  size_t placed = 0;
  for (const auto& part : share_out(two, 5)) placed += part.size();
  EXPECT_EQ(placed, 2u);
  // Requests that ask nothing of the model still have a place.
  placed = 0;
  for (const auto& part : share_out(std::vector<EncodedRequest>(4), 2)) placed += part.size();
  EXPECT_EQ(placed, 4u);
}

}  // namespace
}  // namespace assay::engine
