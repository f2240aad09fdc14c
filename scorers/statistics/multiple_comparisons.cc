#include "scorers/statistics/multiple_comparisons.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace assay::scorers {
namespace {

// Positions of p from the smallest to the largest.
std::vector<size_t> ascending(std::span<const double> p) {
  for (size_t i = 0; i < p.size(); ++i) {
    if (!(p[i] >= 0 && p[i] <= 1)) {
      fail_input("multiple comparisons: p-value {} is {}; give numbers from 0 to 1", i, p[i]);
    }
  }
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  return order;
}

std::vector<double> step_up(std::span<const double> p, double factor) {
  const std::vector<size_t> order = ascending(p);
  const double m = static_cast<double>(p.size());
  std::vector<double> adjusted(p.size());
  double smallest = 1;
  for (size_t rank = p.size(); rank > 0; --rank) {
    const size_t i = order[rank - 1];
    smallest = std::min(smallest, factor * m / static_cast<double>(rank) * p[i]);
    adjusted[i] = smallest;
  }
  return adjusted;
}

}  // namespace

std::vector<double> bonferroni(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  for (const size_t i : ascending(p)) adjusted[i] = std::min(1.0, static_cast<double>(p.size()) * p[i]);
  return adjusted;
}

std::vector<double> holm(std::span<const double> p) {
  const std::vector<size_t> order = ascending(p);
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (size_t rank = 0; rank < p.size(); ++rank) {
    const size_t i = order[rank];
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - rank) * p[i]));
    adjusted[i] = largest;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  return step_up(p, 1);
}

std::vector<double> benjamini_yekutieli(std::span<const double> p) {
  double harmonic = 0;
  for (size_t j = 1; j <= p.size(); ++j) harmonic += 1 / static_cast<double>(j);
  return step_up(p, harmonic);
}

}  // namespace assay::scorers
