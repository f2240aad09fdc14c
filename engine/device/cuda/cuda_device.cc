#include "engine/device/cuda/cuda_device.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engine/device/cuda/buffers.h"
#include "engine/device/cuda/decode_records.h"
#include "engine/device/cuda/device_draw.h"
#include "engine/device/cuda/expert_routing.h"
#include "engine/device/cuda/kernels/activation.h"
#include "engine/device/cuda/kernels/combine_places.h"
#include "engine/device/cuda/kernels/copy_pages.h"
#include "engine/device/cuda/kernels/in_place.h"
#include "engine/device/cuda/kernels/log_softmax.h"
#include "engine/device/cuda/kernels/rms_norm.h"
#include "engine/device/cuda/kernels/rows.h"
#include "engine/device/cuda/kernels/sample.h"
#include "engine/device/cuda/kernels/skinny_linear.h"
#include "engine/device/cuda/kv_pages.h"
#include "engine/device/cuda/step_layout.h"
#include "engine/device/cuda/weights.h"

namespace assay::engine::cuda {
namespace {

constexpr int kStepTokens = 8192;
constexpr int kLogitRows = 512;  // 263 MB with a vocabulary of 128,256
constexpr int kSampleRows = 32;  // that are drawn from a nucleus at once: each needs as much memory as its logits

// cuBLASLt wants operands whose rows begin at multiples of 16 bytes.
bool is_aligned(const DeviceMatrix& w) {
  return static_cast<size_t>(w.cols) * bytes_of(w.type) % 16 == 0;
}

// Objects named by an operation come from the make_..., lay_out and route of this same class, hence the casts.
class CudaDevice final : public Device {
 public:
  CudaDevice(std::unique_ptr<Runtime> runtime, DataType type, int host_threads)
      : runtime_(std::move(runtime)),
        type_(type),
        threads_(host_threads),
        pool_(*runtime_),
        rotations_(*runtime_),
        records_(*runtime_, pool_, rotations_) {}

  std::string kind() const override { return "cuda"; }
  int step_tokens() const override { return kStepTokens; }
  std::optional<int64_t> own_memory() const override { return runtime_->free_bytes(); }
  std::string kernels() const override {
    const DeviceFacts facts = runtime_->facts();
    return fmt::format("sm_{}{}", facts.major, facts.minor);
  }
  int threads() const override { return threads_; }

  void check_attention(int heads, int kv_heads, int head_dim) const override {
    check_attention_shape(heads, kv_heads, head_dim);
  }
  void wait() override { runtime_->wait(); }

  Matrix allocate(Role role, int rows, int cols) override {
    const DataType type = role == Role::kOperand ? type_ : DataType::kF32;
    return {runtime_->allocate(static_cast<size_t>(rows) * static_cast<size_t>(cols) * bytes_of(type)), type, cols, 0};
  }
  void upload(const Matrix& to, std::span<const float> from) override {
    runtime_->copy_to_device(to.data(), from.data(), from.size_bytes());
  }
  void download(std::span<float> to, const Matrix& from) override {
    runtime_->copy_to_host(to.data(), from.data(), to.size_bytes());
  }

  std::unique_ptr<Linear> make_linear(int outputs, int inputs, DataType type, const RowReader& read) override {
    return std::make_unique<CudaLinear>(load_matrix(*runtime_, pool_, outputs, inputs, type, read, threads_));
  }
  std::unique_ptr<Table> make_table(int rows, int cols, DataType type, RowReader read) override {
    return std::make_unique<CudaTable>(load_matrix(*runtime_, pool_, rows, cols, type, read, threads_));
  }
  std::unique_ptr<KvCache> make_cache(const CacheShape& shape) override {
    records_.forget();
    return std::make_unique<KvPages>(*runtime_, shape, type_);
  }
  int64_t cache_page_bytes(const CacheShape& shape) const override { return KvPages::page_bytes(shape, type_); }
  int logit_rows() const override { return kLogitRows; }

  std::unique_ptr<Layout> lay_out(std::span<const Segment> segments, std::span<const PageCopy> copies) override {
    return std::make_unique<StepLayout>(pool_, segments, copies);
  }

  void run_decode(Layout& layout, KvCache& cache, const std::function<void()>& operations) override {
    records_.run(static_cast<StepLayout&>(layout), static_cast<KvPages&>(cache), operations);
  }

