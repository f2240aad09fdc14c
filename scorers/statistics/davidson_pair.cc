#include "scorers/statistics/davidson_pair.h"

#include <algorithm>
#include <cmath>

namespace assay::scorers {

double DavidsonPair::slope(Verdict verdict) const {
  const double seen = verdict == Verdict::kWin ? 0.5 : verdict == Verdict::kLoss ? -0.5 : 0;
  return seen - (win - loss) / 2;
}

double DavidsonPair::slope_of_tie(Verdict verdict) const {
  return (verdict == Verdict::kTie ? 1 : 0) - tie;
}

DavidsonPair davidson_pair(double difference, double log_nu) {
  const double half = difference / 2;
  const double largest = std::max(std::abs(half), log_nu);
  const double win = std::exp(half - largest);
  const double tie = std::exp(log_nu - largest);
  const double loss = std::exp(-half - largest);
  const double sum = win + tie + loss;
  return {win / sum, tie / sum, loss / sum};
}

}  // namespace assay::scorers
