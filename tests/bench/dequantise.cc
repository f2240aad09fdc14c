// How fast each stored type becomes f32: rows of 4,096 values, as a loader takes them, one thread. The blocks come from
// a few megabytes, the row goes to the first-level cache. items_per_second are values, bytes_per_second of the f32.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "engine/checkpoint/block_types.h"

namespace assay::engine {
namespace {

constexpr int64_t kRow = 4096;
constexpr int64_t kRows = 512;

void dequantise(benchmark::State& state, const BlockType* type) {
  const int64_t row_bytes = kRow / type->block_values * type->block_bytes;
  std::vector<uint8_t> blocks(static_cast<size_t>(kRows * row_bytes));
  std::mt19937 random(1);
  for (uint8_t& byte : blocks) byte = static_cast<uint8_t>(random());
  std::vector<float> out(kRow);
  for (auto _ : state) {
    for (int64_t row = 0; row < kRows; ++row) {
      type->dequantise(blocks.data() + row * row_bytes, kRow, out.data());
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(state.iterations() * kRows * kRow);
  state.SetBytesProcessed(state.iterations() * kRows * kRow * static_cast<int64_t>(sizeof(float)));
}

int register_all() {
  for (uint32_t number = 0; number < 64; ++number) {
    const BlockType* type = find_ggml_type(number);
    if (type == nullptr || type->dequantise == nullptr) continue;
    benchmark::RegisterBenchmark(type->name, dequantise, type);
  }
  return 0;
}

[[maybe_unused]] const int kRegistered = register_all();

}  // namespace
}  // namespace assay::engine

BENCHMARK_MAIN();
