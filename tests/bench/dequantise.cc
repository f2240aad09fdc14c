// How fast each stored type becomes f32: rows of 4,096 values, as a loader takes them, one thread. The blocks come from
// the second-level cache, the row goes to the first. `values` is of the middle pass, in values a second of the thread's
// own time, for a machine with neighbours; `f32` and `file` are its bytes.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/checkpoint/block_types.h"

namespace assay::engine {
namespace {

constexpr int64_t kRow = 4096;
constexpr int64_t kRows = 64;

double thread_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void dequantise(benchmark::State& state, const BlockType* type) {
  const int64_t row_bytes = kRow / type->block_values * type->block_bytes;
  std::vector<uint8_t> blocks(static_cast<size_t>(kRows * row_bytes));
  std::mt19937 random(1);
  for (uint8_t& byte : blocks) byte = static_cast<uint8_t>(random());
  std::vector<float> out(kRow);
  std::vector<double> passes;
  for (auto _ : state) {
    const double start = thread_seconds();
    for (int64_t row = 0; row < kRows; ++row) {
      type->dequantise(blocks.data() + row * row_bytes, kRow, out.data());
      benchmark::ClobberMemory();
    }
    passes.push_back(thread_seconds() - start);
  }
  const auto middle = passes.begin() + static_cast<ptrdiff_t>(passes.size() / 2);
  std::nth_element(passes.begin(), middle, passes.end());
  const double values = static_cast<double>(kRows * kRow) / *middle;
  state.counters["values"] = values;
  state.counters["f32"] = values * sizeof(float);
  state.counters["file"] = values / type->block_values * type->block_bytes;
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
