#include "scorers/statistics/clustered_mean.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/cluster_sums.h"

namespace assay::scorers {
namespace {

void check(std::span<const double> values, std::span<const int> cluster, std::span<const double> weight) {
  if (values.empty()) fail_input("clustered mean: 0 values; give at least one");
  if (!weight.empty() && weight.size() != values.size()) {
    fail_input("clustered mean: {} values and {} weights; give one weight for each value", values.size(),
               weight.size());
  }
  if (!cluster.empty() && cluster.size() != values.size()) {
    fail_input("clustered mean: {} values and {} clusters; give one cluster for each value", values.size(),
               cluster.size());
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) fail_input("clustered mean: value {} is {}; leave it out", i, values[i]);
    if (!weight.empty() && !(weight[i] > 0 && std::isfinite(weight[i]))) {
      fail_input("clustered mean: weight {} is {}; give a number above 0", i, weight[i]);
    }
  }
}

struct Cluster {
  double sum = 0;  // S_g
  double weight = 0;
  double weight_squares = 0;
};

// Of Σ S_g² under the working law: `squares` = Σ over samples of (w·e)², `sums` = Σ S_g². The correlation within
// clusters that explains the excess of the second, inside [0, 1].
double correlation(double sums, double squares, double pairs) {
  return pairs > 0 && squares > 0 ? std::clamp((sums - squares) / pairs, 0.0, 1.0) : 0;
}

// 2·E(V)²/Var(V) of V = Σ a_g², a_g = S_g/√(1−h_g), where the clusters' sums have the variances v. With
// u_g = v_g − h_g·Σv/2 the covariance of S_g and S_k is −(h_g·u_k + h_k·u_g), and for one cluster v_g more, so that
// the double sum over g and k falls apart into products of single ones.
double satterthwaite(const std::vector<double>& h, const std::vector<double>& v) {
  const double total = std::accumulate(v.begin(), v.end(), 0.0);
  double trace = 0;
  double diagonal = 0;
  double hh = 0;
  double hu = 0;
  double uu = 0;
  double own = 0;
  for (size_t g = 0; g < h.size(); ++g) {
    const double c = 1 / (1 - h[g]);
    const double u = v[g] - h[g] * total / 2;
    const double variance = c * (v[g] - 2 * h[g] * u);
    trace += variance;
    diagonal += variance * variance;
    hh += c * h[g] * h[g];
    hu += c * h[g] * u;
    uu += c * u * u;
    own += 4 * c * c * h[g] * h[g] * u * u;
  }
  return trace * trace / (diagonal + 2 * hh * uu + 2 * hu * hu - own);
}

}  // namespace

ClusteredMean clustered_mean(std::span<const double> values, std::span<const int> cluster,
                             std::span<const double> weight) {
  check(values, cluster, weight);
  const auto weight_of = [&](size_t i) { return weight.empty() ? 1.0 : weight[i]; };
  double n = 0;
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    n += weight_of(i);
    sum += weight_of(i) * values[i];
  }
  ClusteredMean result;
  result.mean = sum / n;

  std::vector<int> number(values.size());
  if (cluster.empty()) {
    std::iota(number.begin(), number.end(), 0);
  } else {
    number = cluster_numbers(cluster);
  }
  std::vector<Cluster> clusters;
  double squares = 0;
  double spread = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double w = weight_of(i);
    const double e = values[i] - result.mean;
    const size_t place = static_cast<size_t>(number[i]);
    if (place == clusters.size()) clusters.emplace_back();
    clusters[place].sum += w * e;
    clusters[place].weight += w;
    clusters[place].weight_squares += w * w;
    squares += w * e * (w * e);
    spread += w * e * e;
  }
  double sum_squares = 0;
  double error = 0;
  double cubes = 0;
  double whole = 0;
  double alone = 0;
  for (const Cluster& c : clusters) {
    const double unbiased = c.sum / std::sqrt(1 - c.weight / n);
    sum_squares += c.sum * c.sum;
    error += unbiased * unbiased;
    cubes += unbiased * unbiased * unbiased;
    whole += c.weight * c.weight;
    alone += c.weight_squares;
  }
  result.clusters = static_cast<int>(clusters.size());
  result.ones = n * n / whole;
  if (clusters.size() < 2) {
    result.stderr_ = result.freedom = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  result.stderr_ = std::sqrt(error) / n;
  if (error > 0) result.skew = cubes / error / std::sqrt(error);
  const double rho = correlation(sum_squares, squares, (whole - alone) * spread / n);
  std::vector<double> share;
  std::vector<double> variance;
  for (const Cluster& c : clusters) {
    share.push_back(c.weight / n);
    variance.push_back((1 - rho) * c.weight_squares + rho * c.weight * c.weight);
  }
  result.freedom = satterthwaite(share, variance);
  return result;
}

}  // namespace assay::scorers
