#include "reports/run_calibration.h"

#include <cmath>
#include <variant>

#include "scorers/statistics/option_values.h"

namespace assay::reports {
namespace {

store::Json number_or_null(double value) {
  return std::isfinite(value) ? store::Json(value) : store::Json(nullptr);
}

}  // namespace

std::optional<RunCalibration> calibration_of(const store::Run& run, const std::vector<store::StoredSample>& samples) {
  if (run.metrics.empty() || !scorers::is_option_metric(run.metrics.front().name)) return std::nullopt;
  const std::string& metric = run.metrics.front().name;
  std::vector<scorers::ConfidentAnswer> answers;
  for (const store::StoredSample& sample : samples) {
    if (!sample.response || !sample.score) continue;
    const auto* options = std::get_if<engine::LogLikelihoodResponse>(&sample.response->body);
    const auto score = sample.score->values.find(metric);
    if (options == nullptr || score == sample.score->values.end()) continue;
    const bool complete = options->logprobs.size() == sample.plan.continuations.size();
    const double confidence =
        complete
            ? scorers::choice_confidence(scorers::option_values(metric, sample.plan.continuations, options->logprobs))
            : std::nan("");
    answers.push_back({confidence, score->second == 1});
  }
  if (answers.empty()) return std::nullopt;
  return RunCalibration{metric, scorers::calibration(answers)};
}

store::Json calibration_json(const std::optional<RunCalibration>& calibration) {
  if (!calibration) return nullptr;
  const scorers::Calibration& numbers = calibration->numbers;
  store::Json json = {{"metric", calibration->metric},
                      {"n", numbers.n},
                      {"left_out", numbers.left_out},
                      {"confidence", number_or_null(numbers.confidence)},
                      {"accuracy", number_or_null(numbers.accuracy)},
                      {"accuracy_low", number_or_null(numbers.interval.low)},
                      {"accuracy_high", number_or_null(numbers.interval.high)},
                      {"ece", number_or_null(numbers.ece)},
                      {"ece_by_chance", number_or_null(numbers.ece_by_chance)},
                      {"brier", number_or_null(numbers.brier)},
                      {"bins", store::Json::array()}};
  for (const scorers::CalibrationBin& bin : numbers.bins) {
    if (bin.n == 0) continue;
    json["bins"].push_back({{"low", bin.low},
                            {"high", bin.high},
                            {"n", bin.n},
                            {"confidence", bin.confidence},
                            {"accuracy", bin.accuracy},
                            {"accuracy_low", bin.interval.low},
                            {"accuracy_high", bin.interval.high}});
  }
  return json;
}

}  // namespace assay::reports
