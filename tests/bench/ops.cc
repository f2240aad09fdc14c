// The CPU's operations besides the matrix product at the shapes of SmolLM2-135M (9 heads on 3 key heads of 64, width
// 576, 1,536 in the feed-forward, 49,152 tokens). Rates are of the arithmetic that the definition needs: masked scores
// are not counted. Attention is also given as a share of the register-only multiply-add peak of as many threads, by its
// fastest call, for a machine with neighbours; a share over 100 % means that the peak was measured badly: it is
// measured again, and if the share stays the program fails. The rest is bound by the memory that its operands come
// from.
#include "engine/device/cpu/ops.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/device/cpu/cpu_features.h"
#include "engine/device/cpu/kernel_set.h"
#include "engine/device/cpu/limits.h"

namespace assay::engine {
namespace {

constexpr int kHeads = 9;
constexpr int kKvHeads = 3;
constexpr int kHeadDim = 64;
constexpr int kDim = 576;
constexpr int kFfn = 1536;
constexpr int kVocab = 49152;
constexpr int kQkv = (kHeads + 2 * kKvHeads) * kHeadDim;

const VectorOps& ops_here() {
  const CpuFeatures& features = cpu_features();
  return vector_ops(features.avx512 ? VectorLevel::kAvx512 : features.avx2 ? VectorLevel::kAvx2 : VectorLevel::kScalar);
}

std::vector<float> floats(size_t n) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> frequencies() {
  std::vector<float> result;
  for (int i = 0; i < kHeadDim / 2; ++i) result.push_back(static_cast<float>(std::pow(1e4, -2.0 * i / kHeadDim)));
  return result;
}

// `sequences` of `rows` new tokens each, on `prefix` positions of which the first `shared` are in common pages.
struct Scene {
  std::vector<std::vector<int32_t>> pages;
  std::vector<Segment> segments;
  CacheShape shape;
  std::vector<float> qkv;
  std::vector<float> out;

  Scene(int sequences, int rows, int prefix, int shared) {
    int32_t next = shared / kPageTokens;
    for (int s = 0; s < sequences; ++s) {
      std::vector<int32_t> table;
      for (int page = 0; page * kPageTokens < prefix + rows; ++page) {
        table.push_back(page < shared / kPageTokens ? page : next++);
      }
      pages.push_back(table);
    }
    for (int s = 0; s < sequences; ++s) segments.push_back({s * rows, rows, prefix, pages[static_cast<size_t>(s)]});
    shape = {1, kKvHeads, kHeadDim, next};
    qkv = floats(static_cast<size_t>(sequences * rows) * kQkv);
    out.resize(static_cast<size_t>(sequences * rows) * kHeads * kHeadDim);
  }

  // Positions read by all rows together; window 0: none.
  double positions(int window) const {
    double sum = 0;
    for (const Segment& segment : segments) {
      for (int i = 0; i < segment.rows; ++i) {
        const int before = segment.first_position + i + 1;
        sum += window == 0 ? before : std::min(before, window);
      }
    }
    return sum;
  }

  void fill(const CpuKvCache& cache) const {
    const std::vector<float> values = floats(size_t{2} * kPageTokens * kHeadDim);
    for (int head = 0; head < kKvHeads; ++head) {
      for (int page = 0; page < shape.pages; ++page) std::copy(values.begin(), values.end(), cache.keys(0, head, page));
    }
  }
};

void count_flops(benchmark::State& state, double flops, double bytes) {
  using benchmark::Counter;
  state.counters["flop/s"] = Counter(flops, Counter::kIsIterationInvariantRate, Counter::kIs1000);
  state.counters["B/s"] = Counter(bytes, Counter::kIsIterationInvariantRate, Counter::kIs1000);
}

struct AttentionCase {
  const char* name;
  int sequences, rows, prefix, shared;
  float soft_cap = 0;
  int window = 0;
};

constexpr AttentionCase kAttentionCases[] = {
    {"prefill of 512", 1, 512, 0, 0},
    {"prefill of 512 on 512", 1, 512, 512, 0},
    {"decode 64 on 700", 64, 1, 700, 0},
    {"decode 64 on 700, 640 of them shared", 64, 1, 700, 640},
    {"decode 1 on 700", 1, 1, 700, 0},
    {"prefill of 512 on 512, soft cap", 1, 512, 512, 0, 50},
    {"prefill of 512 on 512, window 128", 1, 512, 512, 0, 0, 128},
    {"decode 64 on 700, window 128", 64, 1, 700, 0, 0, 128},
};

// The register-only peak of a number of threads, looked at again where something seems to beat it.
class Peaks {
 public:
  double share(double gflops, ThreadPool& pool) {
    double& peak = peaks_[pool.threads()];
    constexpr int kLooks = 5;
    for (int look = 0; look < kLooks && (peak == 0 || gflops > peak); ++look) {
      peak = std::max(peak, peak_gflops(pool, vector_set(available_kernel_sets().back()), DataType::kF32));
    }
    exceeded_ = exceeded_ || gflops > peak;
    return gflops / peak;
  }
  bool exceeded() const { return exceeded_; }

