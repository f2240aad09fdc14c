#include "scorers/statistics/krippendorff_alpha.h"

#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "scorers/statistics/positive_definite.h"

namespace assay::scorers {
namespace {

using Rows = std::span<const std::vector<std::optional<double>>>;

// The values of each item that two raters or more judged.
std::vector<std::vector<double>> pairable_items(Rows ratings) {
  const size_t items = ratings.empty() ? 0 : ratings[0].size();
  std::vector<std::vector<double>> result(items);
  for (size_t rater = 0; rater < ratings.size(); ++rater) {
    if (ratings[rater].size() != items) {
      fail_input("Krippendorff's alpha: rater {} has {} items and rater 0 has {}; give one place for each item", rater,
                 ratings[rater].size(), items);
    }
    for (size_t item = 0; item < items; ++item) {
      const std::optional<double>& value = ratings[rater][item];
      if (!value) continue;
      if (!std::isfinite(*value)) {
        fail_input("Krippendorff's alpha: rater {} gives item {} the value {}; leave it out", rater, item, *value);
      }
      result[item].push_back(*value);
    }
  }
  std::erase_if(result, [](const auto& values) { return values.size() < 2; });
  return result;
}

// The distances of all values, which are in rising order; `count` is n_g.
Matrix distances(const std::vector<double>& values, const std::vector<double>& count, Scale scale) {
  const size_t n = values.size();
  Matrix result(n, std::vector<double>(n));
  for (size_t c = 0; c < n; ++c) {
    double between = count[c];
    for (size_t k = c + 1; k < n; ++k) {
      between += count[k];
      double root = 1;
      if (scale == Scale::kOrdinal) root = between - (count[c] + count[k]) / 2;
      if (scale == Scale::kInterval) root = values[k] - values[c];
      result[c][k] = result[k][c] = root * root;
    }
  }
  return result;
}

}  // namespace

double krippendorff_alpha(Rows ratings, Scale scale) {
  const std::vector<std::vector<double>> items = pairable_items(ratings);
  std::map<double, double> counts;
  double all = 0;
  for (const std::vector<double>& item : items) {
    for (const double value : item) ++counts[value];
    all += static_cast<double>(item.size());
  }
  if (counts.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values;
  std::vector<double> count;
  std::map<double, size_t> place;
  for (const auto& [value, times] : counts) {
    place[value] = values.size();
    values.push_back(value);
    count.push_back(times);
  }
  const Matrix distance = distances(values, count, scale);
  double observed = 0;
  for (const std::vector<double>& item : items) {
    double sum = 0;
    for (const double c : item) {
      for (const double k : item) sum += distance[place[c]][place[k]];
    }
    observed += sum / static_cast<double>(item.size() - 1);
  }
  double expected = 0;
  for (size_t c = 0; c < values.size(); ++c) {
    for (size_t k = 0; k < values.size(); ++k) expected += count[c] * count[k] * distance[c][k];
  }
  return 1 - (all - 1) * observed / expected;
}

}  // namespace assay::scorers
