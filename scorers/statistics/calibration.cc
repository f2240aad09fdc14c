#include "scorers/statistics/calibration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "scorers/statistics/undefined.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

// Sums over a set of answers.
struct Sums {
  int64_t n = 0;
  double confidence = 0;
  double right = 0;
  double brier = 0;
  double variance = 0;  // of the number of right answers, were each right with its confidence

  void add(const ConfidentAnswer& answer) {
    const double c = answer.confidence;
    const double right_or_not = answer.right ? 1 : 0;
    ++n;
    confidence += c;
    right += right_or_not;
    brier += (c - right_or_not) * (c - right_or_not);
    variance += c * (1 - c);
  }
  double mean(double sum) const { return n == 0 ? kUndefined : sum / static_cast<double>(n); }
};

// Compared with the edges themselves: 10·c may fall on the other side of one by rounding.
int bin_of(double confidence) {
  int bin = 0;
  while (bin + 1 < kCalibrationBins && confidence > (bin + 1.0) / kCalibrationBins) ++bin;
  return bin;
}

Interval interval_of(const Sums& sums) {
  if (sums.n == 0) return {kUndefined, kUndefined};
  return wilson_interval(sums.right, static_cast<double>(sums.n));
}

CalibrationBin bin_from(int place, const Sums& sums) {
  return {static_cast<double>(place) / kCalibrationBins,
          (place + 1.0) / kCalibrationBins,
          sums.n,
          sums.mean(sums.confidence),
          sums.mean(sums.right),
          interval_of(sums)};
}

}  // namespace

double choice_confidence(std::span<const double> values) {
  if (values.size() < 2 || !std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); })) {
    return kUndefined;
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  return 1 / sum;
}

Calibration calibration(std::span<const ConfidentAnswer> answers) {
  Calibration result;
  Sums all;
  std::vector<Sums> of_bins(kCalibrationBins);
  for (const ConfidentAnswer& answer : answers) {
    if (!(answer.confidence >= 0 && answer.confidence <= 1)) {
      ++result.left_out;
      continue;
    }
    all.add(answer);
    of_bins[static_cast<size_t>(bin_of(answer.confidence))].add(answer);
  }
  double gaps = 0;
  double gaps_by_chance = 0;
  for (int place = 0; place < kCalibrationBins; ++place) {
    const Sums& sums = of_bins[static_cast<size_t>(place)];
    result.bins.push_back(bin_from(place, sums));
    gaps += std::fabs(sums.right - sums.confidence);
    gaps_by_chance += std::sqrt(2 * std::numbers::inv_pi * sums.variance);
  }
  result.n = all.n;
  result.confidence = all.mean(all.confidence);
  result.accuracy = all.mean(all.right);
  result.interval = interval_of(all);
  result.ece = all.mean(gaps);
  result.ece_by_chance = all.mean(gaps_by_chance);
  result.brier = all.mean(all.brier);
  return result;
}

}  // namespace assay::scorers
