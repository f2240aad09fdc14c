// The attention kernels against f64.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "tests/engine/device/cuda/attention_rig.h"
#include "tests/support/sanitizers.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;
using Kernel = AttentionKernel;

// Groups of 1, 2, 4, 7 and 8; every compiled size, full and not, aligned and not, even and odd.
const std::vector<AttentionShape> kShapes =
    assay::testing::cases<std::vector<AttentionShape>>({{2, 2, 6},
                                                        {2, 1, 16},
                                                        {7, 1, 20},
                                                        {8, 1, 32},
                                                        {3, 3, 33},
                                                        {4, 2, 64},
                                                        {8, 2, 64},
                                                        {2, 1, 80},
                                                        {4, 1, 96},
                                                        {1, 1, 97},
                                                        {8, 2, 128},
                                                        {2, 2, 160},
                                                        {4, 1, 256},
                                                        {5, 1, 7}},
                                                       {{7, 1, 20}, {4, 2, 64}, {2, 1, 256}});

struct NamedKernel {
  Kernel kernel;
  std::string name;
  std::vector<NamedType> types;
};
const std::vector<NamedKernel>& kernels() {
  static const std::vector<NamedKernel> all{{Kernel::kPrompt, "attention_prompt", {all_types()[1], all_types()[2]}},
                                            {Kernel::kPieces, "attention_pieces", {all_types()[1], all_types()[2]}},
                                            {Kernel::kPlain, "attention_plain", {all_types()[0]}}};
  return all;
}

// Three sequences whose pages lie in disorder.
const Sequence kA{1, {7, 2, 9, 0, 11}};
const Sequence kB{2, {4, 13, 1, 12, 3, 8, 15, 6, 10, 14, 16}};
const Sequence kC{3, {5}};
constexpr int kPages = 17;

void compare(const NamedKernel& kernel, const NamedType& type, const AttentionShape& shape, float deviation,
             const std::vector<Stretch>& step, Worst& worst) {
  AttentionRig rig(shape, type, kPages, deviation);
  for (const Stretch& stretch : step) rig.write(*stretch.sequence, 0, stretch.first + stretch.rows);
  rig.compare(step, rig.run(kernel.kernel, step), worst);
}

TEST(CudaAttention, EqualsDouble) {
  for (const NamedKernel& kernel : kernels()) {
    // Generated tokens come singly; a piece of their keys ends at 256.
    const std::vector<Stretch> step =
        kernel.kernel == Kernel::kPieces
            ? std::vector<Stretch>{{&kA, 63, 1}, {&kB, 300, 1}, {&kC, 0, 1}, {&kA, 129, 1}, {&kB, 255, 2}}
            : std::vector<Stretch>{{&kA, 0, 9}, {&kB, 190, 3}, {&kC, 31, 1}, {&kA, 121, 13}};
    for (const NamedType& type : kernel.types) {
      Worst worst;
      for (const AttentionShape& shape : kShapes) compare(kernel, type, shape, 1, step, worst);
      expect_within(worst, kernel.name + " " + type.name);
    }
  }
}

// Scores of thousands, where one key takes all, and scores of nearly nothing, where all keys count alike.
TEST(CudaAttention, LargeAndSmallScores) {
  for (const NamedKernel& kernel : kernels()) {
    for (float deviation : {40.0F, 0.01F}) {
      for (const NamedType& type : kernel.types) {
        Worst worst;
        compare(kernel, type, {4, 2, 64}, deviation, {{&kA, 100, 4}, {&kB, 270, 1}}, worst);
        compare(kernel, type, {2, 1, 20}, deviation, {{&kA, 100, 4}, {&kB, 270, 1}}, worst);
        expect_within(worst, kernel.name + " " + type.name + " deviation " + std::to_string(deviation));
      }
    }
  }
}

TEST(CudaAttention, SoftCapAndWindow) {
  const std::vector<AttentionShape> shapes{{4, 2, 64, 5},      {4, 2, 64, 0, 1},   {4, 2, 64, 0, 40},
                                           {2, 1, 20, 0, 64},  {4, 2, 64, 3, 100}, {2, 1, 256, 50, 70},
                                           {2, 1, 16, 0, 1000}};
  for (const NamedKernel& kernel : kernels()) {
    for (const NamedType& type : kernel.types) {
      Worst worst;
      for (const AttentionShape& shape : shapes) {
        compare(kernel, type, shape, 3, {{&kA, 0, 1}, {&kA, 60, 8}, {&kB, 300, 1}, {&kB, 349, 1}}, worst);
      }
      expect_within(worst, kernel.name + " " + type.name + " with caps and windows");
    }
  }
}

