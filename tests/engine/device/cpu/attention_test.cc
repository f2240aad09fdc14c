#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "base/error.h"
#include "tests/engine/device/cpu/attention_fixture.h"
#include "tests/support/sanitizers.h"

namespace assay::engine {
namespace {

// Those of the golden models, of SmolLM2 and Llama 3, and some that divide nothing; soft caps, and windows of one
// position, within a page, across pages, of whole pages and beyond the sequence. Under a sanitizer the small ones.
const std::vector<AttentionShape> kShapes =
    testing::cases<std::vector<AttentionShape>>({{4, 4, 8},
                                                 {4, 2, 16},
                                                 {6, 2, 24},
                                                 {9, 3, 64},
                                                 {8, 2, 128},
                                                 {7, 1, 20},
                                                 {3, 3, 2},
                                                 {32, 1, 16},
                                                 {6, 2, 24, 6},
                                                 {4, 4, 8, 0, 1},
                                                 {6, 2, 24, 0, 5},
                                                 {8, 2, 24, 6, 16},
                                                 {9, 3, 64, 0, 33},
                                                 {3, 3, 2, 2, 64},
                                                 {7, 1, 20, 0, 1000}},
                                                {{4, 4, 8}, {6, 2, 24, 6}, {7, 1, 20, 0, 33}, {3, 3, 2, 0, 1}});

std::vector<float> rows_of(const std::vector<float>& out, const AttentionShape& shape, int begin, int end) {
  return {out.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(begin) * shape.out()),
          out.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(end) * shape.out())};
}

TEST(Attention, EqualsDoubleAndAllLevelsAgree) {
  size_t compared = 0;
  double worst = 0;
  for (const AttentionShape& shape : kShapes) {
    for (int tokens : {1, 2, 31, 32, 33, 100}) {
      const Sequence sequence = random_sequence(shape, tokens, 21, {3, 0, 2, 1});
      const std::vector<double> expected = attention_by_definition(shape, sequence);
      const std::vector<float> oracle = AttentionRig(shape, 4, kVectorOpsScalar, 1).run(sequence, {tokens});
      ASSERT_EQ(oracle.size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(oracle[i] - expected[i]));
      for (const NamedLevel& level : vector_levels()) {
        const std::vector<float> got = AttentionRig(shape, 4, *level.ops, 1).run(sequence, {tokens});
        EXPECT_EQ(different_bits(got, oracle), 0U) << level.name << " head_dim " << shape.head_dim;
        compared += got.size();
      }
    }
  }
  std::cout << compared << " values, worst difference " << worst << "\n";
  EXPECT_GT(compared, 0U);
  EXPECT_LT(worst, 3e-6);
}

TEST(Attention, LongContextStaysAccurate) {
  std::vector<int32_t> pages;
  for (int i = 0; i < 64; ++i) pages.push_back(63 - i);
  for (const AttentionShape& shape : {AttentionShape{3, 1, 64}, {1, 1, 32, 20}, {1, 1, 16, 0, 300}}) {
    const Sequence sequence = random_sequence(shape, testing::cases(2000, 600), 22, pages);
    const std::vector<double> expected = attention_by_definition(shape, sequence);
    const std::vector<float> got = AttentionRig(shape, 64, best_level(), 2).run(sequence, {512});
    double worst = 0;
    for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(got[i] - expected[i]));
    std::cout << got.size() << " values, worst difference " << worst << "\n";
    EXPECT_LT(worst, 3e-6) << "soft cap " << shape.soft_cap << ", window " << shape.window;
  }
}

// Pages before the window of every row of a block cost nothing.
int64_t pages_read = 0;

void count_pages(const AttentionBlock& block, int first_token, int tokens, const PageRun& run) {
  pages_read += run.count;
  best_level().attention_pages(block, first_token, tokens, run);
}

TEST(Attention, PagesBeforeTheWindowAreNotRead) {
  VectorOps counting = best_level();
  counting.attention_pages = count_pages;
  std::vector<int32_t> pages(32);
  for (int i = 0; i < 32; ++i) pages[static_cast<size_t>(i)] = i;
  for (const auto& [window, expected] : {std::pair{0, 32}, {1, 1}, {32, 1}, {33, 2}, {100, 4}, {5000, 32}}) {
    const AttentionShape shape{1, 1, 8, 0, window};
    const Sequence sequence = random_sequence(shape, 1024, 23, pages);
    AttentionRig rig(shape, 32, counting, 1);
    rig.step({{&sequence, 0, 1023}});
    pages_read = 0;
    rig.step({{&sequence, 1023, 1024}});  // one row, at the end of its page
    EXPECT_EQ(pages_read, expected) << "window " << window;
  }
}

