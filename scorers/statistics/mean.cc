#include "scorers/statistics/mean.h"

#include <cmath>

#include "scorers/statistics/undefined.h"

namespace assay::scorers {

MeanEstimate mean_of(std::span<const double> values) {
  if (values.empty()) return {kUndefined, kUndefined, 0};
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / n;
  if (values.size() < 2) return {mean, kUndefined, 1};
  double squares = 0;  // a second pass: Σx² − n·x̄² would cancel
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, std::sqrt(squares / (n - 1)) / std::sqrt(n), static_cast<int>(values.size())};
}

}  // namespace assay::scorers
