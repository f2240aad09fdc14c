#include "harness/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/limits.h"
#include "engine/model/model.h"

namespace assay::harness {
namespace {

using engine::DataType;
using engine::TokenId;

constexpr int kPromptTokens = 512;
constexpr int kGenerationPrompt = 8;
constexpr int kGeneratedTokens = 96;

double best_seconds(int repeats, const std::function<void()>& work) {
  double best = INFINITY;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

DataType choose_type(const std::string& dtype, const std::string& stored) {
  if (dtype == "bf16" || (dtype == "auto" && stored == "bf16")) return DataType::kBf16;
  if (dtype == "f32" || dtype == "auto") return DataType::kF32;
  fail(ExitCode::kUsage, "--dtype {}: a CPU computes in f32 or bf16", dtype);
}

// One matrix of a size that no cache holds.
void bench_linear(engine::Device& device, DataType type, BenchResult& result) {
  constexpr int kInputs = 2048;
  constexpr int kOutputs = 16384;
  const auto linear = device.make_linear(kOutputs, kInputs, type, [](int row, float* out) {
    for (int i = 0; i < kInputs; ++i) out[i] = static_cast<float>((row * 31 + i * 17) % 64 - 32) / 64;
  });
  const double bytes = double{kInputs} * kOutputs * (type == DataType::kF32 ? 4 : 2);
  for (int rows : {1, 64, 512}) {
    const auto x = device.allocate(static_cast<size_t>(rows) * kInputs);
    const auto y = device.allocate(static_cast<size_t>(rows) * kOutputs);
    device.upload(x.get(), std::vector<float>(static_cast<size_t>(rows) * kInputs, 0.5f));
    const double seconds = best_seconds(rows == 1 ? 20 : 6, [&] { device.linear(*linear, x.get(), rows, y.get(), false); });
    const double gflops = 2.0 * kInputs * kOutputs * rows / seconds / 1e9;
    if (rows == 1) {
      const double rate = bytes / seconds / 1e9;
      result.rows.push_back({"matrix product, 1 row", rate, "GB/s", rate / result.read_gb_per_second});
    } else {
      result.rows.push_back({fmt::format("matrix product, {} rows", rows), gflops, "GFLOP/s", gflops / result.peak_gflops});
    }
  }
}

// Some tokens of a vocabulary, all different ones in turn.
std::vector<TokenId> some_tokens(int count, int vocab) {
  std::vector<TokenId> tokens(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) tokens[static_cast<size_t>(i)] = (i * 37 + 11) % vocab;
  return tokens;
}

void bench_model(const engine::Checkpoint& checkpoint, engine::Device& device, DataType type, BenchResult& result) {
  const engine::Architecture& arch = checkpoint.architecture();
  const int prompt = std::min(kPromptTokens, arch.context);
  const int generated = std::min(kGeneratedTokens, arch.context - kGenerationPrompt);
  engine::Model model(checkpoint, device, type, prompt);
  std::vector<int32_t> pages(static_cast<size_t>(prompt / engine::kPageTokens + 1));
  std::iota(pages.begin(), pages.end(), 0);
  model.make_cache(static_cast<int>(pages.size()));
  const auto step_at = [&](std::vector<TokenId> tokens, int position) {
    engine::Step step;
    const int rows = static_cast<int>(tokens.size());
    step.segments = {{0, rows, position, pages}};
    step.tokens = std::move(tokens);
    step.next_tokens = {{rows - 1, {}}};
    return step;
  };

  const double weights = static_cast<double>(engine::weight_bytes(arch, type));
  const double bytes_per_value = type == DataType::kF32 ? 4 : 2;
  const double head = static_cast<double>(arch.vocab) * arch.dim;
  const engine::Step prompt_step = step_at(some_tokens(prompt, arch.vocab), 0);
  model.forward(prompt_step);
  const double prompt_seconds = best_seconds(4, [&] { model.forward(prompt_step); });
  result.prompt_tokens_per_second = prompt / prompt_seconds;
  // The output matrix is needed once; the rest for every token.
  const double flops = 2 * ((weights / bytes_per_value - head) * prompt + head);
  result.rows.push_back({fmt::format("prompt, {} tokens", prompt), *result.prompt_tokens_per_second, "tokens/s",
                         flops / prompt_seconds / 1e9 / result.peak_gflops});

  const double generation_seconds = best_seconds(2, [&] {
    TokenId token = model.forward(step_at(some_tokens(kGenerationPrompt, arch.vocab), 0)).next_tokens[0];
    for (int i = 1; i < generated; ++i) token = model.forward(step_at({token}, kGenerationPrompt + i - 1)).next_tokens[0];
  });
  result.generation_tokens_per_second = generated / generation_seconds;
  // Weights that stay in the cache are not read from memory: such a model's generation has no limit to be a share of.
  const bool in_memory = weights > 2 * static_cast<double>(engine::last_level_cache_bytes());
  const double read = weights * *result.generation_tokens_per_second / 1e9;
  result.rows.push_back({fmt::format("generation, {} tokens", generated), *result.generation_tokens_per_second, "tokens/s",
                         in_memory ? read / result.read_gb_per_second : NAN});
}

}  // namespace

BenchResult run_bench(const BenchOptions& options) {
  std::optional<engine::Checkpoint> checkpoint;
  if (!options.model.empty()) checkpoint = engine::Checkpoint::open(options.model);
  const DataType type = choose_type(options.dtype, checkpoint ? checkpoint->stored_type() : "f32");
  const auto device = engine::make_cpu_device(options.kernels, type, options.threads);
  BenchResult result;
  result.kernels = device->kernels();
  result.dtype = type == DataType::kF32 ? "f32" : "bf16";
  result.threads = device->threads();
  {
    engine::ThreadPool pool(result.threads);
    result.peak_gflops = engine::peak_gflops(pool, engine::choose_kernel_set(result.kernels, type), type);
    result.read_gb_per_second = engine::read_gb_per_second(pool);
  }
  bench_linear(*device, type, result);
  if (checkpoint) bench_model(*checkpoint, *device, type, result);
  return result;
}

}  // namespace assay::harness
