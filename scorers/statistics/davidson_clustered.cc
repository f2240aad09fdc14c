#include "scorers/statistics/davidson_clustered.h"

#include <limits>

#include "base/error.h"

namespace assay::scorers {
namespace {

void check(int models, std::span<const PairRating> ratings) {
  if (models < 2) fail_input("Davidson: {} models; give two or more", models);
  for (size_t v = 0; v < ratings.size(); ++v) {
    const PairRating& r = ratings[v];
    if (r.first < 0 || r.second < 0 || r.first >= models || r.second >= models || r.first == r.second) {
      fail_input("Davidson: rating {} compares models {} and {}; give two different ones of 0 to {}", v, r.first,
                 r.second, models - 1);
    }
  }
}

std::optional<Davidson> fit_of(size_t models, std::span<const PairRating> ratings) {
  Matrix wins(models, std::vector<double>(models));
  Matrix ties = wins;
  for (const PairRating& r : ratings) {
    const size_t i = static_cast<size_t>(r.first);
    const size_t j = static_cast<size_t>(r.second);
    if (r.verdict == Verdict::kTie) {
      ++ties[i][j];
      ++ties[j][i];
    } else {
      ++(r.verdict == Verdict::kWin ? wins[i][j] : wins[j][i]);
    }
  }
  return davidson(wins, ties);
}

struct Influence {
  std::vector<double> value;
  std::vector<double> weight;
  std::vector<int> prompt;
  std::vector<int> rater;
};

// Of the ratings that say something of the contrast, A⁺c = `effect`.
Influence influence_of(const Davidson& fit, std::span<const PairRating> ratings, const std::vector<double>& effect) {
  const double log_nu = fit.has_ties() ? fit.log_nu : -std::numeric_limits<double>::infinity();
  const double of_nu = fit.has_ties() ? effect.back() : 0;
  Influence result;
  double total = 0;
  for (const PairRating& r : ratings) {
    const size_t i = static_cast<size_t>(r.first);
    const size_t j = static_cast<size_t>(r.second);
    const DavidsonPair pair = davidson_pair(fit.log_strength[i] - fit.log_strength[j], log_nu);
    const double of_pair = effect[i] - effect[j];
    const double weight = of_pair * of_pair * pair.information() + 2 * of_pair * of_nu * pair.information_with_tie() +
                          of_nu * of_nu * pair.information_of_tie();
    if (!(weight > 0)) continue;
    result.value.push_back(of_pair * pair.slope(r.verdict) + of_nu * pair.slope_of_tie(r.verdict));
    result.weight.push_back(weight);
    result.prompt.push_back(r.prompt);
    result.rater.push_back(r.rater);
    total += weight;
  }
  for (size_t v = 0; v < result.value.size(); ++v) {
    result.weight[v] /= total;
    result.value[v] /= result.weight[v];
  }
  return result;
}

TwoWayMean estimate(const Davidson& fit, std::span<const PairRating> ratings, const std::vector<double>& contrast) {
  const Influence influence = influence_of(fit, ratings, product(fit.covariance, contrast));
  TwoWayMean result = two_way_clustered_mean(influence.value, influence.prompt, influence.rater, influence.weight);
  // At the maximum the influences sum to 0: the interval so far is that of the error alone.
  result.mean = 0;
  for (size_t i = 0; i < fit.log_strength.size(); ++i) result.mean += contrast[i] * fit.log_strength[i];
  result.interval.low += result.mean;
  result.interval.high += result.mean;
  return result;
}

}  // namespace

std::optional<ClusteredDavidson> davidson_clustered(int models, std::span<const PairRating> ratings) {
  check(models, ratings);
  const size_t n = static_cast<size_t>(models);
  std::optional<Davidson> fit = fit_of(n, ratings);
  if (!fit) return std::nullopt;
  ClusteredDavidson result;
  result.fit = std::move(*fit);
  const size_t size = result.fit.covariance.size();
  TwoWayMean nothing;
  nothing.freedom = std::numeric_limits<double>::quiet_NaN();
  result.differences.assign(n, std::vector<TwoWayMean>(n, nothing));
  for (size_t i = 0; i < n; ++i) {
    std::vector<double> contrast(size);
    for (size_t j = 0; j < n; ++j) contrast[j] = (i == j ? 1 : 0) - 1 / static_cast<double>(n);
    result.strengths.push_back(estimate(result.fit, ratings, contrast));
    for (size_t j = i + 1; j < n; ++j) {
      contrast.assign(size, 0);
      contrast[i] = 1;
      contrast[j] = -1;
      const TwoWayMean difference = estimate(result.fit, ratings, contrast);
      result.differences[i][j] = result.differences[j][i] = difference;
      result.differences[j][i].mean = -difference.mean;
      result.differences[j][i].interval = {-difference.interval.high, -difference.interval.low};
    }
  }
  return result;
}

}  // namespace assay::scorers
