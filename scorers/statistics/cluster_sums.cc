#include "scorers/statistics/cluster_sums.h"

#include <unordered_map>

#include "base/error.h"

namespace assay::scorers {

std::vector<ClusterSum> cluster_sums(std::span<const double> values, std::span<const int> cluster) {
  if (values.size() != cluster.size()) {
    fail_input("clusters: {} values and {} clusters; give one cluster for each value", values.size(), cluster.size());
  }
  const std::vector<int> number = cluster_numbers(cluster);
  std::vector<ClusterSum> sums;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t place = static_cast<size_t>(number[i]);
    if (place == sums.size()) sums.emplace_back();
    sums[place].sum += values[i];
    ++sums[place].n;
  }
  return sums;
}

std::vector<int> cluster_numbers(std::span<const int> cluster) {
  std::vector<int> numbers(cluster.size());
  std::unordered_map<int, int> place;
  for (size_t i = 0; i < cluster.size(); ++i) {
    // Samples of one cluster mostly follow each other.
    numbers[i] = i > 0 && cluster[i] == cluster[i - 1]
                     ? numbers[i - 1]
                     : place.try_emplace(cluster[i], static_cast<int>(place.size())).first->second;
  }
  return numbers;
}

}  // namespace assay::scorers
