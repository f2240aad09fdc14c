#include "reports/run_cost.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

using store::Json;

Json count_or_null(const std::optional<int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

BatchCost batch_cost(const std::vector<store::ComputeSession>& sessions) {
  BatchCost cost;
  cost.sessions = sessions.size();
  double gflop = 0;
  double possible = 0;
  for (const store::ComputeSession& session : sessions) {
    const bool named =
        std::find(cost.computed_by.begin(), cost.computed_by.end(), session.computed_by) != cost.computed_by.end();
    if (!named) cost.computed_by.push_back(session.computed_by);
    cost.load_seconds += session.load_seconds;
    if (!session.work) {
      ++cost.unfinished;
      continue;
    }
    const store::SessionWork& work = *session.work;
    cost.seconds += work.seconds;
    cost.prompt_tokens += work.prompt_tokens;
    cost.generated_tokens += work.generated_tokens;
    cost.requests += work.requests;
    if (!work.gflop || !work.peak_gflops) continue;
    gflop += *work.gflop;
    possible += *work.peak_gflops * work.seconds;
  }
  if (possible > 0) cost.peak_share = gflop / possible;
  return cost;
}

}  // namespace

RunCost cost_of(const std::vector<store::StoredSample>& samples, const std::vector<store::ComputeSession>& sessions) {
  RunCost cost{0, 0};
  for (const store::StoredSample& sample : samples) {
    if (!sample.response) continue;
    const int prompt = sample.response->prompt_tokens;
    if (prompt < 0) cost.prompt_tokens.reset();
    if (cost.prompt_tokens) *cost.prompt_tokens += prompt;
    if (const auto* text = std::get_if<engine::GenerateResponse>(&sample.response->body)) {
      if (text->token_ids.empty()) cost.generated_tokens.reset();
      if (cost.generated_tokens) *cost.generated_tokens += std::ssize(text->token_ids);
    }
    if (!sample.score || !sample.score->execution) continue;
    cost.program_cpu_seconds += sample.score->execution->cpu_ms / 1000;
    cost.program_wall_seconds += sample.score->execution->wall_ms / 1000;
  }
  if (!sessions.empty()) cost.batch = batch_cost(sessions);
  return cost;
}

Json cost_json(const RunCost& cost) {
  Json json = {{"prompt_tokens", count_or_null(cost.prompt_tokens)},
               {"generated_tokens", count_or_null(cost.generated_tokens)},
               {"program_cpu_seconds", cost.program_cpu_seconds},
               {"program_wall_seconds", cost.program_wall_seconds},
               {"batch", nullptr}};
  if (!cost.batch) return json;
  const BatchCost& batch = *cost.batch;
  json["batch"] = {{"sessions", batch.sessions},
                   {"unfinished", batch.unfinished},
                   {"computed_by", batch.computed_by},
                   {"load_seconds", batch.load_seconds},
                   {"seconds", batch.seconds},
                   {"prompt_tokens", batch.prompt_tokens},
                   {"generated_tokens", batch.generated_tokens},
                   {"requests", batch.requests},
                   {"peak_share", batch.peak_share ? Json(*batch.peak_share) : Json(nullptr)}};
  return json;
}

std::string cost_words(const RunCost& cost) {
  std::vector<std::string> parts;
  if (cost.prompt_tokens) parts.push_back(count_of(*cost.prompt_tokens, "prompt token"));
  if (cost.generated_tokens && *cost.generated_tokens > 0) {
    parts.push_back(count_of(*cost.generated_tokens, "generated token"));
  }
  if (cost.program_wall_seconds > 0) parts.push_back(fmt::format("programs ran {:.1f} s", cost.program_wall_seconds));
  if (cost.batch && cost.batch->unfinished < cost.batch->sessions) {
    parts.push_back(fmt::format("its batch computed for {:.1f} s", cost.batch->seconds));
  }
  return parts.empty() ? "cost not known" : join(parts, ", ");
}

}  // namespace assay::reports
