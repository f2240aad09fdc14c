// The weighted mean of clusters against direct computations: matrices for its degrees of freedom, clustered_stderr()
// for clusters of one size, subset means for a macro average. And the correction for skew.
#include "scorers/statistics/clustered_mean.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/clustered_stderr.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/skewed_t.h"

namespace assay::scorers {
namespace {

using Values = std::vector<double>;
using Clusters = std::vector<int>;

struct Data {
  Values x;
  Clusters cluster;
  Values weight;
};

Data some_data(const std::vector<int>& sizes, double common, bool weighted) {
  std::mt19937 random(7);
  const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0 - 0.5; };
  Data data;
  for (size_t g = 0; g < sizes.size(); ++g) {
    const double shared = uniform();
    for (int i = 0; i < sizes[g]; ++i) {
      data.x.push_back(common * shared + (1 - common) * uniform());
      data.cluster.push_back(static_cast<int>(g) * 3 - 5);
      if (weighted) data.weight.push_back(1.5 + uniform());
    }
  }
  return data;
}

TEST(ClusteredMean, IndependentValuesHaveTheirUsualError) {
  const Data data = some_data({1, 1, 1, 1, 1, 1, 1}, 0, false);
  const MeanEstimate usual = mean_of(data.x);
  for (const auto& ours : {clustered_mean(data.x), clustered_mean(data.x, data.cluster)}) {
    EXPECT_NEAR(ours.mean, usual.mean, 1e-15);
    EXPECT_NEAR(ours.stderr_, usual.stderr_, 1e-15);
    EXPECT_NEAR(ours.freedom, 6, 1e-12);
    EXPECT_NEAR(ours.ones, 7, 1e-12);
    EXPECT_EQ(ours.clusters, 7);
  }
}

TEST(ClusteredMean, ClustersOfOneSizeHaveTheKnownErrorAndFreedom) {
  for (const double common : {0.0, 0.3, 0.9}) {
    const Data data = some_data({4, 4, 4, 4, 4, 4}, common, false);
    const ClusteredMean ours = clustered_mean(data.x, data.cluster);
    EXPECT_NEAR(ours.stderr_, clustered_stderr(data.x, data.cluster).cr1, 1e-15);
    EXPECT_NEAR(ours.freedom, 5, 1e-9);
    EXPECT_NEAR(ours.ones, 6, 1e-12);
  }
}

// E(V) and Var(V) of the quadratic form V = Σ (cᵍ·e)² over independent or correlated normal values, by matrices.
double freedom_by_matrices(const Data& data, double rho) {
  const size_t n = data.x.size();
  const auto weight = [&](size_t i) { return data.weight.empty() ? 1.0 : data.weight[i]; };
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += weight(i);
  std::vector<int> names = data.cluster;
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<Values> rows;  // S_g/√(1−h_g) as a linear form of the values
  for (const int name : names) {
    double share = 0;
    for (size_t i = 0; i < n; ++i) share += data.cluster[i] == name ? weight(i) / total : 0;
    Values row(n);
    for (size_t i = 0; i < n; ++i) {
      row[i] = weight(i) * ((data.cluster[i] == name ? 1 : 0) - share) / std::sqrt(1 - share);
    }
    rows.push_back(row);
  }
  const auto covariance = [&](const Values& a, const Values& b) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        if (data.cluster[i] == data.cluster[j]) sum += a[i] * b[j] * (i == j ? 1 : rho);
      }
    }
    return sum;
  };
  double trace = 0;
  double squares = 0;
  for (const Values& a : rows) {
    trace += covariance(a, a);
    for (const Values& b : rows) squares += covariance(a, b) * covariance(a, b);
  }
  return trace * trace / squares;
}

// The working correlation is inside: it is what makes the expected Σ S_g² the seen one.
double working_correlation(const Data& data, double mean) {
  double sums = 0;
  double squares = 0;
  double spread = 0;
  double total = 0;
  double whole = 0;
  double alone = 0;
  for (size_t i = 0; i < data.x.size(); ++i) {
    const double w = data.weight.empty() ? 1 : data.weight[i];
    const double e = data.x[i] - mean;
    squares += w * w * e * e;
    spread += w * e * e;
    total += w;
    alone += w * w;
    for (size_t j = 0; j < data.x.size(); ++j) {
      if (data.cluster[i] != data.cluster[j]) continue;
      const double v = data.weight.empty() ? 1 : data.weight[j];
      sums += w * v * e * (data.x[j] - mean);
      whole += w * v;
    }
  }
  return std::clamp((sums - squares) / ((whole - alone) * spread / total), 0.0, 1.0);
}

