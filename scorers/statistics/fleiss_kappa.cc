#include "scorers/statistics/fleiss_kappa.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace assay::scorers {
namespace {

// The number of ratings of every item.
double checked_ratings(const Matrix& counts) {
  if (counts.empty()) fail_input("Fleiss' kappa: 0 items; give at least one");
  const double ratings = std::accumulate(counts[0].begin(), counts[0].end(), 0.0);
  for (size_t item = 0; item < counts.size(); ++item) {
    for (const double count : counts[item]) {
      if (!(count >= 0 && std::isfinite(count))) {
        fail_input("Fleiss' kappa: count {} of item {}; give 0 or more", count, item);
      }
    }
    const double sum = std::accumulate(counts[item].begin(), counts[item].end(), 0.0);
    if (counts[item].size() != counts[0].size() || sum != ratings || sum < 2) {
      fail_input("Fleiss' kappa: item {} has {} ratings in {} categories; give all the same number, two or more", item,
                 sum, counts[item].size());
    }
  }
  return ratings;
}

}  // namespace

FleissKappa fleiss_kappa(const Matrix& counts) {
  const double ratings = checked_ratings(counts);
  const double items = static_cast<double>(counts.size());
  std::vector<double> share(counts[0].size());
  FleissKappa result;
  for (const std::vector<double>& item : counts) {
    double pairs = 0;
    for (size_t category = 0; category < item.size(); ++category) {
      share[category] += item[category] / (items * ratings);
      pairs += item[category] * (item[category] - 1);
    }
    result.agreement += pairs / (ratings * (ratings - 1)) / items;
  }
  for (const double s : share) result.by_chance += s * s;
  const double beyond = 1 - result.by_chance;
  result.kappa =
      beyond > 1e-15 ? (result.agreement - result.by_chance) / beyond : std::numeric_limits<double>::quiet_NaN();
  return result;
}

}  // namespace assay::scorers
