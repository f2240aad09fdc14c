#include "engine/device/cpu/cpu_device.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engine/device/cpu/kernel_set.h"
#include "engine/device/cpu/kv_cache.h"
#include "engine/device/cpu/linear.h"
#include "engine/device/cpu/ops.h"
#include "engine/device/cpu/thread_pool.h"

namespace assay::engine {
namespace {

constexpr int kMostThreads = 1024;

VectorLevel vector_level(KernelSet set) {
  switch (vector_set(set)) {
    case KernelSet::kScalar:
      return VectorLevel::kScalar;
    case KernelSet::kAvx2:
      return VectorLevel::kAvx2;
    default:
      return VectorLevel::kAvx512;
  }
}

int thread_count(int threads) {
  if (threads < 0 || threads > kMostThreads) {
    fail(ExitCode::kUsage, "--threads {}: give 1 to {}, or 0 for as many as the process may use", threads,
         kMostThreads);
  }
  return threads == 0 ? std::min(usable_threads(), kMostThreads) : threads;
}

// Objects named by an operation come from the make_... of this same class, hence the casts.
class CpuDevice final : public Device {
 public:
  CpuDevice(KernelSet set, int threads) : set_(set), ops_(vector_ops(vector_level(set))), pool_(threads) {}

  std::string kernels() const override { return std::string(kernel_set_name(set_)); }
  int threads() const override { return pool_.threads(); }

  std::shared_ptr<float[]> allocate(size_t floats) override {
    AlignedBytes bytes = allocate_aligned(floats * sizeof(float));
    return {reinterpret_cast<float*>(bytes.release()),
            [](float* memory) { FreeAligned{}(reinterpret_cast<std::byte*>(memory)); }};
  }
  void upload(float* to, std::span<const float> from) override { std::copy(from.begin(), from.end(), to); }
  void download(std::span<float> to, const float* from) override { std::copy_n(from, to.size(), to.begin()); }

  std::unique_ptr<Linear> make_linear(int outputs, int inputs, DataType type, const RowReader& read) override {
    return std::make_unique<PackedLinear>(pool_, arena_, outputs, inputs, type, read);
  }
  std::unique_ptr<Table> make_table(int rows, int cols, DataType type, RowReader read) override {
    return std::make_unique<CpuTable>(rows, cols, type, std::move(read));
  }
  std::unique_ptr<KvCache> make_cache(const CacheShape& shape) override { return std::make_unique<CpuKvCache>(shape); }

  void embed(const Table& table, std::span<const TokenId> ids, float* out) override {
    engine::embed(pool_, static_cast<const CpuTable&>(table), ids, out);
  }
  void rms_norm(const float* x, int rows, int dim, const float* weight, float eps, float* out) override {
    engine::rms_norm(pool_, ops_, x, rows, dim, weight, eps, out);
  }
  void linear(const Linear& w, const float* x, int rows, float* out, bool add) override {
    const auto& packed = static_cast<const PackedLinear&>(w);
    engine::linear(pool_, linear_kernel(set_, packed.type()), packed, x, rows, out, add, scratch_);
  }
  void rope_and_cache_write(float* qkv, int heads, std::span<const double> frequencies,
                            std::span<const Segment> segments, std::span<const PageCopy> copies, KvCache& cache,
                            int layer) override {
    engine::rope_and_cache_write(pool_, ops_, qkv, heads, frequencies, segments, copies,
                                 static_cast<CpuKvCache&>(cache), layer);
  }
  void attention(const float* qkv, int heads, float scale, std::span<const Segment> segments, const KvCache& cache,
                 int layer, float* out) override {
    engine::attention(pool_, ops_, qkv, heads, scale, segments, static_cast<const CpuKvCache&>(cache), layer, out);
  }
  void silu_and_multiply(const float* gate_up, int rows, int dim, float* out) override {
    engine::silu_and_multiply(pool_, ops_, gate_up, rows, dim, out);
  }
  void gather_rows(const float* x, int dim, std::span<const int> indices, float* out) override {
    engine::gather_rows(pool_, x, dim, indices, out);
  }
  void log_softmax_and_gather(const float* logits, int rows, int vocab, std::span<const Target> targets,
                              std::span<LogProbability> out) override {
    engine::log_softmax_and_gather(pool_, ops_, logits, rows, vocab, targets, out);
  }
  void sample(const float* logits, int rows, int vocab, std::span<const Draw> draws, std::span<TokenId> out) override {
    engine::sample(pool_, ops_, logits, rows, vocab, draws, out);
  }

 private:
  KernelSet set_;
  const VectorOps& ops_;
  ThreadPool pool_;
  WeightArena arena_;
  LinearScratch scratch_;
};

}  // namespace

std::unique_ptr<Device> make_cpu_device(const std::string& kernels, DataType type, int threads) {
  return std::make_unique<CpuDevice>(choose_kernel_set(kernels, type), thread_count(threads));
}

}  // namespace assay::engine
