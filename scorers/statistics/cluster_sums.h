// Sums by cluster: what the clustered standard error and the clustered bootstrap are made of.
#pragma once

#include <span>
#include <vector>

namespace assay::scorers {

struct ClusterSum {
  double sum = 0;
  int n = 0;
};

// cluster[i] is a number for the cluster of values[i]; equal numbers are one cluster. One entry a cluster, in the order
// of their first values. Error(kBadInput) where the two differ in length.
std::vector<ClusterSum> cluster_sums(std::span<const double> values, std::span<const int> cluster);

// The clusters numbered from 0 in the order of their first values: one number for each value.
std::vector<int> cluster_numbers(std::span<const int> cluster);

}  // namespace assay::scorers