  void embed(const Table& table, std::span<const TokenId> ids, float scale, const Matrix& out) override {
    const DeviceMatrix& rows = static_cast<const CudaTable&>(table).matrix();
    for (const TokenId id : ids) {
      if (id < 0 || id >= rows.rows) fail(ExitCode::kInternal, "token {} of a vocabulary of {}", id, rows.rows);
    }
    const std::shared_ptr<const TokenId> uploaded = pool_.upload(ids);
    cuda::embed(stream(), rows.type,
                {rows.memory.get(), out.data(), uploaded.get(), rows.cols, out.cols, count(ids), rows.cols, scale});
  }

  void rms_norm(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) override {
    cuda::rms_norm(stream(), out.type, {x.f32(), weight.f32(), out.data(), rows, x.cols, eps, false});
  }
  void rms_norm_and_add(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) override {
    cuda::rms_norm(stream(), out.type, {x.f32(), weight.f32(), out.data(), rows, x.cols, eps, true});
  }
  void rms_norm_blocks(const Matrix& x, int rows, int first_col, int blocks, const Matrix& weight, float eps) override {
    cuda::rms_norm_blocks(stream(), {x.f32() + first_col, weight.f32(), x.cols, rows, blocks, weight.cols, eps});
  }

  void copy_to_operand(const Matrix& x, int rows, const Matrix& out) override {
    convert(stream(), out.type, {x.data(), out.data(), nullptr, x.cols, out.cols, rows, x.cols});
  }

  void add_bias(const Matrix& x, int rows, const Matrix& bias) override {
    cuda::add_bias(stream(), {x.f32(), bias.f32(), rows, x.cols});
  }

  void linear(const Linear& w, const Matrix& x, RowCount rows, const Matrix& out, bool add) override {
    const DeviceMatrix& weights = static_cast<const CudaLinear&>(w).matrix();
    const int skinny = is_aligned(weights) ? rows.generated : rows.total();
    if (skinny > 0) multiply_few(weights, x, skinny, out, add);
    if (skinny == rows.total()) return;
    runtime_->multiply({weights.type, rows.total() - skinny, weights.rows, weights.cols, x.from_row(skinny).data(),
                        weights.memory.get(), out.from_row(skinny).f32(), add});
  }

  void rope_and_cache_write(const Matrix& qkv, int heads, std::span<const float> frequencies, Layout& layout,
                            KvCache& cache, int layer) override {
    auto& step = static_cast<StepLayout&>(layout);
    const auto& pages = static_cast<const KvPages&>(cache);
    const CacheShape& shape = pages.shape();
    const RowPlace* places = step.places(shape.pages);
    const float* rotations = rotations_.prepare(frequencies, step.positions());
    rope_and_cache(
        stream(), type_,
        {qkv.f32(), places, rotations, pages.layer(layer), step.rows(), heads, shape.kv_heads, shape.head_dim});
    for (const DeviceList<DeviceCopy>& copies : step.copies()) {
      copy_pages(stream(), type_,
                 {pages.layer(layer), copies.memory.get(), copies.count, shape.kv_heads, shape.head_dim});
    }
  }

  void attention(const Matrix& qkv, const AttentionRule& rule, Layout& layout, const KvCache& cache, int layer,
                 const Matrix& out) override {
    auto& step = static_cast<StepLayout&>(layout);
    const auto& pages = static_cast<const KvPages&>(cache);
    const CacheShape& shape = pages.shape();
    const AttentionInputs in{qkv.f32(),      pages.layer(layer), step.pages(),  rule.heads, shape.kv_heads,
                             shape.head_dim, rule.scale,         rule.soft_cap, rule.window};
    const AttentionWork& work = step.attention(type_, rule.heads / shape.kv_heads, rule.window);
    if (work.plain.count > 0) {
      attention_plain(stream(), {in, work.plain.memory.get(), work.plain.count, static_cast<float*>(out.data())});
    }
    if (work.prompt.count > 0) {
      attention_prompt(stream(), type_, {in, work.prompt.memory.get(), work.prompt.count, out.data()});
    }
    if (work.pieces.count > 0) attend_in_pieces(in, work, out);
  }

  void activate_and_multiply(const Matrix& gate_up, int rows, Activation activation, const Matrix& out) override {
    cuda::activate_and_multiply(stream(), out.type, activation, {gate_up.f32(), out.data(), rows, out.cols});
  }

  std::unique_ptr<Routing> route(const Matrix& logits, RowCount rows, int choices) override {
    return std::make_unique<ExpertRouting>(*runtime_, pool_, logits, rows, choices);
  }
  void gather_places(const Matrix& x, const Routing& routing, const Matrix& out) override {
    const auto& routed = static_cast<const ExpertRouting&>(routing);
    cuda::gather_rows(stream(), x.type,
                      {x.data(), out.data(), routed.row_of_place(), x.cols, out.cols, routed.all_places(), x.cols});
  }
  void combine_places(const Matrix& x, const Routing& routing, const Matrix& out) override {
    const auto& routed = static_cast<const ExpertRouting&>(routing);
    cuda::combine_places(stream(), {x.f32(), routed.place_of_choice(), routed.weights(), out.f32(), routed.rows(),
                                    out.cols, routed.choices()});
  }

