// Batch invariance of the attention kernels: a row's bits are its own.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "tests/engine/device/cuda/attention_rig.h"
#include "tests/support/sanitizers.h"

namespace assay::engine::cuda {
namespace {

using Kernel = AttentionKernel;

const std::vector<AttentionShape> kShapes = assay::testing::cases<std::vector<AttentionShape>>(
    {{2, 2, 6}, {7, 1, 20}, {2, 1, 64, 5, 10}, {1, 1, 128}, {1, 1, 256}}, {{7, 1, 20}, {2, 1, 64, 5, 10}});

// The type of a case. What could break this is the same text for both 16-bit types, so the shapes take turns.
NamedType type_of(Kernel kernel, const AttentionShape& shape) {
  if (kernel == Kernel::kPlain) return all_types()[0];
  return shape.head_dim % 64 == 0 ? all_types()[1] : all_types()[2];
}

const Sequence kA{1, {7, 2, 9, 0, 11}};
const Sequence kB{2, {4, 13, 1}};
constexpr int kPages = 64;

// However a prompt is cut into steps, and whatever else is in them.
TEST(CudaBatchInvariance, APromptCutIntoSteps) {
  size_t compared = 0;
  for (Kernel kernel : {Kernel::kPrompt, Kernel::kPlain}) {
    for (const AttentionShape& shape : kShapes) {
      const NamedType type = type_of(kernel, shape);
      constexpr int kTokens = 140;
      AttentionRig whole_rig(shape, type, kPages);
      whole_rig.write(kA, 0, kTokens);
      const std::vector<float> whole = whole_rig.run(kernel, {{&kA, 0, kTokens}});
      for (const std::vector<int>& cuts : std::vector<std::vector<int>>{{0, 1, 65, 140}, {0, 50, 127, 140}}) {
        AttentionRig rig(shape, type, kPages);
        rig.write(kB, 0, 70);
        for (size_t i = 0; i + 1 < cuts.size(); ++i) {
          const int rows = cuts[i + 1] - cuts[i];
          rig.write(kA, cuts[i], cuts[i + 1]);
          const std::vector<float> got = rig.run(kernel, {{&kB, 3, 5}, {&kA, cuts[i], rows}, {&kB, 60, 5}});
          const std::vector<float> expected = rows_of(whole, rig.width(), cuts[i], rows);
          EXPECT_EQ(different_bits(rows_of(got, rig.width(), 5, rows), expected), 0U)
              << type.name << " head_dim " << shape.head_dim << " rows from " << cuts[i];
          compared += expected.size();
        }
      }
    }
  }
  std::cout << compared << " values\n";
  EXPECT_GT(compared, 0U);
}

// Sequences that share a prefix of 512 positions and end within their third piece, packed or alone.
TEST(CudaBatchInvariance, SharedPiecesHaveTheBitsOfPrivateOnes) {
  size_t compared = 0;
  for (const AttentionShape& shape : kShapes) {
    const NamedType type = type_of(Kernel::kPieces, shape);
    std::vector<Sequence> sequences;
    constexpr int kSequences = 11;
    for (int s = 0; s < kSequences; ++s) {
      Sequence sequence{static_cast<uint32_t>(s), {}};
      for (int page = 0; page < 16; ++page) sequence.pages.push_back(40 - page);
      for (int page = 0; page < 2; ++page) sequence.pages.push_back(page < s % 2 ? 41 : 42 + 2 * s + page);
      sequences.push_back(sequence);
    }
    AttentionRig rig(shape, type, 42 + 2 * kSequences);
    std::vector<Stretch> together;
    rig.write(sequences[0], 0, 512);
    for (const Sequence& sequence : sequences) rig.write(sequence, 512, 576);
    for (int s = 0; s < kSequences; ++s) together.push_back({&sequences[static_cast<size_t>(s)], 511 + 5 * s, 1});
    const std::vector<float> packed = rig.run(Kernel::kPieces, together);
    Worst worst;
    rig.compare(together, packed, worst);
    EXPECT_LE(worst.share(), 1) << type.name << " head_dim " << shape.head_dim;
    for (int s = 0; s < kSequences; ++s) {
      const std::vector<float> alone = rig.run(Kernel::kPieces, {together[static_cast<size_t>(s)]});
      EXPECT_EQ(different_bits(alone, rows_of(packed, rig.width(), s, 1)), 0U)
          << type.name << " head_dim " << shape.head_dim << " sequence " << s;
      compared += alone.size();
    }
  }
  std::cout << compared << " values\n";
  EXPECT_GT(compared, 0U);
}

TEST(CudaBatchInvariance, ANanReachesTheRowsThatSeeItAndNoOther) {
  constexpr int kTokens = 100;
  size_t compared = 0;
  size_t poisoned = 0;
  for (Kernel kernel : {Kernel::kPrompt, Kernel::kPieces, Kernel::kPlain}) {
    for (const AttentionShape& shape : kShapes) {
      const NamedType type = type_of(kernel, shape);
      for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (bool in_values : {false, true}) {
          AttentionRig rig(shape, type, kPages);
          rig.write(kA, 0, kTokens);
          const std::vector<float> clean = rig.run(kernel, {{&kA, 60, 24}});
          (in_values ? rig.value(kA, 70, 0, 3) : rig.key(kA, 70, 0, 3)) = bad;
          const std::vector<float> got = rig.run(kernel, {{&kA, 60, 24}});
          const int width = rig.width();
          for (int row = 0; row < 24; ++row) {
            const std::vector<float> now = rows_of(got, width, row, 1);
            const std::vector<float> before = rows_of(clean, width, row, 1);
            const bool sees = row >= 10 && (shape.window == 0 || row - 10 < shape.window);
            if (!sees) {
              EXPECT_EQ(different_bits(now, before), 0U)
                  << type.name << " head_dim " << shape.head_dim << " row " << row;
              compared += now.size();
            } else if (in_values) {
              // Column 3 of the heads of the group, and nothing else.
              EXPECT_TRUE(std::isnan(now[3])) << type.name << " head_dim " << shape.head_dim << " row " << row;
              EXPECT_EQ(different_bits(now, before), static_cast<size_t>(shape.heads / shape.kv_heads));
            } else if (std::isnan(bad)) {
              // An infinite key may score minus infinity, and then weighs nothing.
              EXPECT_TRUE(std::isnan(now[3])) << type.name << " head_dim " << shape.head_dim << " row " << row;
            }
            poisoned += std::isnan(now[3]) ? 1 : 0;
          }
          // The same where the step ends, where a tile ends, and alone.
          for (int first : {69, 70, 81}) {
            const std::vector<float> part = rig.run(kernel, {{&kA, first, 2}});
            EXPECT_EQ(different_bits(part, rows_of(got, width, first - 60, 2)), 0U)
                << type.name << " head_dim " << shape.head_dim << " from " << first;
            compared += part.size();
          }
        }
      }
    }
  }
  std::cout << compared << " values equal, " << poisoned << " rows show it\n";
  EXPECT_GT(poisoned, 0U);
}

TEST(CudaBatchInvariance, InF32GeneratedRowsEqualPromptRows) {
  const AttentionShape shape{4, 2, 20};
  AttentionRig rig(shape, all_types()[0], kPages);
  rig.write(kA, 0, 140);
  const std::vector<float> whole = rig.run(Kernel::kPlain, {{&kA, 0, 140}});
  for (int position : {0, 31, 32, 139}) {
    const std::vector<float> row = rig.run(Kernel::kPlain, {{&kA, position, 1}});
    EXPECT_EQ(different_bits(row, rows_of(whole, rig.width(), position, 1)), 0U) << position;
  }
}

}  // namespace
}  // namespace assay::engine::cuda