TEST(CudaAttention, LongRows) {
  constexpr int kTokens = assay::testing::cases(1500, 600);
  Sequence sequence{5, {}};
  for (int i = 0; i <= kTokens / 32; ++i) sequence.pages.push_back(kTokens / 32 - i);
  for (const NamedKernel& kernel : kernels()) {
    for (const NamedType& type : kernel.types) {
      AttentionRig rig({2, 1, 64}, type, kTokens / 32 + 1);
      rig.write(sequence, 0, kTokens);
      const std::vector<Stretch> step{{&sequence, kTokens - 2, 2}};
      Worst worst;
      rig.compare(step, rig.run(kernel.kernel, step), worst);
      expect_within(worst, kernel.name + " " + type.name + " of " + std::to_string(kTokens) + " keys");
    }
  }
}

// Keys that all score alike give the mean of the values: exact in any type for whole numbers and a power of 2.
TEST(CudaAttention, EqualKeysGiveTheMean) {
  for (const NamedKernel& kernel : kernels()) {
    for (const NamedType& type : kernel.types) {
      AttentionRig rig({1, 1, 16}, type, kPages);
      rig.write(kA, 0, 128);
      for (int i = 0; i < 128; ++i) {
        for (int d = 0; d < 16; ++d) {
          rig.key(kA, i, 0, d) = 1;
          rig.value(kA, i, 0, d) = static_cast<float>(i < 64 ? d : 2 - d);
        }
      }
      const std::vector<float> out = rig.run(kernel.kernel, {{&kA, 127, 1}});
      EXPECT_EQ(out, std::vector<float>(16, 1)) << kernel.name << " " << type.name;
    }
  }
}

TEST(CudaAttention, RefusesWhatItCannotDo) {
  const AttentionInputs good{nullptr, nullptr, nullptr, 4, 2, 64, 1};
  EXPECT_NO_THROW(attention_prompt(nullptr, Type::kBf16, {good, nullptr, 0, nullptr})) << "nothing to do";
  EXPECT_THROW(attention_prompt(nullptr, Type::kF32, {good, nullptr, 1, nullptr}), Error);
  EXPECT_THROW(attention_pieces(nullptr, Type::kF32, {good, nullptr, 1, nullptr, {}}), Error);
  EXPECT_THROW(merge_pieces(nullptr, Type::kF32, {{}, nullptr, 1, 4, 64, nullptr}), Error);
  EXPECT_THROW(merge_pieces(nullptr, Type::kBf16, {{}, nullptr, 1, 4, 257, nullptr}), Error);
  for (const AttentionInputs& bad :
       {AttentionInputs{nullptr, nullptr, nullptr, 4, 2, 257, 1},
        AttentionInputs{nullptr, nullptr, nullptr, 4, 2, 0, 1}, AttentionInputs{nullptr, nullptr, nullptr, 4, 3, 64, 1},
        AttentionInputs{nullptr, nullptr, nullptr, 4, 0, 64, 1},
        AttentionInputs{nullptr, nullptr, nullptr, 4, 2, 64, 0}}) {
    EXPECT_THROW(attention_prompt(nullptr, Type::kBf16, {bad, nullptr, 1, nullptr}), Error);
    EXPECT_THROW(attention_plain(nullptr, {bad, nullptr, 1, nullptr}), Error);
  }
}

// A list that was padded to a fixed length.
TEST(CudaAttention, ItemsWithoutRowsDoNothing) {
  const std::vector<PieceItem> none(3);
  const DeviceBuffer<PieceItem> items(none);
  const AttentionInputs in{nullptr, nullptr, nullptr, 4, 2, 64, 1};
  EXPECT_NO_THROW(attention_pieces(nullptr, Type::kBf16, {in, items.data(), 3, nullptr, {}}));
}

}  // namespace
}  // namespace assay::engine::cuda