 private:
  std::map<int, double> peaks_;
  bool exceeded_ = false;
};

void attention_at(benchmark::State& state, const AttentionCase& c, int threads, Peaks& peaks) {
  Scene scene(c.sequences, c.rows, c.prefix, c.shared);
  ThreadPool pool(threads);
  CpuKvCache cache(scene.shape);
  scene.fill(cache);
  double best = std::numeric_limits<double>::infinity();  // seconds
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    attention(pool, ops_here(), scene.qkv.data(), {kHeads, 0.125F, c.soft_cap, c.window}, scene.segments, cache, 0,
              scene.out.data());
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  const double gflops = 4 * scene.positions(c.window) * kHeads * kHeadDim / best / 1e9;
  const double bytes =
      static_cast<double>(scene.shape.pages) * static_cast<double>(cache.page_stride() * sizeof(float));
  state.counters["best GFLOP/s"] = gflops;
  state.counters["best GB/s"] = bytes / best / 1e9;
  state.counters["peak %"] = 100 * peaks.share(gflops, pool);
}

void rope_at(benchmark::State& state) {
  Scene scene(1, static_cast<int>(state.range(0)), 0, 0);
  ThreadPool pool(static_cast<int>(state.range(1)));
  CpuKvCache cache(scene.shape);
  for (auto _ : state) {
    rope_and_cache_write(pool, ops_here(), scene.qkv.data(), kHeads, frequencies(), scene.segments, {}, cache, 0);
  }
  count_flops(state, 3.0 * scene.qkv.size(), 2.0 * sizeof(float) * scene.qkv.size());
}
BENCHMARK(rope_at)->Name("rope_and_cache_write/rows/threads")->Args({512, 1})->Args({1, 1})->UseRealTime();

void norm_at(benchmark::State& state) {
  ThreadPool pool(1);
  const int rows = static_cast<int>(state.range(0));
  const std::vector<float> x = floats(static_cast<size_t>(rows) * kDim);
  const std::vector<float> weight = floats(kDim);
  std::vector<float> out(x.size());
  for (auto _ : state) rms_norm(pool, ops_here(), x.data(), rows, kDim, weight.data(), 1e-5F, out.data());
  count_flops(state, 4.0 * x.size(), 2.0 * sizeof(float) * x.size());
}
BENCHMARK(norm_at)->Name("rms_norm/rows")->Arg(512)->Arg(1)->UseRealTime();

void activation_at(benchmark::State& state, Activation activation) {
  ThreadPool pool(1);
  const int rows = static_cast<int>(state.range(0));
  const std::vector<float> gate_up = floats(static_cast<size_t>(rows) * 2 * kFfn);
  std::vector<float> out(gate_up.size() / 2);
  for (auto _ : state) {
    activate_and_multiply(pool, ops_here(), gate_up.data(), rows, kFfn, activation, out.data());
  }
  count_flops(state, 20.0 * out.size(), 3.0 * sizeof(float) * out.size());
}
BENCHMARK_CAPTURE(activation_at, silu, Activation::kSilu)
    ->Name("silu_and_multiply/rows")
    ->Arg(512)
    ->Arg(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(activation_at, gelu, Activation::kGeluTanh)->Name("gelu_and_multiply/rows")->Arg(512)->UseRealTime();

void log_softmax_at(benchmark::State& state) {
  ThreadPool pool(1);
  const int rows = static_cast<int>(state.range(0));
  const int vocab = static_cast<int>(state.range(1));
  const std::vector<float> logits = floats(static_cast<size_t>(rows) * static_cast<size_t>(vocab));
  std::vector<Target> targets;
  for (int row = 0; row < rows; ++row) targets.push_back({row, vocab / 2});
  std::vector<LogProbability> out(targets.size());
  for (auto _ : state) log_softmax_and_gather(pool, ops_here(), logits.data(), rows, vocab, targets, out);
  count_flops(state, 14.0 * logits.size(), 1.0 * sizeof(float) * logits.size());
}
BENCHMARK(log_softmax_at)->Name("log_softmax/rows/vocab")->Args({64, kVocab})->Args({64, 128256})->UseRealTime();

void sample_at(benchmark::State& state) {
  ThreadPool pool(1);
  const int vocab = static_cast<int>(state.range(0));
  const double top_p = static_cast<double>(state.range(1)) / 100;
  std::vector<float> logits = floats(size_t{16} * static_cast<size_t>(vocab));
  for (float& logit : logits) logit *= 4;  // as uneven as a language model's
  std::vector<Device::Draw> draws;
  for (uint32_t row = 0; row < 16; ++row) draws.push_back({{0.8, top_p, 1, row, 0}, 0});
  std::vector<TokenId> out(16);
  for (auto _ : state) sample(pool, ops_here(), logits.data(), 16, vocab, draws, out);
  count_flops(state, 14.0 * logits.size(), 1.0 * sizeof(float) * logits.size());
}
BENCHMARK(sample_at)
    ->Name("sample 16 rows/vocab/top_p percent")
    ->Args({kVocab, 100})
    ->Args({kVocab, 90})
    ->Args({128256, 90})
    ->UseRealTime();

}  // namespace
}  // namespace assay::engine

int main(int argc, char** argv) {
  using namespace assay::engine;
  benchmark::Initialize(&argc, argv);
  Peaks peaks;
  for (const AttentionCase& c : kAttentionCases) {
    for (int threads : {1, 2}) {
      const std::string name = fmt::format("attention, {}/threads:{}", c.name, threads);
      benchmark::RegisterBenchmark(name.c_str(), [&c, threads, &peaks](benchmark::State& state) {
        attention_at(state, c, threads, peaks);
      })->UseRealTime();
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  if (peaks.exceeded()) fmt::print(stderr, "a share over 100 %: the peak was measured badly\n");
  return peaks.exceeded() ? 1 : 0;
}