  void soft_cap(const Matrix& x, int rows, float cap) override {
    cuda::soft_cap(stream(), {x.f32(), rows, x.cols, cap});
  }

  void gather_rows(const Matrix& x, std::span<const int> indices, const Matrix& out) override {
    const std::shared_ptr<const int> uploaded = pool_.upload(indices);
    cuda::gather_rows(stream(), x.type,
                      {x.data(), out.data(), uploaded.get(), x.cols, out.cols, count(indices), x.cols});
  }

  void log_softmax_and_gather(const Matrix& logits, int rows, std::span<const Target> targets,
                              std::span<LogProbability> out) override {
    for (const Target& target : targets) {
      if (target.row >= 0 && target.row < rows && target.token >= 0 && target.token < logits.cols) continue;
      fail(ExitCode::kInternal, "target token {} of row {} in logits ({}, {})", target.token, target.row, rows,
           logits.cols);
    }
    const std::shared_ptr<const Target> uploaded = pool_.upload(targets);
    const auto results = std::static_pointer_cast<LogProbability>(pool_.take(out.size_bytes()));
    cuda::log_softmax_and_gather(stream(),
                                 {logits.f32(), uploaded.get(), results.get(), rows, logits.cols, count(targets)});
    runtime_->fetch(out.data(), results.get(), out.size_bytes());
  }

  void sample(const Matrix& logits, int rows, std::span<const Draw> draws, std::span<TokenId> out) override {
    std::vector<DeviceDraw> prepared;
    for (const Draw& draw : draws.first(static_cast<size_t>(rows))) prepared.push_back(device_draw(draw));
    const std::shared_ptr<DeviceDraw> uploaded = pool_.upload(prepared);
    const auto tokens = std::static_pointer_cast<TokenId>(pool_.take(out.size_bytes()));
    const auto weights = std::static_pointer_cast<float>(
        pool_.take(size_t{kSampleRows} * static_cast<size_t>(logits.cols) * sizeof(float)));
    for (int first = 0; first < rows; first += kSampleRows) {
      cuda::sample(stream(), {logits.from_row(first).f32(), uploaded.get() + first, weights.get(), tokens.get() + first,
                              std::min(kSampleRows, rows - first), logits.cols});
    }
    runtime_->fetch(out.data(), tokens.get(), out.size_bytes());
  }

 private:
  Stream stream() const { return runtime_->stream(); }
  template <typename T>
  static int count(std::span<T> list) {
    return static_cast<int>(list.size());
  }

  void multiply_few(const DeviceMatrix& w, const Matrix& x, int rows, const Matrix& out, bool add) {
    const size_t scratch = skinny_scratch_floats(rows, w.cols, w.rows, add);
    const std::shared_ptr<void> memory = pool_.take(scratch * sizeof(float));
    skinny_linear(stream(), w.type,
                  {w.memory.get(), x.data(), out.f32(), static_cast<float*>(memory.get()), rows, w.cols, w.rows, add,
                   skinny_rows_at_once(runtime_->facts().shared_bytes)});
  }

  void attend_in_pieces(const AttentionInputs& in, const AttentionWork& work, const Matrix& out) {
    const size_t shares = static_cast<size_t>(work.partials) * static_cast<size_t>(in.heads);
    const std::shared_ptr<void> memory = pool_.take(shares * (2 + static_cast<size_t>(in.head_dim)) * sizeof(float));
    auto* floats = static_cast<float*>(memory.get());
    const PiecePartials partials{floats, floats + shares, floats + 2 * shares};
    attention_pieces(stream(), type_,
                     {in, work.pieces.memory.get(), work.pieces.count, work.piece_rows.memory.get(), partials});
    merge_pieces(stream(), type_,
                 {partials, work.merges.memory.get(), work.merges.count, in.heads, in.head_dim, out.data()});
  }

  std::unique_ptr<Runtime> runtime_;
  DataType type_;
  int threads_;
  BufferPool pool_;
  RotationTable rotations_;
  DecodeRecords records_;
};

}  // namespace

std::unique_ptr<Device> make_cuda_device(std::unique_ptr<Runtime> runtime, DataType type, int host_threads) {
  return std::make_unique<CudaDevice>(std::move(runtime), type, host_threads);
}

}  // namespace assay::engine::cuda
