#include "reports/sample_details.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "store/codec.h"

namespace assay::reports {
namespace {

using store::Json;

constexpr size_t kErrorPoints = 2000;

std::string first_code_points(std::string_view text, size_t most) {
  size_t offset = 0;
  for (size_t count = 0; count < most && offset < text.size(); ++count) next_code_point(text, offset);
  return std::string(text.substr(0, offset));
}

Json text_details(const store::StoredSample& sample, const engine::GenerateResponse& body, size_t text_points) {
  Json json = {{"text", first_code_points(body.text, text_points)}};
  const size_t all = count_code_points(body.text);
  if (all > text_points) json["full"] = all;
  if (!body.token_ids.empty()) json["finish"] = store::to_string(body.finish);
  if (sample.score && sample.score->execution) {
    json["outcome"] = sample.score->execution->outcome;
    const double wall_ms = std::round(sample.score->execution->wall_ms);
    if (wall_ms > 0) json["wall_ms"] = static_cast<int64_t>(wall_ms);
    const std::string& error = sample.score->execution->error;
    if (!error.empty()) json["error"] = first_code_points(error, kErrorPoints);
  }
  return json;
}

Json option_details(const store::StoredSample& sample, const engine::LogLikelihoodResponse& body,
                    size_t option_points) {
  Json json = {{"options", Json::array()}, {"right", sample.plan.gold.choices}, {"logprobs", Json::array()}};
  for (size_t i = 0; i < std::min(sample.plan.continuations.size(), body.logprobs.size()); ++i) {
    json["options"].push_back(first_code_points(python_strip(sample.plan.continuations[i]), option_points));
    json["logprobs"].push_back(std::round(body.logprobs[i] * 1e4) / 1e4);
  }
  return json;
}

}  // namespace

store::Json sample_details(const store::StoredSample& sample, size_t text_points, size_t option_points) {
  if (const auto* text = std::get_if<engine::GenerateResponse>(&sample.response->body)) {
    return text_details(sample, *text, text_points);
  }
  if (const auto* options = std::get_if<engine::LogLikelihoodResponse>(&sample.response->body)) {
    return option_details(sample, *options, option_points);
  }
  return Json::object();
}

}  // namespace assay::reports
