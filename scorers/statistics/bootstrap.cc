#include "scorers/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/cluster_sums.h"
#include "scorers/statistics/normal.h"

namespace assay::scorers {
namespace {

// Uniform in 0..n-1 without bias (D. Lemire 2019, "Fast random integer generation in an interval"); the standard
// library's distribution differs from one implementation to another.
uint32_t below(std::mt19937& random, uint32_t n) {
  uint64_t product = uint64_t{random()} * n;
  if (static_cast<uint32_t>(product) < n) {
    const uint32_t threshold = -n % n;
    while (static_cast<uint32_t>(product) < threshold) product = uint64_t{random()} * n;
  }
  return static_cast<uint32_t>(product >> 32);
}

std::vector<ClusterSum> items_of(std::span<const double> values, std::span<const int> cluster) {
  if (!cluster.empty()) return cluster_sums(values, cluster);
  std::vector<ClusterSum> items;
  for (const double x : values) items.push_back({x, 1});
  return items;
}

double ratio(double sum, int n) {
  return sum / n;
}

ClusterSum total_of(const std::vector<ClusterSum>& items) {
  ClusterSum total;
  for (const ClusterSum& item : items) {
    total.sum += item.sum;
    total.n += item.n;
  }
  return total;
}

std::vector<double> draw_sorted(const std::vector<ClusterSum>& items, const BootstrapOptions& options) {
  std::seed_seq words{static_cast<uint32_t>(options.seed), static_cast<uint32_t>(options.seed >> 32)};
  std::mt19937 random(words);
  std::vector<double> estimates(static_cast<size_t>(options.resamples));
  for (double& estimate : estimates) {
    ClusterSum drawn;
    for (size_t i = 0; i < items.size(); ++i) {
      const ClusterSum& item = items[below(random, static_cast<uint32_t>(items.size()))];
      drawn.sum += item.sum;
      drawn.n += item.n;
    }
    estimate = ratio(drawn.sum, drawn.n);
  }
  std::sort(estimates.begin(), estimates.end());
  return estimates;
}

double quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const size_t left = std::min(static_cast<size_t>(place), sorted.size() - 2);
  return sorted[left] + (place - static_cast<double>(left)) * (sorted[left + 1] - sorted[left]);
}

double standard_deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

// `largest_value` is the largest magnitude of a value: deviations that are only its rounding are none.
double jackknife_acceleration(const std::vector<ClusterSum>& items, const ClusterSum& total, double largest_value) {
  std::vector<double> without;
  double mean = 0;
  for (const ClusterSum& item : items) {
    without.push_back(ratio(total.sum - item.sum, total.n - item.n));
    mean += without.back() / static_cast<double>(items.size());
  }
  double squares = 0;
  double cubes = 0;
  for (const double x : without) {
    squares += (mean - x) * (mean - x);
    cubes += (mean - x) * (mean - x) * (mean - x);
  }
  const double rounding = 1e-13 * largest_value;
  const bool varies = squares > rounding * rounding * static_cast<double>(items.size());
  return varies ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

// Sums in another order differ in their last bits: what is that close to the estimate counts as equal to it.
double bias_correction(const std::vector<double>& sorted, double estimate, double largest_value) {
  const double same = 1e-12 * largest_value;
  const auto first_equal = std::lower_bound(sorted.begin(), sorted.end(), estimate - same);
  const auto first_above = std::upper_bound(first_equal, sorted.end(), estimate + same);
  const double count = static_cast<double>(sorted.size());
  const double share = (static_cast<double>(first_equal - sorted.begin()) + 0.5 * (first_above - first_equal)) / count;
  return normal_quantile(std::clamp(share, 0.5 / count, 1 - 0.5 / count));
}

void check(std::span<const double> values, const BootstrapOptions& options) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      fail_input("bootstrap: value {} is {}; leave out samples without a number", i, values[i]);
    }
  }
  if (options.resamples < 100 || !(options.level > 0 && options.level < 1)) {
    fail_input("bootstrap: {} resamples, level {}; give 100 or more and a level between 0 and 1", options.resamples,
               options.level);
  }
}

}  // namespace

Bootstrap bootstrap(std::span<const double> values, std::span<const int> cluster, const BootstrapOptions& options) {
  check(values, options);
  const std::vector<ClusterSum> items = items_of(values, cluster);
  if (items.size() < 2) {
    fail_input("bootstrap: {} {}; give two or more", items.size(), cluster.empty() ? "values" : "clusters");
  }
  const ClusterSum total = total_of(items);
  const std::vector<double> sorted = draw_sorted(items, options);
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));

  Bootstrap result;
  result.estimate = ratio(total.sum, total.n);
  result.stderr_ = standard_deviation(sorted);
  result.z0 = bias_correction(sorted, result.estimate, largest);
  result.acceleration = jackknife_acceleration(items, total, largest);
  const double tail = (1 - options.level) / 2;
  const auto corrected = [&](double p) {
    const double z = result.z0 + normal_quantile(p);
    return normal_cdf(result.z0 + z / (1 - result.acceleration * z));
  };
  result.percentile = {quantile(sorted, tail), quantile(sorted, 1 - tail)};
  result.bca = {quantile(sorted, corrected(tail)), quantile(sorted, corrected(1 - tail))};
  return result;
}

}  // namespace assay::scorers