// A block of sequences of several lengths on shared pages: each sees its own part of them.
TEST(BatchInvariance, WindowsOfSequencesThatShareTheirBeginning) {
  size_t compared = 0;
  for (const int window : {1, 20, 40, 100}) {
    const AttentionShape shape{2, 1, 16, 0, window};
    const std::vector<int> lengths{65, 130, 66, 200, 97};
    std::vector<int32_t> pages{0, 1};
    std::vector<Sequence> sequences;
    for (size_t i = 0; i < lengths.size(); ++i) {
      std::vector<int32_t> own = pages;
      for (int p = 2; p < 7; ++p) own.push_back(static_cast<int32_t>(2 + 5 * static_cast<int>(i) + p - 2));
      sequences.push_back(random_sequence(shape, lengths[i], static_cast<uint32_t>(60 + i), own));
      std::copy_n(sequences[0].qkv.begin(), 64 * shape.qkv(), sequences[i].qkv.begin());
    }
    for (const NamedLevel& level : vector_levels()) {
      AttentionRig rig(shape, 27, *level.ops, 2);
      std::vector<Piece> last;
      for (size_t i = 0; i < lengths.size(); ++i) {
        rig.step({{&sequences[i], i == 0 ? 0 : 64, lengths[i] - 1}});
        last.push_back({&sequences[i], lengths[i] - 1, lengths[i]});
      }
      const std::vector<float> together = rig.step(last);
      for (size_t i = 0; i < lengths.size(); ++i) {
        const std::vector<float> alone = AttentionRig(shape, 27, *level.ops, 1).run(sequences[i], {lengths[i]});
        const std::vector<float> got = rows_of(together, shape, static_cast<int>(i), static_cast<int>(i) + 1);
        EXPECT_EQ(different_bits(got, rows_of(alone, shape, lengths[i] - 1, lengths[i])), 0U)
            << level.name << " window " << window << " sequence " << i;
        compared += got.size();
      }
    }
  }
  std::cout << compared << " values\n";
}

TEST(Attention, LargeScoresDoNotOverflow) {
  const AttentionShape shape{2, 1, 16};
  Sequence sequence = random_sequence(shape, 80, 23, {0, 1, 2});
  for (float& x : sequence.qkv) x *= 20;  // scores of several hundred
  const std::vector<double> expected = attention_by_definition(shape, sequence);
  const std::vector<float> got = AttentionRig(shape, 3, best_level(), 1).run(sequence, {80});
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(got[i], expected[i], 2e-2) << i;
}

// The law: however a sequence is cut into steps, whatever else is in them, and on any number of threads.
TEST(BatchInvariance, AttentionOfASequenceCutIntoSteps) {
  size_t compared = 0;
  for (const AttentionShape& shape : kShapes) {
    const Sequence sequence = random_sequence(shape, 75, 24, {1, 3, 5});
    const Sequence other = random_sequence(shape, 75, 25, {0, 2, 4});
    for (const NamedLevel& level : vector_levels()) {
      const std::vector<float> whole = AttentionRig(shape, 6, *level.ops, 1).run(sequence, {75});
      for (const std::vector<int>& sizes : std::vector<std::vector<int>>{{1}, {2}, {7}, {31, 1, 1}, {33, 5}, {64, 3}}) {
        const std::vector<float> cut = AttentionRig(shape, 6, *level.ops, 2).run(sequence, sizes);
        EXPECT_EQ(different_bits(cut, whole), 0U) << level.name << " head_dim " << shape.head_dim;
        compared += cut.size();
      }
      for (int threads : {1, 2}) {
        AttentionRig rig(shape, 6, *level.ops, threads);
        const std::vector<float> first = rig.step({{&other, 0, 11}, {&sequence, 0, 40}, {&other, 11, 12}});
        const std::vector<float> second = rig.step({{&sequence, 40, 41}, {&other, 12, 75}, {&sequence, 41, 75}});
        EXPECT_EQ(different_bits(rows_of(first, shape, 11, 51), rows_of(whole, shape, 0, 40)), 0U) << level.name;
        EXPECT_EQ(different_bits(rows_of(second, shape, 0, 1), rows_of(whole, shape, 40, 41)), 0U) << level.name;
        EXPECT_EQ(different_bits(rows_of(second, shape, 64, 98), rows_of(whole, shape, 41, 75)), 0U) << level.name;
        compared += rows_of(whole, shape, 0, 75).size();
      }
    }
  }
  std::cout << compared << " values\n";
  EXPECT_GT(compared, 0U);
}

