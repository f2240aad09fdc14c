#include "scorers/statistics/sequential.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/bisection.h"
#include "scorers/statistics/cluster_sums.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/paired.h"
#include "scorers/statistics/undefined.h"

namespace assay::scorers {
namespace {

constexpr int kStakes = 16;

// Clusters that say the same: 0/1 scores of independent samples are three of these, however many there are.
struct Outcome {
  double sum = 0;     // S_g/M
  double weight = 0;  // W_g/M
  double count = 0;
};

void check(const PairedScores& scores, const GateOptions& options) {
  for (size_t i = 0; i < scores.a.size(); ++i) {
    for (const double x : {scores.a[i], scores.b[i]}) {
      if (!(x >= 0 && x <= 1)) {
        fail_input("sequential gate: sample {} has the score {}; only scores between 0 and 1 can be judged this way", i,
                   x);
      }
    }
  }
  if (!(options.margin >= 0 && options.margin < 1 && options.alpha > 0 && options.alpha < 0.5)) {
    fail_input("sequential gate: margin {}, alpha {}; give 0 <= margin < 1 and 0 < alpha < 0.5", options.margin,
               options.alpha);
  }
}

std::vector<Outcome> outcomes(const PairedScores& scores, std::span<const double> difference, double largest) {
  std::vector<int> number(scores.a.size());
  if (scores.cluster.empty()) {
    std::iota(number.begin(), number.end(), 0);
  } else {
    number = cluster_numbers(scores.cluster);
  }
  std::vector<Outcome> clusters;
  for (size_t i = 0; i < number.size(); ++i) {
    const size_t place = static_cast<size_t>(number[i]);
    const double weight = scores.weight.empty() ? 1 : scores.weight[i];
    if (place == clusters.size()) clusters.emplace_back();
    clusters[place].sum += weight * difference[i];
    clusters[place].weight += weight;
  }
  double heaviest = 0;
  for (const Outcome& c : clusters) heaviest = std::max(heaviest, c.weight);
  if (largest == 0) largest = heaviest;
  if (!(largest >= heaviest * (1 - 1e-12) && std::isfinite(largest))) {
    fail_input("sequential gate: largest cluster {}, but one of {} is given; give the largest of the whole sample set",
               largest, heaviest);
  }
  std::map<std::pair<double, double>, double> counts;
  for (const Outcome& c : clusters) ++counts[{c.sum / largest, c.weight / largest}];
  std::vector<Outcome> result;
  for (const auto& [outcome, count] : counts) result.push_back({outcome.first, outcome.second, count});
  return result;
}

// The logarithm of the wealth against "the difference is at most δ". `sign` -1: of the mirrored data.
double log_wealth(const std::vector<Outcome>& outcomes, double sign, double delta) {
  std::vector<double> logs;
  for (int k = 0; k < kStakes; ++k) {
    const double stake = std::exp2(-k / 2.0) / (1 + delta);
    double log = 0;
    for (const Outcome& o : outcomes) {
      const double gain = stake * (sign * o.sum - o.weight * delta);
      log += o.count * std::log1p(std::max(gain, -1.0));  // -1 is ruin; rounding may reach beyond it
    }
    logs.push_back(log);
  }
  const double largest = *std::max_element(logs.begin(), logs.end());
  if (std::isinf(largest)) return largest;
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - largest);
  return largest + std::log(sum / kStakes);
}

double p_value(double log_of_wealth) {
  return std::min(1.0, std::exp(-log_of_wealth));
}

std::vector<Outcome> checked_outcomes(const PairedScores& scores, const GateOptions& options, double largest) {
  std::vector<double> difference = differences(scores.a, scores.b);
  for (double& d : difference) d = -d;
  clustered_mean(difference, scores.cluster, scores.weight);  // refuses what is wrong with clusters and weights
  check(scores, options);
  return outcomes(scores, difference, largest);
}

SequentialGate p_values(const std::vector<Outcome>& seen, double margin) {
  return {p_value(log_wealth(seen, -1, margin)), p_value(log_wealth(seen, 1, -margin)), {kUndefined, kUndefined}};
}

// The largest δ below which "the difference is at most δ" is rejected.
double lower_limit(const std::vector<Outcome>& outcomes, double sign, double alpha) {
  const auto rejected = [&](double delta) { return p_value(log_wealth(outcomes, sign, delta)) < alpha; };
  const double below_all = std::nextafter(-1.0, 0.0);
  if (!rejected(below_all)) return -1;
  return bisect(below_all, 1, rejected);
}

}  // namespace

SequentialGate sequential_p_values(const PairedScores& scores, const GateOptions& options, double largest_cluster) {
  return p_values(checked_outcomes(scores, options, largest_cluster), options.margin);
}

SequentialGate sequential_gate(const PairedScores& scores, const GateOptions& options, double largest_cluster) {
  const std::vector<Outcome> seen = checked_outcomes(scores, options, largest_cluster);
  SequentialGate result = p_values(seen, options.margin);
  result.limits = {lower_limit(seen, 1, options.alpha), -lower_limit(seen, -1, options.alpha)};
  return result;
}

std::optional<int64_t> sequential_samples(const SequentialGate& gate, int64_t n, double alpha) {
  const double p = std::min(gate.p_inferior, gate.p_not_worse);
  if (!(p > 0 && p < 1)) return std::nullopt;
  const double samples = std::ceil(static_cast<double>(n) * std::log(alpha) / std::log(p));
  if (!(samples < 1e15)) return std::nullopt;
  return static_cast<int64_t>(samples);
}

}  // namespace assay::scorers
