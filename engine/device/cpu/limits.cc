#include "engine/device/cpu/limits.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "engine/device/cpu/cpu_features.h"
#include "engine/device/cpu/weight_arena.h"

namespace assay::engine {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

limits::PeakLoop peak_loop(KernelSet set, DataType type) {
  switch (type == DataType::kF32 ? vector_set(set) : set) {
    case KernelSet::kScalar:
      return limits::peak_scalar;
    case KernelSet::kAvx2:
      return limits::peak_avx2;
    case KernelSet::kAvx512:
      return limits::peak_avx512;
    case KernelSet::kAvx512Bf16:
      return limits::peak_avx512bf16;
    case KernelSet::kAmx:
      return limits::peak_amx;
  }
  fail(ExitCode::kInternal, "kernel set {} has no peak to measure", static_cast<int>(set));
}

std::vector<limits::ReadLoop> read_loops() {
  if (cpu_features().avx2) {
    return {limits::read_avx2, limits::read_avx2_streams, limits::read_avx2_prefetch,
            limits::read_avx2_prefetch_streams};
  }
  return {limits::read_scalar};
}

}  // namespace

double peak_gflops(ThreadPool& pool, KernelSet set, DataType type) {
  const limits::PeakLoop loop = peak_loop(set, type);
  constexpr double kRunSeconds = 2e-3;  // shorter than a time slice, so that some runs are undisturbed
  constexpr int kRuns = 40;
  int64_t rounds = 64;
  for (double seconds = 0; seconds < kRunSeconds / 2; rounds *= 2) {
    const Clock::time_point start = Clock::now();
    loop(rounds);
    seconds = seconds_since(start);
  }
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::atomic<int64_t> operations{0};
    const Clock::time_point start = Clock::now();
    pool.parallel(pool.threads(), [&](int) { operations += loop(rounds); });
    best = std::max(best, static_cast<double>(operations.load()) / seconds_since(start));
  }
  return best / 1e9;
}

double read_gb_per_second(ThreadPool& pool) {
  // Timed piece by piece: the shorter a piece, the likelier that no neighbour disturbs it.
  constexpr int64_t kPieces = 64;
  const int64_t unit = limits::kReadMultiple * pool.threads() * kPieces;
  const int64_t bytes = (4 * last_level_cache_bytes() + unit - 1) / unit * unit;
  const AlignedBytes buffer = allocate_aligned(static_cast<size_t>(bytes));
  const int64_t piece = bytes / kPieces;
  const int64_t share = piece / pool.threads();
  pool.parallel(static_cast<int>(bytes / share),
                [&](int part) { std::fill_n(buffer.get() + part * share, share, static_cast<std::byte>(part + 1)); });
  constexpr double kSecondsALoop = 0.5;
  double best = 0;
  std::atomic<uint64_t> sink{0};
  for (const limits::ReadLoop loop : read_loops()) {
    const Clock::time_point first = Clock::now();
    do {
      for (int64_t from = 0; from < bytes; from += piece) {
        const Clock::time_point start = Clock::now();
        pool.parallel(pool.threads(), [&](int part) { sink += loop(buffer.get() + from + part * share, share); });
        best = std::max(best, static_cast<double>(piece) / seconds_since(start));
      }
    } while (seconds_since(first) < kSecondsALoop);
  }
  return best / 1e9;
}

// Not sysconf, which on some virtual machines reports the cache of the whole host.
int64_t last_level_cache_bytes() {
  int64_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/size", index));  // "32768K"
    int64_t kibibytes = 0;
    if (file >> kibibytes) {
      largest = std::max(largest, kibibytes << 10);
    }
  }
  return largest > 0 ? largest : int64_t{32} << 20;
}

namespace limits {

int64_t peak_scalar(int64_t rounds) {
  constexpr int kChains = 8;
  float sums[kChains] = {};
  for (int64_t round = 0; round < rounds; ++round) {
    for (float& sum : sums) sum = std::fma(sum, 0.5f, 1.0f);
  }
  volatile float keep = 0;
  for (const float sum : sums) keep = keep + sum;
  return rounds * kChains * 2;
}

uint64_t read_scalar(const std::byte* from, int64_t bytes) {
  const auto* words = reinterpret_cast<const uint64_t*>(from);
  uint64_t sum = 0;
  for (int64_t i = 0; i < bytes / 8; ++i) sum += words[i];
  return sum;
}

}  // namespace limits
}  // namespace assay::engine
