// Runs and metrics as JSON (INTERFACE.md, "show RUN --json").
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "store/export.h"

namespace assay::store {
namespace {

Json null_if_empty(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}
std::string empty_if_null(const Json& json) {
  return json.is_null() ? "" : json.get<std::string>();
}

// JSON has no NaN: a number that is not defined is null.
Json null_if_nan(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
double nan_if_null(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

}  // namespace

std::string format_double(double value) {
  if (value == 0 && std::signbit(value)) return "-0.0";  // "-0" would be read as an integer, which has no such zero
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

Json metrics_to_json(const std::vector<scorers::Metric>& metrics) {
  Json json = Json::array();
  for (const scorers::Metric& metric : metrics) {
    json.push_back({{"name", metric.name},
                    {"filter", null_if_empty(metric.filter)},
                    {"subset", null_if_empty(metric.subset)},
                    {"average", metric.average},
                    {"value", null_if_nan(metric.value)},
                    {"stderr", null_if_nan(metric.stderr_)},
                    {"low", null_if_nan(metric.low)},
                    {"high", null_if_nan(metric.high)},
                    {"n", metric.n}});
  }
  return json;
}

std::vector<scorers::Metric> metrics_from_json(const Json& json, const std::string& where) {
  std::vector<scorers::Metric> metrics;
  try {
    for (const Json& entry : json) {
      scorers::Metric metric;
      metric.name = entry.at("name").get<std::string>();
      metric.filter = empty_if_null(entry.at("filter"));
      metric.subset = empty_if_null(entry.at("subset"));
      metric.average = entry.at("average").get<std::string>();
      metric.value = nan_if_null(entry.at("value"));
      metric.stderr_ = nan_if_null(entry.at("stderr"));
      metric.low = nan_if_null(entry.at("low"));
      metric.high = nan_if_null(entry.at("high"));
      metric.n = entry.at("n").get<int>();
      metrics.push_back(std::move(metric));
    }
  } catch (const Json::exception& error) {
    fail_input("{}: not a list of metrics ({}); restore a copy of the file", where, error.what());
  }
  return metrics;
}

Json show_json(const Run& run) {
  return {{"run", run.info.number},
          {"name", run.info.batch},
          {"task", run.info.task},
          {"protocol", run.info.protocol},
          {"state", to_string(run.info.state)},
          {"n", run.info.n},
          {"metrics", metrics_to_json(run.metrics)},
          {"manifest", run.manifest}};
}

}  // namespace assay::store
