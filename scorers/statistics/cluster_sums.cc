#include "scorers/statistics/cluster_sums.h"

#include <unordered_map>

#include "base/error.h"

namespace assay::scorers {

std::vector<ClusterSum> cluster_sums(std::span<const double> values, std::span<const int> cluster) {
  if (values.size() != cluster.size()) {
    fail_input("clusters: {} values and {} clusters; give one cluster for each value", values.size(), cluster.size());
  }
  std::vector<ClusterSum> sums;
  std::unordered_map<int, size_t> place;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto [entry, is_new] = place.try_emplace(cluster[i], sums.size());
    if (is_new) sums.emplace_back();
    sums[entry->second].sum += values[i];
    ++sums[entry->second].n;
  }
  return sums;
}

}  // namespace assay::scorers
