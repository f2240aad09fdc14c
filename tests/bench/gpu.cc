// The CUDA engine on a GPU, each figure as a share of a limit that the same run measures: the largest matrix product
// and the copy bandwidth. Usage: bench_gpu [MODEL] (default synthetic:llama3-8b)
#include "engine/device/gpu.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/device/cuda/launch_error.h"
#include "engine/device/cuda/native/native_runtime.h"
#include "engine/model/model.h"

namespace assay::engine {
namespace {

using cuda::check_launch;

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  check_launch(cudaDeviceSynchronize());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The best of several.
double best_seconds(int times, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) best = std::min(best, seconds_of(work));
  return best;
}

struct Limits {
  double flops = 0;  // of a bf16 product, a second
  double bytes = 0;  // copied, read and written together, a second
};

Limits measure_limits() {
  constexpr int kSide = 8192;
  constexpr size_t kCopied = size_t{2} << 30;
  const std::unique_ptr<cuda::Runtime> runtime = cuda::open_gpu(0);
  fmt::print("{}, {} multiprocessors, {:.1f} GiB free\n", runtime->facts().name, runtime->facts().multiprocessors,
             static_cast<double>(runtime->free_bytes()) / (1 << 30));
  Limits limits;
  {
    const size_t cells = size_t{kSide} * kSide;
    const auto x = runtime->allocate(2 * cells), w = runtime->allocate(2 * cells), out = runtime->allocate(4 * cells);
    // Random bits of moderate size: a product of zeros draws less power and runs faster.
    std::vector<uint16_t> values(cells);
    uint32_t state = 1;
    for (uint16_t& value : values) {
      state = state * 1664525 + 1013904223;
      value = static_cast<uint16_t>(0x3F00 | (state >> 16 & 0x80FF));
    }
    runtime->copy_to_device(x.get(), values.data(), 2 * cells);
    runtime->copy_to_device(w.get(), values.data(), 2 * cells);
    const double seconds = best_seconds(20, [&] {
      runtime->multiply(
          {DataType::kBf16, kSide, kSide, kSide, x.get(), w.get(), static_cast<float*>(out.get()), false});
    });
    limits.flops = 2.0 * kSide * kSide * kSide / seconds;
  }
  const auto from = runtime->allocate(kCopied), to = runtime->allocate(kCopied);
  const double seconds =
      best_seconds(10, [&] { check_launch(cudaMemcpyAsync(to.get(), from.get(), kCopied, cudaMemcpyDeviceToDevice)); });
  limits.bytes = 2.0 * static_cast<double>(kCopied) / seconds;
  fmt::print("limits: product of {} x {} x {} in bf16 {:.0f} TFLOP/s; copy {:.0f} GB/s\n", kSide, kSide, kSide,
             limits.flops / 1e12, limits.bytes / 1e9);
  return limits;
}

class Bench {
 public:
  Bench(const std::string& name, const Limits& limits)
      : limits_(limits), checkpoint_(Checkpoint::open(name)), arch_(checkpoint_.architecture()) {
    const double seconds = seconds_of([&] {
      device_ = make_gpu_device(0, DataType::kBf16, static_cast<int>(std::thread::hardware_concurrency()));
      model_ = std::make_unique<Model>(checkpoint_, *device_, DataType::kBf16, kStep);
    });
    model_->make_cache(kPages);
    fmt::print("{} in bf16 on {}: {:.2f} GB loaded in {:.1f} s\n", name, device_->kernels(), weights() / 1e9, seconds);
  }

  void prefill() {
    constexpr int kPrompt = 683;  // MMLU's average
    Step step;
    for (int row = 0; row + kPrompt <= kStep; row += kPrompt) add(step, kPrompt);
    step.next_tokens = {{static_cast<int>(step.tokens.size()) - 1, {}}};
    const double rows = static_cast<double>(step.tokens.size());
    const double seconds = best_seconds(5, [&] { model_->forward(step); });
    const double head = 2.0 * arch_.vocab * arch_.dim;
    const double attention = 4.0 * arch_.layers * arch_.heads * arch_.head_dim * kPrompt / 2;
    const double flops = rows * (2 * linear_parameters() + attention) + head;
    fmt::print("prefill, {} tokens a step: {:.0f} tokens/s, {:.0f} TFLOP/s, {:.1f} % of the product\n", rows,
               rows / seconds, flops / seconds / 1e12, 100 * flops / seconds / limits_.flops);
  }

