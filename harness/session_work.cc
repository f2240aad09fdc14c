#include "harness/session_work.h"

#include <fmt/format.h>

#include "engine/device/cpu/limits.h"

namespace assay::harness {
namespace {

constexpr double kLongEnough = 20;  // seconds, beside which looking at the limit costs nothing

double peak_gflops(const engine::ModelFacts& facts) {
  const engine::DataType type = facts.dtype == "bf16" ? engine::DataType::kBf16 : engine::DataType::kF32;
  engine::ThreadPool pool(facts.threads);
  return engine::peak_gflops(pool, engine::choose_kernel_set(facts.kernels, type), type);
}

}  // namespace

std::string computed_by_words(const engine::ModelFacts& facts) {
  std::string words = fmt::format("{} {} {}", facts.device, facts.kernels, facts.dtype);
  if (facts.device == "cpu") words += fmt::format(", {} thread{}", facts.threads, facts.threads == 1 ? "" : "s");
  return words;
}

store::SessionWork work_of(const engine::ModelFacts& facts, const engine::Progress& done, double seconds) {
  store::SessionWork work{seconds, done.prompt_tokens_done, done.generated_tokens_done};
  if (facts.device != "cpu" || seconds < kLongEnough) return work;
  // A multiplication and an addition for each weight and token.
  const int64_t tokens = work.prompt_tokens + work.generated_tokens;
  work.gflop = 2e-9 * static_cast<double>(facts.weights_per_token) * static_cast<double>(tokens);
  work.peak_gflops = peak_gflops(facts);
  return work;
}

store::SessionWork work_of(const engine::Ledger& ledger, double seconds) {
  const engine::Cost spent = ledger.spent();
  return {seconds, spent.prompt_tokens, spent.generated_tokens, ledger.requests()};
}

}  // namespace assay::harness
