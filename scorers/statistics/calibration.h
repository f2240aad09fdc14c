// How far a model's confidence in its choices can be believed: of the answers that it gives with 70 %, are 7 of 10
// right?
//
// Confidence and bins after C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger 2017, "On calibration of modern neural
// networks", ICML, section 2: 10 bins of equal width, the m-th of them ((m-1)/10, m/10], and the expected calibration
// error of eq. 3. Equal width, so that bins are the same for every model and the number is the one that is published;
// bins of equal count (J. Nixon et al. 2019, "Measuring calibration in deep learning", CVPR workshops, ACE) would tell
// more of a model that is sure of nearly everything, and less beside another one. The error is biased: also a model
// that is calibrated shows some, the more the fewer its answers are (A. Kumar, P. Liang, T. Ma 2019, "Verified
// uncertainty calibration", NeurIPS), and ece_by_chance says how much.
// Score of G. W. Brier 1950, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78,
// 1-3, of the statement "this answer is right": half of his sum over its two classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

inline constexpr int kCalibrationBins = 10;

struct ConfidentAnswer {
  double confidence = 0;  // from 0 to 1; NaN: none
  bool right = false;
};

struct CalibrationBin {
  double low = 0;  // of the confidences in it, without; 0 belongs to the first bin
  double high = 0;
  int64_t n = 0;
  double confidence = 0;  // mean; NaN where n is 0, as the next
  double accuracy = 0;
  Interval interval;  // Wilson's of 95 % for the accuracy, answers taken as independent
};

// Numbers are NaN where n is 0.
struct Calibration {
  int64_t n = 0;
  int64_t left_out = 0;   // answers without a confidence
  double confidence = 0;  // means over all
  double accuracy = 0;
  Interval interval;         // Wilson's for the accuracy: a confidence within is not shown to be another
  double ece = 0;            // Σ n_b/n · |accuracy_b − confidence_b|
  double ece_by_chance = 0;  // Σ n_b/n · E|accuracy_b − confidence_b|, were each answer right with its confidence c_i:
                             // by the normal law of the variance Σ c_i(1−c_i)/n_b²
  double brier = 0;                  // mean of (confidence − right)²: 0 at best, 1/4 for always saying 50 %
  std::vector<CalibrationBin> bins;  // all of them, the empty ones too
};

// The largest of the softmax of `values` (option_values.h): what the model gives the option that it chooses. NaN for
// fewer than two values and where one is not finite: an option that is impossible, or was not measured, is no
// statement.
double choice_confidence(std::span<const double> values);

// Confidences outside [0, 1] count as none.
Calibration calibration(std::span<const ConfidentAnswer> answers);

}  // namespace assay::scorers
