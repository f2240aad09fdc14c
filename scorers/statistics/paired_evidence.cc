#include "scorers/statistics/paired_evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/paired.h"
#include "scorers/statistics/skewed_t.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {
namespace {

// Weights that are all the same are none, and clusters of one sample each are none: the special methods apply. What
// must be refused is left in place.
PairedScores simplified(PairedScores s) {
  const auto same = [&](double w) { return w == s.weight[0]; };
  if (s.weight.size() == s.a.size() && s.weight[0] > 0 && std::all_of(s.weight.begin(), s.weight.end(), same)) {
    s.weight = {};
  }
  std::unordered_set<int> seen;
  const auto is_new = [&](int c) { return seen.insert(c).second; };
  if (s.cluster.size() == s.a.size() && s.a.size() > 1 && std::all_of(s.cluster.begin(), s.cluster.end(), is_new)) {
    s.cluster = {};
  }
  return s;
}

double weighted_mean(std::span<const double> values, std::span<const double> weight) {
  double sum = 0;
  double total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double w = weight.empty() ? 1 : weight[i];
    sum += w * values[i];
    total += w;
  }
  return sum / total;
}

template <typename Predicate>
bool every_score(const PairedScores& s, Predicate holds) {
  return std::all_of(s.a.begin(), s.a.end(), holds) && std::all_of(s.b.begin(), s.b.end(), holds);
}

struct Discordant {
  int64_t a_only = 0;  // samples
  int64_t b_only = 0;
  int64_t clusters = 0;  // that hold at least one
  double a_share = 0;    // of the weight
  double b_share = 0;
};

Discordant discordant(const PairedScores& s) {
  Discordant result;
  std::unordered_set<int> clusters;
  double total = 0;
  for (size_t i = 0; i < s.a.size(); ++i) {
    const double weight = s.weight.empty() ? 1 : s.weight[i];
    total += weight;
    if (s.a[i] == s.b[i]) continue;
    clusters.insert(s.cluster.empty() ? static_cast<int>(i) : s.cluster[i]);
    const bool a_wins = s.a[i] > s.b[i];
    ++(a_wins ? result.a_only : result.b_only);
    (a_wins ? result.a_share : result.b_share) += weight;
  }
  result.clusters = static_cast<int64_t>(clusters.size());
  result.a_share /= total;
  result.b_share /= total;
  return result;
}

double effective_weights(const PairedScores& s) {
  if (s.weight.empty()) return static_cast<double>(s.a.size());
  double sum = 0;
  double squares = 0;
  for (const double w : s.weight) {
    sum += w;
    squares += w * w;
  }
  return sum * sum / squares;
}

// The number of independent samples that say as much as these.
double effective_samples(const PairedScores& s, const Discordant& d, const PairedEvidence& e, double ones) {
  const double independent = effective_weights(s);
  double samples = independent;
  const double error = e.facts.stderr_ * e.facts.stderr_;
  if (e.facts.binary && error > 0) {
    const double difference = e.facts.difference;
    const double variance = d.a_share + d.b_share - difference * difference;
    // Clusters may balance themselves; that they tell more than twice their samples is not believed of any.
    samples = std::min(variance / error, 2 * independent);
  }
  if (e.few) {
    const double size = independent / ones;
    const double cautious =
        independent * static_cast<double>(d.clusters + 1) / (static_cast<double>(d.a_only + d.b_only) + size);
    samples = std::min(samples, cautious);
  }
  return samples;
}

// Of Student's t for an estimate that may have no error at all.
PairedScoreTails student_tails(double distance, double stderr_, double freedom, double skew) {
  if (distance == 0 && stderr_ == 0) return {};
  const double t = without_skew(distance / stderr_, skew);
  return {student_upper_tail(-t, freedom), student_upper_tail(t, freedom)};
}

PairedScoreTails score_tails(const PairedEvidence& e, double delta) {
  // No share can be lower by 1 or more unless all are.
  if (delta <= -1) return {1, 0};
  return student_tails(paired_score_without_skew(e.counts, delta), 1, e.facts.freedom, 0);
}

}  // namespace

PairedEvidence paired_evidence(const PairedScores& given) {
  PairedEvidence result;
  PairedComparison& facts = result.facts;
  std::vector<double> difference = differences(given.a, given.b);
  for (double& d : difference) d = -d;
  const PairedScores scores = simplified(given);
  const ClusteredMean mean = clustered_mean(difference, scores.cluster, scores.weight);
  facts.n = static_cast<int64_t>(scores.a.size());
  facts.clusters = scores.cluster.empty() ? 0 : mean.clusters;
  facts.a = weighted_mean(scores.a, scores.weight);
  facts.b = weighted_mean(scores.b, scores.weight);
  facts.difference = mean.mean;
  facts.stderr_ = mean.stderr_;
  facts.freedom = mean.freedom;
  result.skew = mean.skew;
  facts.binary = every_score(scores, [](double x) { return x == 0 || x == 1; });
  facts.method = !scores.cluster.empty()                 ? PairedMethod::kClustered
                 : facts.binary && scores.weight.empty() ? PairedMethod::kScore
                                                         : PairedMethod::kStudent;
  result.has_error = facts.method == PairedMethod::kScore || mean.clusters > 1;
  result.shares = every_score(scores, [](double x) { return x >= 0 && x <= 1; });

  const Discordant d = discordant(scores);
  if (facts.binary) {
    facts.a_only = d.a_only;
    facts.b_only = d.b_only;
    facts.mcnemar = mcnemar(d.a_only, d.b_only);
  }
  if (!result.shares || !result.has_error) return result;
  result.few = d.clusters < kFewDiscordant;
  if (facts.method == PairedMethod::kScore) {
    facts.freedom = kNormalLaw;
    result.counts = {static_cast<double>(d.a_only), static_cast<double>(d.b_only), static_cast<double>(facts.n)};
  } else {
    const double samples = effective_samples(scores, d, result, mean.ones);
    result.counts = {samples * d.a_share, samples * d.b_share, samples};
  }
  return result;
}

PairedScoreTails tails_at(const PairedEvidence& e, double delta) {
  if (e.facts.method == PairedMethod::kScore) {
    return delta <= -1 ? PairedScoreTails{1, 0} : paired_score_tails(e.counts, delta);
  }
  if (e.facts.binary) return score_tails(e, delta);
  PairedScoreTails tails = student_tails(e.facts.difference - delta, e.facts.stderr_, e.facts.freedom, e.skew);
  if (e.few) {
    const PairedScoreTails cautious = score_tails(e, delta);
    tails = {std::max(tails.below, cautious.below), std::max(tails.above, cautious.above)};
  }
  return tails;
}

Interval limits_of(const PairedEvidence& e, double alpha, double delta) {
  if (e.facts.method == PairedMethod::kScore) {
    return paired_score_exact_limits(e.counts, alpha, std::max(delta, -1 + 1e-12));
  }
  const double quantile = student_quantile(1 - alpha, e.facts.freedom);
  if (e.facts.binary) return paired_score_limits_without_skew(e.counts, quantile);
  Interval limits{e.facts.difference - e.facts.stderr_ * with_skew(quantile, e.skew),
                  e.facts.difference - e.facts.stderr_ * with_skew(-quantile, e.skew)};
  if (e.few) {
    const Interval cautious = paired_score_limits_without_skew(e.counts, quantile);
    limits = {std::min(limits.low, cautious.low), std::max(limits.high, cautious.high)};
  }
  return limits;
}

}  // namespace assay::scorers
