#include "harness/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace assay::harness {
namespace {

// Seconds to answer `requests`.
double seconds_for(engine::Engine& engine, const std::vector<engine::Request>& requests) {
  const auto begin = std::chrono::steady_clock::now();
  engine.run(requests, {[](std::vector<engine::Response>) {}, [](const engine::Progress&) {}, nullptr});
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Speed measure_speed(engine::Engine& engine, bool generates) {
  std::string text;
  for (int i = 0; i < 24; ++i) text += fmt::format("Question {}: what is {} and {} together? Answer:", i, i * 7, i * 3);
  std::vector<engine::Request> prompts{engine::LogLikelihoodRequest{text, {" yes"}}};
  // As many as fill a step, without a common beginning.
  const int64_t tokens = engine.plan(prompts).prompt_tokens;
  for (int i = 1; (i + 1) * tokens <= engine.facts().step_tokens; ++i) {
    prompts.push_back(engine::LogLikelihoodRequest{fmt::format("{}. {}", i, text), {" yes"}});
  }
  seconds_for(engine, prompts);  // the first pass touches the weights
  Speed speed;
  speed.prompt_tokens_per_second =
      static_cast<double>(engine.plan(prompts).prompt_tokens) / seconds_for(engine, prompts);
  if (!generates) return speed;
  const int together = std::clamp(engine.facts().step_tokens / 32, 1, 256);
  constexpr int kTokens = 8;
  std::vector<engine::Request> generations;
  for (int i = 0; i < together; ++i) {
    generations.push_back(engine::GenerateRequest{fmt::format("{}.", i), {}, false, kTokens, {}});
  }
  speed.generated_tokens_per_second = together * kTokens / seconds_for(engine, generations);
  return speed;
}

double estimated_seconds(const Speed& speed, const engine::Plan& plan) {
  double seconds = static_cast<double>(plan.prompt_tokens) / speed.prompt_tokens_per_second;
  if (plan.generated_tokens > 0) {
    seconds += static_cast<double>(plan.generated_tokens) / speed.generated_tokens_per_second;
  }
  return seconds;
}

}  // namespace assay::harness
