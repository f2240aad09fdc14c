// What the CUDA device is made of, apart from kernels: buffers that are used again, and what of a step is refused.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "engine/device/cuda/buffers.h"
#include "engine/device/cuda/kv_pages.h"
#include "engine/device/cuda/step_layout.h"
#include "engine/device/cuda/weights.h"
#include "tests/emulation/numbers.h"
#include "tests/engine/device/cuda/model/emulated_runtime.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::emulated_runtime;

TEST(CudaBuffers, AreUsedAgainOnceNobodyHasThem) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime(int64_t{1} << 20);
  BufferPool pool(*runtime);
  std::shared_ptr<void> first = pool.take(1000);
  const std::shared_ptr<void> second = pool.take(1000);
  EXPECT_NE(first, second);
  const void* address = first.get();
  first.reset();
  const int64_t free = runtime->free_bytes();
  EXPECT_EQ(pool.take(600).get(), address);  // 600 and 1000 are both rounded to 1024
  EXPECT_NE(pool.take(5000).get(), address);
  EXPECT_LT(runtime->free_bytes(), free);
  EXPECT_THROW(pool.take(size_t{2} << 20), Error);

  const std::vector<int32_t> values{3, 1, 4};
  std::vector<int32_t> back(values.size());
  runtime->copy_to_host(back.data(), pool.upload(values).get(), values.size() * sizeof(int32_t));
  EXPECT_EQ(back, values);
}

TEST(CudaStepLayout, RefusesSegmentsThatLie) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime();
  BufferPool pool(*runtime);
  const std::vector<int32_t> pages{0, 1, 7};
  // One page is too few for 33 positions.
  const std::vector<Segment> short_of_pages{{0, 33, 0, std::span(pages).first(1)}};
  EXPECT_THROW(StepLayout(pool, short_of_pages, {}), Error);
  const std::vector<Segment> good{{0, 70, 0, pages}};
  EXPECT_NE(StepLayout(pool, good, {}).places(8), nullptr);
  EXPECT_THROW(StepLayout(pool, good, {}).places(7), Error);  // page 7 of a cache of 7
  const std::vector<Segment> with_a_gap{{5, 10, 0, pages}};
  EXPECT_THROW(StepLayout(pool, with_a_gap, {}).places(8), Error);
  for (const PageCopy& copy : {PageCopy{0, 8, 1}, PageCopy{-1, 0, 1}, PageCopy{0, 1, kPageTokens + 1}}) {
    EXPECT_THROW(StepLayout(pool, good, std::vector{copy}).places(8), Error);
  }
}

// Layers with and without a window alternate: each kind has its plan, made once.
TEST(CudaStepLayout, KeepsOnePlanForEachWindow) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime();
  BufferPool pool(*runtime);
  std::vector<int32_t> pages(20);
  const std::vector<Segment> segments{{0, 1, 600, pages, true}};
  StepLayout layout(pool, segments, {});
  const AttentionWork& all = layout.attention(DataType::kBf16, 2, 0);
  const AttentionWork& near = layout.attention(DataType::kBf16, 2, 16);
  // Three pieces; without rows of prompts their number is rounded up to a power of two.
  EXPECT_EQ(all.pieces.count, 4);
  EXPECT_EQ(all.partials, 4);
  EXPECT_EQ(near.pieces.count, 1);
  EXPECT_EQ(near.partials, 1);
  EXPECT_EQ(&layout.attention(DataType::kBf16, 2, 0), &all);
  EXPECT_EQ(&layout.attention(DataType::kBf16, 2, 16), &near);
  // Position 600 sees as much through a window of 601 as without.
  EXPECT_EQ(&layout.attention(DataType::kBf16, 2, 601), &all);
  EXPECT_NE(&layout.attention(DataType::kBf16, 2, 600), &all);
}

TEST(CudaStepLayout, CopiesThatDependOnEachOtherAreApart) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime();
  BufferPool pool(*runtime);
  StepLayout layout(pool, {}, std::vector<PageCopy>{{0, 1, 4}, {2, 3, 4}, {1, 4, 4}});
  ASSERT_EQ(layout.copies().size(), 2u);
  EXPECT_EQ(layout.copies()[0].count, 2);
  EXPECT_EQ(layout.copies()[1].count, 1);
}

TEST(CudaWeights, AreTheFilesBytesWhereItHasTheType) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime();
  BufferPool pool(*runtime);
  constexpr int kRows = 37, kCols = 50;  // several parts, the last one shorter
  std::vector<uint16_t> file(kRows * kCols);
  for (size_t i = 0; i < file.size(); ++i) file[i] = static_cast<uint16_t>(0x3c00 + i % 700 + (i % 2) * 0x8000);
  const auto row_of = [&](int row) { return file.data() + row * kCols; };
  const auto as_f32 = [&](int row, float* out) {
    for (int col = 0; col < kCols; ++col) out[col] = emulation::bf16_to_float(row_of(row)[col]);
  };
  int rows_rounded = 0;
  const RowReader rounded = [&](int row, float* out) { ++rows_rounded, as_f32(row, out); };
  const RowReader stored([](int, float*) { FAIL() << "read as f32"; }, DataType::kBf16, row_of);
  for (const RowReader& reader : {rounded, stored}) {
    const DeviceMatrix matrix = load_matrix(*runtime, pool, kRows, kCols, DataType::kBf16, reader, 1);
    std::vector<uint16_t> back(file.size());
    runtime->copy_to_host(back.data(), matrix.memory.get(), back.size() * sizeof(uint16_t));
    EXPECT_EQ(back, file);
  }
  EXPECT_EQ(rows_rounded, kRows);
  const DeviceMatrix wider = load_matrix(*runtime, pool, kRows, kCols, DataType::kF32, rounded, 1);
  std::vector<float> back(file.size());
  runtime->copy_to_host(back.data(), wider.memory.get(), back.size() * sizeof(float));
  EXPECT_EQ(back[kCols + 1], emulation::bf16_to_float(file[kCols + 1]));
}

TEST(CudaRotations, GrowWithThePositionAndTheFrequencies) {
  const std::unique_ptr<Runtime> runtime = emulated_runtime();
  RotationTable table(*runtime);
  const std::vector<float> slow{0.5, 0.25}, fast{1, 2};
  const auto at = [&](const float* rotations, int position) {
    std::vector<float> values(4);
    runtime->copy_to_host(values.data(), rotations + position * 4, sizeof(float) * 4);
    return values;
  };
  const auto expected = [](const std::vector<float>& f, int position) {
    return std::vector<float>{static_cast<float>(std::cos(double{static_cast<float>(position) * f[0]})),
                              static_cast<float>(std::sin(double{static_cast<float>(position) * f[0]})),
                              static_cast<float>(std::cos(double{static_cast<float>(position) * f[1]})),
                              static_cast<float>(std::sin(double{static_cast<float>(position) * f[1]}))};
  };
  const float* first = table.prepare(slow, 10);
  EXPECT_EQ(table.prepare(slow, 2048), first);  // is there already
  EXPECT_EQ(at(table.prepare(slow, 5000), 4999), expected(slow, 4999));
  EXPECT_EQ(at(table.prepare(fast, 3), 2), expected(fast, 2));
}

}  // namespace
}  // namespace assay::engine::cuda
