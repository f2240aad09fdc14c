#include "engine/device/cpu/cpu_device.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engine/device/cpu/kernel_set.h"
#include "engine/device/cpu/kv_cache.h"
#include "engine/device/cpu/linear.h"
#include "engine/device/cpu/ops.h"
#include "engine/device/cpu/routing.h"
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

struct CpuLayout final : Layout {
  std::span<const Segment> segments;
  std::span<const PageCopy> copies;
};

// Every matrix is f32. Objects named by an operation come from the make_... and lay_out of this same class, hence the
// casts.
class CpuDevice final : public Device {
 public:
  CpuDevice(KernelSet set, int threads) : set_(set), ops_(vector_ops(vector_level(set))), pool_(threads) {}

  std::string kind() const override { return "cpu"; }
  // Enough rows to keep a processor's matrix product near its peak; more only costs memory.
  int step_tokens() const override { return 512; }
  std::optional<int64_t> own_memory() const override { return std::nullopt; }
  std::string kernels() const override { return std::string(kernel_set_name(set_)); }
  int threads() const override { return pool_.threads(); }

  void check_attention(int, int, int) const override {}
  void wait() override {}

  Matrix allocate(Role, int rows, int cols) override {
    AlignedBytes bytes = allocate_aligned(static_cast<size_t>(rows) * static_cast<size_t>(cols) * sizeof(float));
    return {{bytes.release(), [](void* memory) { FreeAligned{}(static_cast<std::byte*>(memory)); }},
            DataType::kF32,
            cols,
            0};
  }
  void upload(const Matrix& to, std::span<const float> from) override { std::copy(from.begin(), from.end(), to.f32()); }
  void download(std::span<float> to, const Matrix& from) override { std::copy_n(from.f32(), to.size(), to.begin()); }

  std::unique_ptr<Linear> make_linear(int outputs, int inputs, DataType type, const RowReader& read) override {
    return std::make_unique<PackedLinear>(pool_, arena_, outputs, inputs, type, read);
  }
  std::unique_ptr<Table> make_table(int rows, int cols, DataType type, RowReader read) override {
    return std::make_unique<CpuTable>(rows, cols, type, std::move(read));
  }
  std::unique_ptr<KvCache> make_cache(const CacheShape& shape) override { return std::make_unique<CpuKvCache>(shape); }
  int64_t cache_page_bytes(const CacheShape& shape) const override {
    return int64_t{2} * shape.layers * shape.kv_heads * shape.head_dim * kPageTokens * int64_t{sizeof(float)};
  }
  // A vocabulary of 128,000 stays at 33 MB.
  int logit_rows() const override { return 64; }

  std::unique_ptr<Layout> lay_out(std::span<const Segment> segments, std::span<const PageCopy> copies) override {
    auto layout = std::make_unique<CpuLayout>();
    layout->segments = segments;
    layout->copies = copies;
    return layout;
  }

  void run_decode(Layout&, KvCache&, const std::function<void()>& operations) override { operations(); }

  void embed(const Table& table, std::span<const TokenId> ids, float scale, const Matrix& out) override {
    engine::embed(pool_, static_cast<const CpuTable&>(table), ids, scale, out.f32());
  }
  void rms_norm(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) override {
    engine::rms_norm(pool_, ops_, x.f32(), rows, x.cols, weight.f32(), eps, out.f32());
  }
  void rms_norm_and_add(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) override {
    engine::rms_norm_and_add(pool_, ops_, x.f32(), rows, x.cols, weight.f32(), eps, out.f32());
  }
  void rms_norm_blocks(const Matrix& x, int rows, int first_col, int blocks, const Matrix& weight, float eps) override {
    engine::rms_norm_blocks(pool_, ops_, x.f32() + first_col, rows, static_cast<size_t>(x.cols), blocks, weight.cols,
                            weight.f32(), eps);
  }
  void copy_to_operand(const Matrix& x, int rows, const Matrix& out) override {
    std::copy_n(x.f32(), static_cast<size_t>(rows) * static_cast<size_t>(x.cols), out.f32());
  }
  void add_bias(const Matrix& x, int rows, const Matrix& bias) override {
    engine::add_bias(pool_, x.f32(), rows, x.cols, bias.f32());
  }
  void linear(const Linear& w, const Matrix& x, RowCount rows, const Matrix& out, bool add) override {
    const auto& packed = static_cast<const PackedLinear&>(w);
    engine::linear(pool_, linear_kernel(set_, packed.type()), packed, x.f32(), rows.total(), out.f32(), add, scratch_);
  }
  void rope_and_cache_write(const Matrix& qkv, int heads, std::span<const float> frequencies, Layout& layout,
                            KvCache& cache, int layer) override {
    const auto& parts = static_cast<CpuLayout&>(layout);
    engine::rope_and_cache_write(pool_, ops_, qkv.f32(), heads, frequencies, parts.segments, parts.copies,
                                 static_cast<CpuKvCache&>(cache), layer);
  }
  void attention(const Matrix& qkv, const AttentionRule& rule, Layout& layout, const KvCache& cache, int layer,
                 const Matrix& out) override {
    engine::attention(pool_, ops_, qkv.f32(), rule, static_cast<CpuLayout&>(layout).segments,
                      static_cast<const CpuKvCache&>(cache), layer, out.f32());
  }
  void activate_and_multiply(const Matrix& gate_up, int rows, Activation activation, const Matrix& out) override {
    engine::activate_and_multiply(pool_, ops_, gate_up.f32(), rows, out.cols, activation, out.f32());
  }
  std::unique_ptr<Routing> route(const Matrix& logits, RowCount rows, int choices) override {
    return std::make_unique<CpuRouting>(pool_, ops_, logits.f32(), rows, logits.cols, choices);
  }
  void gather_places(const Matrix& x, const Routing& routing, const Matrix& out) override {
    engine::gather_places(pool_, x.f32(), x.cols, static_cast<const CpuRouting&>(routing), out.f32());
  }
  void combine_places(const Matrix& x, const Routing& routing, const Matrix& out) override {
    engine::combine_places(pool_, x.f32(), x.cols, static_cast<const CpuRouting&>(routing), out.f32());
  }
  void soft_cap(const Matrix& x, int rows, float cap) override {
    engine::soft_cap(pool_, ops_, x.f32(), rows, x.cols, cap);
  }
  void gather_rows(const Matrix& x, std::span<const int> indices, const Matrix& out) override {
    engine::gather_rows(pool_, x.f32(), x.cols, indices, out.f32());
  }
  void log_softmax_and_gather(const Matrix& logits, int rows, std::span<const Target> targets,
                              std::span<LogProbability> out) override {
    engine::log_softmax_and_gather(pool_, ops_, logits.f32(), rows, logits.cols, targets, out);
  }
  void sample(const Matrix& logits, int rows, std::span<const Draw> draws, std::span<TokenId> out) override {
    engine::sample(pool_, ops_, logits.f32(), rows, logits.cols, draws, out);
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