  void decode(int batch, int context, int shared) {
    // Fills the caches first: the prefix that all share, then what each has alone.
    pages_used_ = 0;
    Step prefix;
    if (shared > 0) add(prefix, shared);
    if (shared > 0) model_->forward(prefix);
    const int shared_pages = shared / kPageTokens;
    std::vector<std::vector<int32_t>> tables;
    for (int i = 0; i < batch; ++i) {
      std::vector<int32_t> table(static_cast<size_t>(shared_pages));
      std::iota(table.begin(), table.end(), 0);
      while (table.size() < static_cast<size_t>((context + kPageTokens) / kPageTokens)) table.push_back(pages_used_++);
      tables.push_back(table);
    }
    const int own = context - shared_pages * kPageTokens;
    for (int i = 0; i < batch; ++i) {
      Step fill;
      fill.tokens.assign(static_cast<size_t>(own), 7);
      fill.segments = {{0, own, shared_pages * kPageTokens, tables[static_cast<size_t>(i)]}};
      model_->forward(fill);
    }
    Step step;
    for (int i = 0; i < batch; ++i) {
      step.segments.push_back({i, 1, context - 1, tables[static_cast<size_t>(i)], true});
      step.tokens.push_back(11 + i);
      step.next_tokens.push_back({i, {}});
    }
    const double seconds = best_seconds(10, [&] { model_->forward(step); });
    const double position = 4.0 * arch_.layers * arch_.kv_heads * arch_.head_dim;  // bytes of keys and values
    const double cache = position * (shared_pages * kPageTokens + double{1} * batch * own);
    const double bytes = weights() + cache;
    const double flops = 2.0 * batch * (linear_parameters() + 1.0 * arch_.vocab * arch_.dim);
    const double roofline = std::max(bytes / limits_.bytes, flops / limits_.flops);
    fmt::print(
        "decode, {} sequences, context {}, {} shared: {:.0f} tokens/s, {:.2f} ms a step, {:.1f} % of the roofline\n",
        batch, context, shared_pages * kPageTokens, batch / seconds, 1e3 * seconds, 100 * roofline / seconds);
  }

 private:
  static constexpr int kStep = 8192;
  static constexpr int kPages = 12000;

  double linear_parameters() const {
    return static_cast<double>(weight_bytes(arch_, DataType::kBf16)) / 2 - 1.0 * arch_.vocab * arch_.dim;
  }
  double weights() const { return static_cast<double>(weight_bytes(arch_, DataType::kBf16)); }

  // A new sequence of `rows` prompt tokens, in pages of its own.
  void add(Step& step, int rows) {
    auto& table = *kept_.emplace_back(std::make_unique<std::vector<int32_t>>());
    while (table.size() * kPageTokens < static_cast<size_t>(rows)) table.push_back(pages_used_++);
    step.segments.push_back({static_cast<int>(step.tokens.size()), rows, 0, table});
    for (int i = 0; i < rows; ++i) step.tokens.push_back((i * 37 + 11) % arch_.vocab);
  }

  Limits limits_;
  Checkpoint checkpoint_;
  Architecture arch_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Model> model_;
  std::vector<std::unique_ptr<std::vector<int32_t>>> kept_;
  int pages_used_ = 0;
};

int run(const std::string& model) {
  const GpuSupport support = gpu_support();
  if (support.names.empty()) {
    fmt::print("no GPU: {}\n", support.why);
    return 0;
  }
  const Limits limits = measure_limits();
  Bench bench(model, limits);
  bench.prefill();
  bench.decode(1, 1024, 0);
  bench.decode(64, 1024, 0);
  bench.decode(256, 1024, 900);
  return 0;
}

}  // namespace
}  // namespace assay::engine

int main(int argc, char** argv) {
  try {
    return assay::engine::run(argc > 1 ? argv[1] : "synthetic:llama3-8b");
  } catch (const assay::Error& error) {
    fmt::print(stderr, "bench_gpu: {}\n", error.what());
    return static_cast<int>(error.code());
  }
}
