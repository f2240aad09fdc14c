// How far the confidence of a run in its choices can be believed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scorers/statistics/calibration.h"
#include "store/store.h"

namespace assay::reports {

struct RunCalibration {
  // The run's headline metric. A confidence is the softmax of the numbers that it compares (option_values.h), so that
  // it belongs to the choice that is scored: acc takes log-probabilities, acc_norm those by length.
  std::string metric;
  scorers::Calibration numbers;
};

// Over all samples that have a score, each counting the same. None where the headline is no metric of multiple choice,
// and where no sample has a score.
std::optional<RunCalibration> calibration_of(const store::Run& run, const std::vector<store::StoredSample>& samples);

// {"metric","n","left_out","confidence","accuracy","accuracy_low","accuracy_high","ece","ece_by_chance","brier",
//  "bins":[{"low","high","n","confidence","accuracy","accuracy_low","accuracy_high"}]}, or null. Without empty bins.
store::Json calibration_json(const std::optional<RunCalibration>& calibration);

}  // namespace assay::reports
