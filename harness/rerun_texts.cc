#include "harness/rerun_texts.h"

#include <algorithm>

#include "base/error.h"

namespace assay::harness {
namespace {

// Enough for a stop string to be written out, behind what little a text may lack of its own white space.
constexpr int kTokensToTheEnd = 32;

bool can_be_judged(const Rerun& sample) {
  const auto* asked = std::get_if<engine::GenerateRequest>(&sample.request);
  return asked != nullptr && asked->sampling.temperature == 0 && !sample.recorded.truncated;
}

const engine::GenerateResponse& recorded_text(const Rerun& sample) {
  return std::get<engine::GenerateResponse>(sample.recorded.body);
}

// The answer of one request alone; nothing where the engine refuses it (a text that does not fit) or a stop came.
std::optional<engine::Response> ask_alone(engine::Engine& engine, const engine::Request& request,
                                          const std::atomic<bool>& stop) {
  std::optional<engine::Response> answer;
  engine::RunCallbacks callbacks;
  callbacks.stop = &stop;
  callbacks.on_responses = [&](std::vector<engine::Response> responses) { answer = std::move(responses.front()); };
  try {
    engine.run(std::span(&request, 1), callbacks);
  } catch (const Error& error) {
    if (error.code() != ExitCode::kBadInput && error.code() != ExitCode::kUsage) throw;
  }
  return answer;
}

// How far the worst token of the recorded text lies below the likeliest; nothing where that cannot be told.
std::optional<double> distance_from_likeliest(engine::Engine& engine, const Rerun& sample,
                                              const std::atomic<bool>& stop) {
  const auto& asked = std::get<engine::GenerateRequest>(sample.request);
  const std::string& text = recorded_text(sample).text;
  if (text.empty()) return 0;
  const std::optional<engine::Response> weighed =
      ask_alone(engine, engine::LogLikelihoodRequest{asked.prompt, {text}, true}, stop);
  if (!weighed || weighed->truncated) return std::nullopt;
  const auto& body = std::get<engine::LogLikelihoodResponse>(weighed->body);
  if (body.behind.empty()) return std::nullopt;
  return body.behind.front();
}

// Whether the model, behind the recorded text, comes to the end that was recorded.
bool ends_there(engine::Engine& engine, const Rerun& sample, const std::atomic<bool>& stop) {
  const engine::GenerateResponse& recorded = recorded_text(sample);
  if (!sample.end_known) return false;
  engine::GenerateRequest onward = std::get<engine::GenerateRequest>(sample.request);
  if (recorded.finish == engine::FinishReason::kLength) {
    const int64_t tokens = sample.tokens.value_or(std::ssize(recorded.token_ids));
    return tokens == onward.max_tokens;
  }
  onward.prompt += recorded.text;
  onward.max_tokens = std::min(onward.max_tokens, kTokensToTheEnd);
  const std::optional<engine::Response> answer = ask_alone(engine, onward, stop);
  if (!answer) return false;
  const auto& body = std::get<engine::GenerateResponse>(answer->body);
  return body.text.empty() && body.finish != engine::FinishReason::kLength;
}

}  // namespace

void judge_texts(engine::Engine& engine, const std::vector<Rerun>& samples, double tolerance,
                 const std::atomic<bool>& stop, RerunResult& result) {
  for (RerunDifference& difference : result.differences) {
    if (difference.text != TextVerdict::kUndecided || !can_be_judged(samples[difference.rerun])) continue;
    if (stop) {
      result.interrupted = true;
      return;
    }
    const Rerun& sample = samples[difference.rerun];
    const std::optional<double> distance = distance_from_likeliest(engine, sample, stop);
    if (!distance) continue;
    if (*distance > 2 * tolerance) {
      difference.text = TextVerdict::kFailed;
      difference.failed = true;
    } else if (ends_there(engine, sample, stop)) {
      difference.text = TextVerdict::kNearTie;
    }
  }
}

}  // namespace assay::harness
