#include "engine/device/cuda/attention_plan.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "base/error.h"

namespace assay::engine::cuda {
namespace {

TEST(CudaAttentionPlan, PromptTilesCoverEveryRowOnceLongestFirst) {
  size_t seen = 0;
  for (int group : {1, 2, 4, 7, 8, 71}) {
    const std::vector<DeviceSegment> segments{{0, 130, 0, 0}, {130, 1, 500, 5}, {131, 0, 9, 30}, {131, 37, 63, 30}};
    std::map<std::pair<int, int>, int> covered;  // (row, head of the group)
    int last = 1 << 30;
    for (const PromptTile& tile : plan_prompt(segments, group, 0)) {
      ASSERT_GT(tile.rows, 0);
      ASSERT_LE(tile.rows, kAttentionRows);
      const int longest = tile.position + (tile.first + tile.rows - 1) / group;
      EXPECT_LE(longest, last);
      last = longest;
      for (int i = tile.first; i < tile.first + tile.rows; ++i) ++covered[{tile.row + i / group, i % group}];
    }
    EXPECT_EQ(covered.size(), static_cast<size_t>(168 * group));
    for (const auto& [row, times] : covered) EXPECT_EQ(times, 1) << row.first;
    seen += covered.size();
  }
  std::cout << seen << " rows\n";
}

// Sequences of a tree: each begins like an earlier one for some pages.
TEST(CudaAttentionPlan, EachRowMeetsEachOfItsPagesOnce) {
  std::mt19937 random(7);
  size_t meetings = 0;
  size_t shared = 0;
  for (int group : {1, 4, 7, 100}) {
    std::vector<int32_t> pages;
    std::vector<DeviceSegment> segments;
    int next_page = 0;
    for (int s = 0; s < 40; ++s) {
      const int position = static_cast<int>(random() % 1500);
      const int needed = position / kPageTokens + 1;
      const auto first = static_cast<int32_t>(pages.size());
      for (int i = 0; i < needed; ++i) {
        const DeviceSegment* like = segments.empty() ? nullptr : &segments[random() % segments.size()];
        const bool begins_alike = i == 0 && like != nullptr;
        const int alike = begins_alike ? std::min(needed, like->first_position / kPageTokens) : 0;
        for (int j = 0; j < alike; ++j) pages.push_back(pages[static_cast<size_t>(like->first_page + j)]);
        i += alike;
        if (i < needed) pages.push_back(next_page++);
      }
      segments.push_back({s, 1, position, first});
    }
    const PiecePlan plan = plan_pieces(segments, pages, group, 0);
    ASSERT_EQ(plan.merges.size(), segments.size());
    std::set<std::tuple<int, int, int>> met;  // (partial, head of the group, page)
    std::set<int> partials;
    int last = kPieceTokens;
    for (const PieceItem& item : plan.items) {
      EXPECT_EQ(item.begin % kPieceTokens, 0);
      EXPECT_LE(item.end - item.begin, last);
      EXPECT_LE(item.rows, kAttentionRows);
      last = item.end - item.begin;
      shared += item.rows > group ? 1 : 0;
      int lowest = 1 << 30;
      int highest = 0;
      for (int i = item.first; i < item.first + item.rows; ++i) {
        const PieceRow& row = plan.rows[static_cast<size_t>(item.first_row + i / group)];
        const DeviceSegment& segment = segments[static_cast<size_t>(row.row)];
        EXPECT_EQ(row.position, segment.first_position);
        EXPECT_EQ(row.partial, plan.merges[static_cast<size_t>(row.row)].first_partial + item.begin / kPieceTokens);
        partials.insert(row.partial);
        lowest = std::min(lowest, row.position);
        highest = std::max(highest, row.position);
        for (int key = item.begin; key < item.end && key <= row.position; key += kPageTokens) {
          const size_t at = static_cast<size_t>((key - item.begin) / kPageTokens);
          EXPECT_EQ(pages[static_cast<size_t>(item.first_page) + at],
                    pages[static_cast<size_t>(segment.first_page + key / kPageTokens)]);
          EXPECT_TRUE(met.insert({row.partial, i % group, key}).second);
        }
      }
      EXPECT_EQ(item.lowest, lowest);
      EXPECT_EQ(item.highest, highest);
    }
    size_t expected = 0;
    for (const DeviceSegment& segment : segments) {
      expected += static_cast<size_t>((segment.first_position / kPageTokens + 1) * group);
    }
    EXPECT_EQ(met.size(), expected);
    EXPECT_EQ(partials.size(), static_cast<size_t>(plan.partials));
    meetings += met.size();
  }
  EXPECT_GT(shared, 0U);
  std::cout << meetings << " pages met, " << shared << " items with several tokens\n";
}

// Rows that share a prefix read it once, though they do not stand together in the step.
TEST(CudaAttentionPlan, ASharedPrefixIsReadOnce) {
  std::vector<int32_t> pages;
  std::vector<DeviceSegment> segments;
  for (int s = 0; s < 32; ++s) {
    const auto first = static_cast<int32_t>(pages.size());
    for (int i = 0; i < 16; ++i) pages.push_back(s % 2 * 16 + i);
    pages.push_back(100 + s);
    segments.push_back({s, 1, 520, first});
  }
  const PiecePlan plan = plan_pieces(segments, pages, 4, 0);
  // Two prefixes of two pieces for 16 rows of 4 heads each, and 32 private ends.
  EXPECT_EQ(plan.items.size(), 2U * 2 + 32);
  EXPECT_EQ(plan.items[0].rows, kAttentionRows);
  EXPECT_EQ(plan.items.back().rows, 4);
  EXPECT_EQ(plan.partials, 32 * 3);
}

// With a window, a row meets the pieces that it sees a position of, and no others.
TEST(CudaAttentionPlan, WhatNoRowSeesIsLeftOut) {
  std::vector<int32_t> pages(64);
  std::iota(pages.begin(), pages.end(), 0);
  std::vector<DeviceSegment> segments;
  const std::vector<int> positions{0, 255, 256, 300, 511, 767, 768, 2000};
  for (size_t i = 0; i < positions.size(); ++i) segments.push_back({static_cast<int32_t>(i), 1, positions[i], 0});
  size_t met = 0;
  for (int window : {1, 2, 45, 256, 257, 1000, 5000}) {
    for (int group : {1, 7, 100}) {
      const PiecePlan plan = plan_pieces(segments, pages, group, window);
      std::map<int, std::set<int>> seen;  // by position: pieces
      std::set<int> partials;
      for (const PieceItem& item : plan.items) {
        const int piece = item.begin / kPieceTokens;
        EXPECT_EQ(item.first_page, piece * kPieceTokens / kPageTokens);
        for (int i = item.first; i < item.first + item.rows; ++i) {
          const PieceRow& row = plan.rows[static_cast<size_t>(item.first_row + i / group)];
          seen[row.position].insert(piece);
          const MergeRow& merge = plan.merges[static_cast<size_t>(row.row)];
          const int first = std::max(0, row.position - window + 1) / kPieceTokens;
          EXPECT_EQ(row.partial, merge.first_partial + piece - first);
          partials.insert(row.partial);
        }
      }
      for (const int position : positions) {
        std::set<int> expected;
        for (int j = std::max(0, position - window + 1); j <= position; ++j) expected.insert(j / kPieceTokens);
        EXPECT_EQ(seen[position], expected) << "window " << window << " position " << position;
        met += expected.size();
      }
      EXPECT_EQ(partials.size(), static_cast<size_t>(plan.partials));
      for (size_t i = 0; i < positions.size(); ++i) {
        EXPECT_EQ(static_cast<size_t>(plan.merges[i].pieces), seen[positions[i]].size());
      }
    }
  }
  std::cout << met << " pieces met through windows\n";
}

// The longest work is then that of the rows that see most, wherever they stand.
TEST(CudaAttentionPlan, AWindowMakesLateRowsNoLonger) {
  const std::vector<DeviceSegment> segments{{0, 1, 5, 0}, {1, 1, 9000, 1}, {2, 1, 60, 300}};
  const std::vector<PlainRow> plain = plan_plain(segments, 50);
  EXPECT_EQ(std::vector<int>({plain[0].row, plain[1].row, plain[2].row}), std::vector<int>({1, 2, 0}));
  EXPECT_EQ(plan_plain(segments, 4)[0].row, 0);
  // 64 tokens from the start against 10 late ones, which see 109 keys or 49 together.
  const std::vector<DeviceSegment> prompts{{0, 64, 0, 0}, {64, 10, 900, 2}};
  EXPECT_EQ(plan_prompt(prompts, 1, 100)[0].position, 900);
  EXPECT_EQ(plan_prompt(prompts, 1, 40)[0].position, 0);
}

TEST(CudaAttentionPlan, NothingToDo) {
  EXPECT_TRUE(plan_prompt({}, 4, 0).empty());
  EXPECT_TRUE(plan_plain({}, 0).empty());
  const PiecePlan plan = plan_pieces({}, {}, 4, 0);
  EXPECT_TRUE(plan.items.empty());
  EXPECT_EQ(plan.partials, 0);
}

TEST(CudaAttentionPlan, RefusesPagesThatAreNotThereAndShapesItCannotTake) {
  const std::vector<int32_t> pages{0, 1};
  EXPECT_NO_THROW(plan_pieces(std::vector<DeviceSegment>{{0, 1, 63, 0}}, pages, 1, 0));
  EXPECT_THROW(plan_pieces(std::vector<DeviceSegment>{{0, 1, 64, 0}}, pages, 1, 0), Error);
  EXPECT_THROW(plan_pieces(std::vector<DeviceSegment>{{0, 1, 0, 2}}, pages, 1, 0), Error);
  EXPECT_NO_THROW(check_attention_shape(32, 8, 128));
  EXPECT_NO_THROW(check_attention_shape(71, 1, 256));
  EXPECT_THROW(check_attention_shape(32, 8, 257), Error);
  EXPECT_THROW(check_attention_shape(32, 8, 0), Error);
  EXPECT_THROW(check_attention_shape(32, 5, 64), Error);
  EXPECT_THROW(check_attention_shape(32, 0, 64), Error);
}

}  // namespace
}  // namespace assay::engine::cuda
