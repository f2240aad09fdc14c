// Matrix products at the shapes of SmolLM2-135M and of a larger model, as shares of what the machine can do at most:
//
//   bench_linear [--threads=N] [options of Google Benchmark]
//
// Weights rotate over copies that together are four times the last-level cache, as a model's layers do. Figures are
// those of the fastest call, for a machine with neighbours. A share over 100 % means that a limit was measured badly:
// it is measured again, and if the share stays the program fails.
#include "engine/device/cpu/linear.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/device/cpu/limits.h"

namespace assay::engine {
namespace {

struct Shape {
  int outputs, inputs;
};

constexpr Shape kShapes[] = {{576, 576}, {1536, 576}, {3072, 576}, {576, 1536}, {49152, 576}, {8192, 2048}};
constexpr int kRows[] = {1, 4, 16, 64, 512};

// Seconds, from some beginning.
double now(const ThreadPool& pool) {
  timespec time = {};
  clock_gettime(pool.threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class Limits {
 public:
  explicit Limits(ThreadPool& pool) : pool_(pool) {}

  // amount / limit, after another look at the limit where that is over 1.
  double share_of_peak(double gflops, KernelSet set, DataType type) {
    double& peak = peaks_[{set, type}];
    return share(gflops, peak, [&] { return peak_gflops(pool_, set, type); });
  }
  double share_of_reading(double gb_per_second) {
    return share(gb_per_second, reading_, [&] { return read_gb_per_second(pool_); });
  }
  bool exceeded() const { return exceeded_; }
  void print() const {
    for (const auto& [key, peak] : peaks_) {
      fmt::print("{} {}: {:.1f} GFLOP/s at most\n", kernel_set_name(key.first),
                 key.second == DataType::kF32 ? "f32" : "bf16", peak);
    }
    fmt::print("memory: {:.1f} GB/s at most; {} threads\n", reading_, pool_.threads());
  }

 private:
  template <class Measure>
  double share(double amount, double& limit, const Measure& measure) {
    constexpr int kLooks = 5;
    for (int look = 0; look < kLooks && (limit == 0 || amount > limit); ++look) limit = std::max(limit, measure());
    exceeded_ = exceeded_ || amount > limit;
    return amount / limit;
  }

  ThreadPool& pool_;
  std::map<std::pair<KernelSet, DataType>, double> peaks_;
  double reading_ = 0;
  bool exceeded_ = false;
};

// Copies of one matrix; those of the shape in use are kept from one benchmark to the next.
class Copies {
 public:
  explicit Copies(ThreadPool& pool) : pool_(pool) {}

  // To be followed by next().
  const PackedLinear& of(const Shape& shape, DataType type) {
    const std::string key = fmt::format("{} {} {}", shape.outputs, shape.inputs, static_cast<int>(type));
    if (key == key_) return *copies_.front();
    copies_.clear();
    WeightArena arena;
    size_t bytes = 0;
    while (bytes < static_cast<size_t>(4 * last_level_cache_bytes()) || copies_.empty()) {
      copies_.push_back(
          std::make_unique<PackedLinear>(pool_, arena, shape.outputs, shape.inputs, type, [&](int row, float* out) {
            for (int k = 0; k < shape.inputs; ++k) out[k] = static_cast<float>((row * 31 + k * 17) % 64 - 32) / 64;
          }));
      bytes += copies_.back()->bytes();
    }
    key_ = key;
    call_ = 0;  // the copy that was packed first has left the cache
    return *copies_.front();
  }
  // Goes on where the last benchmark stopped: the same few copies again would come from the cache.
  const PackedLinear& next() { return *copies_[call_++ % copies_.size()]; }

 private:
  ThreadPool& pool_;
  std::string key_;
  size_t call_ = 0;
  std::vector<std::unique_ptr<PackedLinear>> copies_;
};

void run(benchmark::State& state, ThreadPool& pool, Limits& limits, Copies& copies, KernelSet set, DataType type,
         const Shape& shape, int rows) {
  const size_t bytes = copies.of(shape, type).bytes();
  const LinearKernel& kernel = linear_kernel(set, type);
  std::vector<float> x(static_cast<size_t>(rows) * static_cast<size_t>(shape.inputs));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 37) / 37;
  std::vector<float> out(static_cast<size_t>(rows) * static_cast<size_t>(shape.outputs));
  LinearScratch scratch;
  double best = 1e9;
  for (auto _ : state) {
    const double start = now(pool);
    linear(pool, kernel, copies.next(), x.data(), rows, out.data(), false, scratch);
    const double seconds = now(pool) - start;
    state.SetIterationTime(seconds);
    best = std::min(best, seconds);
  }
  const double gflops = 2.0 * rows * shape.outputs * shape.inputs / best / 1e9;
  const double gb_per_second = static_cast<double>(bytes) / best / 1e9;
  state.counters["best_us"] = best * 1e6;
  state.counters["GFLOP/s"] = gflops;
  state.counters["peak_%"] = 100 * limits.share_of_peak(gflops, set, type);
  state.counters["GB/s"] = gb_per_second;
  state.counters["read_%"] = 100 * limits.share_of_reading(gb_per_second);
}

int threads_of(int& argc, char** argv) {
  constexpr std::string_view kFlag = "--threads=";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(kFlag)) {
      const int threads = std::atoi(argv[i] + kFlag.size());
      std::copy(argv + i + 1, argv + argc, argv + i);
      --argc;
      return std::clamp(threads, 1, 1024);
    }
  }
  return usable_threads();
}

}  // namespace
}  // namespace assay::engine

int main(int argc, char** argv) {
  using namespace assay::engine;
  ThreadPool pool(threads_of(argc, argv));
  Limits limits(pool);
  Copies copies(pool);
  for (KernelSet set : available_kernel_sets()) {
    if (set == KernelSet::kScalar) continue;  // the oracle, thousands of times slower
    for (DataType type : {DataType::kF32, DataType::kBf16}) {
      if (type == DataType::kF32 && set != vector_set(set)) continue;
      for (const Shape& shape : kShapes) {
        for (int rows : kRows) {
          const std::string name =
              fmt::format("{}/{}/{}x{}/rows:{}", kernel_set_name(set), type == DataType::kF32 ? "f32" : "bf16",
                          shape.outputs, shape.inputs, rows);
          benchmark::RegisterBenchmark(name.c_str(),
                                       [&pool, &limits, &copies, set, type, shape, rows](benchmark::State& state) {
                                         run(state, pool, limits, copies, set, type, shape, rows);
                                       })
              ->UseManualTime()
              ->MinTime(0.1);
        }
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  benchmark::RunSpecifiedBenchmarks();
  limits.print();
  if (limits.exceeded()) {
    std::fputs("a share is over 100 %: the limit was measured badly\n", stderr);
    return 1;
  }
  return 0;
}
