#include "harness/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

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

// The fastest of as many calls as fit into a second, and of `least` at least: neighbours of a shared machine disturb
// some calls, and the shorter a call, the likelier that they leave one alone.
double best_seconds(int least, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  double best = INFINITY;
  const Clock::time_point first = Clock::now();
  for (int calls = 0; calls < least || seconds_since(first) < 1; ++calls) {
    const Clock::time_point begin = Clock::now();
    work();
    best = std::min(best, seconds_since(begin));
  }
  return best;
}

DataType choose_type(const std::string& dtype, const std::string& stored) {
  if (dtype == "bf16" || (dtype == "auto" && stored == "bf16")) return DataType::kBf16;
  if (dtype == "f32" || dtype == "auto") return DataType::kF32;
  fail(ExitCode::kUsage, "--dtype {}: a CPU computes in f32 or bf16", dtype);
}

// A measurement and the limit that it is to be a share of; its amount is in the limit's unit.
struct Measurement {
  enum class Limit { kNone, kPeak, kReading };

  std::string what;
  double value = 0;
  std::string unit;
  Limit limit = Limit::kNone;
  double amount = 0;
};
using Limit = Measurement::Limit;

// A machine's speed changes with its neighbours, so limits are looked at before and after the rest.
void look_at_limits(DataType type, BenchResult& result) {
  engine::ThreadPool pool(result.threads);
  const engine::KernelSet set = engine::choose_kernel_set(result.kernels, type);
  result.peak_gflops = std::max(result.peak_gflops, engine::peak_gflops(pool, set, type));
  result.read_gb_per_second = std::max(result.read_gb_per_second, engine::read_gb_per_second(pool));
}

BenchRow as_share(const Measurement& measured, const BenchResult& limits) {
  double share = NAN;
  if (measured.limit == Limit::kPeak) share = measured.amount / limits.peak_gflops;
  if (measured.limit == Limit::kReading) share = measured.amount / limits.read_gb_per_second;
  return {measured.what, measured.value, measured.unit, share};
}

// Copies of one matrix, one after the other as a model's layers are, so that no cache holds what comes next. A product
// of 512 rows takes some ten milliseconds.
std::vector<Measurement> bench_linear(engine::Device& device, DataType type) {
  constexpr int kInputs = 2048;
  constexpr int kOutputs = 4096;
  constexpr double kMostBytes = 2.0 * (int64_t{1} << 30);
  const double bytes = double{kInputs} * kOutputs * (type == DataType::kF32 ? 4 : 2);
  const double wanted = 4 * static_cast<double>(engine::last_level_cache_bytes());
  const int count = static_cast<int>(std::ceil(std::min(wanted, kMostBytes) / bytes));
  std::vector<std::unique_ptr<engine::Linear>> copies;
  for (int i = 0; i < count; ++i) {
    copies.push_back(device.make_linear(kOutputs, kInputs, type, [](int row, float* out) {
      for (int k = 0; k < kInputs; ++k) out[k] = static_cast<float>((row * 31 + k * 17) % 64 - 32) / 64;
    }));
  }
  size_t call = 0;
  std::vector<Measurement> measured;
  for (int rows : {1, 64, 512}) {
    const engine::Matrix x = device.allocate(engine::Role::kOperand, rows, kInputs);
    const engine::Matrix y = device.allocate(engine::Role::kProduct, rows, kOutputs);
    device.upload(x, std::vector<float>(static_cast<size_t>(rows) * kInputs, 0.5f));
    const double seconds = best_seconds(3, [&] {
      device.linear(*copies[call++ % copies.size()], x, {0, rows}, y, false);
    });
    if (rows == 1) {
      const double rate = bytes / seconds / 1e9;
      // Fewer copies than wanted are in part read from the cache, which no limit is known for.
      const Limit limit = wanted <= kMostBytes ? Limit::kReading : Limit::kNone;
      measured.push_back({"matrix product, 1 row", rate, "GB/s", limit, rate});
    } else {
      const double gflops = 2.0 * kInputs * kOutputs * rows / seconds / 1e9;
      measured.push_back({fmt::format("matrix product, {} rows", rows), gflops, "GFLOP/s", Limit::kPeak, gflops});
    }
  }
  return measured;
}

// Some tokens of a vocabulary, all different ones in turn.
std::vector<TokenId> some_tokens(int count, int vocab) {
  std::vector<TokenId> tokens(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) tokens[static_cast<size_t>(i)] = (i * 37 + 11) % vocab;
  return tokens;
}

std::vector<Measurement> bench_model(const engine::Checkpoint& checkpoint, engine::Device& device, DataType type,
                                     BenchResult& result) {
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
    step.segments = {{0, rows, position, pages, rows == 1 && position > 0}};
    step.tokens = std::move(tokens);
    step.next_tokens = {{rows - 1, {}}};
    return step;
  };

  const double weights = static_cast<double>(engine::weights_per_token(arch));
  const double head = static_cast<double>(arch.vocab) * arch.dim;
  const engine::Step prompt_step = step_at(some_tokens(prompt, arch.vocab), 0);
  model.forward(prompt_step);
  const double prompt_seconds = best_seconds(4, [&] { model.forward(prompt_step); });
  result.prompt_tokens_per_second = prompt / prompt_seconds;
  // The output matrix is needed once; the rest for every token.
  const double flops = 2 * (weights * prompt + head);
  std::vector<Measurement> measured;
  measured.push_back({fmt::format("prompt, {} tokens", prompt), *result.prompt_tokens_per_second, "tokens/s",
                      Limit::kPeak, flops / prompt_seconds / 1e9});

  const double generation_seconds = best_seconds(2, [&] {
    TokenId token = model.forward(step_at(some_tokens(kGenerationPrompt, arch.vocab), 0)).next_tokens[0];
    for (int position = kGenerationPrompt; position < kGenerationPrompt + generated - 1; ++position) {
      token = model.forward(step_at({token}, position)).next_tokens[0];
    }
  });
  result.generation_tokens_per_second = generated / generation_seconds;
  // Weights that stay in the cache are not read from memory: such a model's generation has no limit to be a share of.
  const double bytes = static_cast<double>(engine::weight_bytes(arch, type));
  const bool in_memory = bytes > 2 * static_cast<double>(engine::last_level_cache_bytes());
  const double bytes_per_token = (weights + head) * (type == DataType::kF32 ? 4 : 2);
  const double read = bytes_per_token * *result.generation_tokens_per_second / 1e9;
  measured.push_back({fmt::format("generation, {} tokens", generated), *result.generation_tokens_per_second, "tokens/s",
                      in_memory ? Limit::kReading : Limit::kNone, read});
  return measured;
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
  look_at_limits(type, result);
  std::vector<Measurement> measured = bench_linear(*device, type);
  if (checkpoint) {
    for (Measurement& one : bench_model(*checkpoint, *device, type, result)) measured.push_back(std::move(one));
  }
  look_at_limits(type, result);
  for (const Measurement& one : measured) result.rows.push_back(as_share(one, result));
  return result;
}

}  // namespace assay::harness