// Sequences that begin alike share pages, whole and by copies of half-filled ones; decoding them together has the bits
// of each computed alone.
TEST(BatchInvariance, SharedAndCopiedPages) {
  size_t compared = 0;
  for (const AttentionShape& shape : kShapes) {
    constexpr int kShared = 70;  // two whole pages and six positions of a third
    constexpr int kBranches = 9;
    constexpr int kTokens = 80;
    const Sequence trunk = random_sequence(shape, kTokens, 26, {0, 1, 2});
    std::vector<Sequence> branches;
    for (int b = 0; b < kBranches; ++b) {
      Sequence branch = random_sequence(shape, kTokens, static_cast<uint32_t>(30 + b), {0, 1, 3 + b});
      std::copy_n(trunk.qkv.begin(), kShared * shape.qkv(), branch.qkv.begin());
      branches.push_back(branch);
    }
    for (const NamedLevel& level : vector_levels()) {
      std::vector<std::vector<float>> alone;
      for (const Sequence& branch : branches) {
        alone.push_back(AttentionRig(shape, 3 + kBranches, *level.ops, 1).run(branch, {kTokens}));
      }
      for (int threads : {1, 2}) {
        AttentionRig rig(shape, 3 + kBranches, *level.ops, threads);
        std::vector<PageCopy> copies;
        for (int b = 0; b < kBranches; ++b) {
          rig.spoil(3 + b);
          // Each from the copy before it: copies of a step run in order.
          copies.push_back({b == 0 ? 2 : 2 + b, 3 + b, kShared % kPageTokens});
        }
        rig.step({{&trunk, 0, kTokens}}, copies);
        std::vector<std::vector<float>> got(kBranches);
        for (int t = kShared; t < kTokens; ++t) {
          std::vector<Piece> pieces;
          for (const Sequence& branch : branches) pieces.push_back({&branch, t, t + 1});
          const std::vector<float> out = rig.step(pieces);
          for (int b = 0; b < kBranches; ++b) {
            const std::vector<float> row = rows_of(out, shape, b, b + 1);
            got[b].insert(got[b].end(), row.begin(), row.end());
          }
        }
        for (int b = 0; b < kBranches; ++b) {
          EXPECT_EQ(different_bits(got[b], rows_of(alone[b], shape, kShared, kTokens)), 0U)
              << level.name << " head_dim " << shape.head_dim << " branch " << b;
          compared += got[b].size();
        }
      }
    }
  }
  std::cout << compared << " values\n";
  EXPECT_GT(compared, 0U);
}

// A NaN in a later token, or left in the page by somebody else, reaches no earlier row; its own row shows it.
TEST(BatchInvariance, NanReachesOnlyRowsThatSeeIt) {
  for (const AttentionShape& shape : kShapes) {
    const Sequence clean = random_sequence(shape, 50, 27, {0, 1});
    Sequence broken = clean;
    for (size_t i = 40 * shape.qkv(); i < 41 * shape.qkv(); ++i)
      broken.qkv[i] = std::numeric_limits<float>::quiet_NaN();
    for (const NamedLevel& level : vector_levels()) {
      AttentionRig rig(shape, 2, *level.ops, 1);
      rig.spoil(0);
      rig.spoil(1);
      const std::vector<float> expected = AttentionRig(shape, 2, *level.ops, 1).run(clean, {50});
      const std::vector<float> got = rig.run(broken, {50});
      const int end = shape.window == 0 ? 50 : std::min(50, 40 + shape.window);  // of the rows that see it
      EXPECT_EQ(different_bits(rows_of(got, shape, 0, 40), rows_of(expected, shape, 0, 40)), 0U) << level.name;
      for (float x : rows_of(got, shape, 40, end)) ASSERT_TRUE(std::isnan(x)) << level.name;
      EXPECT_EQ(different_bits(rows_of(got, shape, end, 50), rows_of(expected, shape, end, 50)), 0U) << level.name;
    }
  }
}

TEST(Attention, RefusesPagesThatAreNotThere) {
  const AttentionShape shape{2, 1, 8};
  AttentionRig rig(shape, 2, kVectorOpsScalar, 1);
  for (const std::vector<int32_t>& pages : std::vector<std::vector<int32_t>>{{}, {0}, {0, 2}, {-1, 0}}) {
    const Sequence sequence = random_sequence(shape, 33, 28, pages);
    EXPECT_THROW(rig.step({{&sequence, 0, 33}}), Error);
  }
  const Sequence sequence = random_sequence(shape, 33, 28, {0, 1});
  for (const PageCopy& bad : {PageCopy{0, 2, 1}, PageCopy{-1, 0, 1}, PageCopy{0, 1, 33}, PageCopy{0, 0, 1}}) {
    EXPECT_THROW(rig.step({{&sequence, 0, 33}}, {bad}), Error);
  }
}

}  // namespace
}  // namespace assay::engine