TEST(ClusteredMean, FreedomIsThatOfTheQuadraticForm) {
  int compared = 0;
  for (const bool weighted : {false, true}) {
    for (const double common : {0.0, 0.5, 0.95}) {
      for (const std::vector<int>& sizes :
           {std::vector<int>{1, 9, 2, 5, 3}, std::vector<int>{30, 1, 1, 1}, std::vector<int>{2, 2, 3, 3, 4, 4, 12}}) {
        const Data data = some_data(sizes, common, weighted);
        const ClusteredMean ours = clustered_mean(data.x, data.cluster, data.weight);
        const double rho = working_correlation(data, ours.mean);
        EXPECT_NEAR(ours.freedom, freedom_by_matrices(data, rho), 1e-9 * ours.freedom);
        EXPECT_LE(ours.freedom, static_cast<double>(sizes.size()) - 1 + 1e-9);
        ++compared;
      }
    }
  }
  fmt::print("{} degrees of freedom equal those by matrices\n", compared);
}

TEST(ClusteredMean, MacroAverageIsTheMeanOfSubsetMeans) {
  const std::vector<int> sizes = {2, 7, 3, 11};
  Data data = some_data(sizes, 0.4, false);
  double expected = 0;
  size_t at = 0;
  for (const int size : sizes) {
    double sum = 0;
    for (int i = 0; i < size; ++i, ++at) {
      sum += data.x[at];
      data.weight.push_back(23.0 / 4 / size);
    }
    expected += sum / size / 4;
  }
  const ClusteredMean macro = clustered_mean(data.x, data.cluster, data.weight);
  EXPECT_NEAR(macro.mean, expected, 1e-15);
  // The means of small subsets vary more: fewer degrees than four equal means would have, as in Welch's test.
  EXPECT_LT(macro.freedom, 3);
  EXPECT_GT(macro.freedom, 1);
  EXPECT_NEAR(macro.ones, 4, 1e-12);
  for (double& w : data.weight) w *= 17;
  const ClusteredMean scaled = clustered_mean(data.x, data.cluster, data.weight);
  EXPECT_NEAR(scaled.stderr_, macro.stderr_, 1e-15);
  EXPECT_NEAR(scaled.freedom, macro.freedom, 1e-9);
  EXPECT_NEAR(scaled.skew, macro.skew, 1e-12);
}

TEST(ClusteredMean, EdgesAndBadInput) {
  const ClusteredMean one = clustered_mean(Values{0.5, 1}, Clusters{3, 3});
  EXPECT_EQ(one.mean, 0.75);
  EXPECT_TRUE(std::isnan(one.stderr_));
  EXPECT_TRUE(std::isnan(one.freedom));
  EXPECT_TRUE(std::isnan(clustered_mean(Values{1}).stderr_));
  const ClusteredMean equal = clustered_mean(Values{1, 1, 1}, Clusters{1, 1, 2});
  EXPECT_EQ(equal.stderr_, 0);
  EXPECT_EQ(equal.skew, 0);
  const double nan = std::nan("");
  EXPECT_THROW(clustered_mean({}), Error);
  EXPECT_THROW(clustered_mean(Values{1, nan}), Error);
  EXPECT_THROW(clustered_mean(Values{1, 2}, Clusters{1}), Error);
  EXPECT_THROW(clustered_mean(Values{1, 2}, {}, Values{1}), Error);
  for (const double bad : {0.0, -1.0, nan, HUGE_VAL}) {
    EXPECT_THROW(clustered_mean(Values{1, 2}, {}, Values{1, bad}), Error);
  }
}

TEST(SkewedT, RisesAndIsInverted) {
  int compared = 0;
  for (const double skew : {-0.9, -0.1, -1e-5, 0.0, 1e-7, 1e-4, 0.3, 0.9}) {
    double last = -INFINITY;
    for (double t = -40; t <= 40; t += 0.37) {
      const double g = without_skew(t, skew);
      EXPECT_GE(g, last);
      EXPECT_NEAR(g, skew == 0 ? t : (std::pow(1 + skew * t / 3, 3) - 1) / skew + skew / 6, 1e-8 * (1 + std::abs(g)));
      // Where the cubic is flat its inverse is not sharp.
      if (std::abs(1 + skew * t / 3) > 0.05) {
        EXPECT_NEAR(with_skew(g, skew), t, 1e-7 * (1 + std::abs(t))) << skew << " " << t;
      }
      last = g;
      ++compared;
    }
  }
  EXPECT_EQ(without_skew(INFINITY, 0.2), INFINITY);
  EXPECT_EQ(without_skew(-INFINITY, 0.2), -INFINITY);
  fmt::print("{} values of t corrected and restored\n", compared);
}

}  // namespace
}  // namespace assay::scorers
