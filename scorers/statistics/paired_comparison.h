// Is B better or worse than A? One call for two runs over the same samples: the difference, its error and interval, and
// the one p-value that a verdict stands on. What `assay compare` and `assay gate` decide by.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// The scores of both runs, position by position. `cluster` numbers the samples' clusters as in cluster_sums(); empty:
// all samples are independent. `weight`: what a sample counts, above 0; empty: all the same (a macro average over k
// subsets is the weight N/(k·n_subset)).
struct PairedScores {
  std::span<const double> a;
  std::span<const double> b;
  std::span<const int> cluster = {};
  std::span<const double> weight = {};
};

enum class PairedMethod {
  kScore,      // unweighted 0/1 scores of independent samples: exact McNemar for p, Tango's score interval
  kStudent,    // independent samples otherwise: t of n−1
  kClustered,  // clustered standard error (cr1) of the weighted mean, t of G−1
};

struct PairedComparison {
  int64_t n = 0;
  int clusters = 0;  // 0: independent samples
  PairedMethod method = PairedMethod::kScore;
  double a = 0;           // weighted mean scores
  double b = 0;
  double difference = 0;  // B − A: below 0 B is worse
  double stderr_ = 0;     // of the difference, clustered where there are clusters; NaN below two samples (clusters)
  double freedom = 0;     // of Student's t; kNormalLaw for kScore
  double p = 1;           // two-sided, "no difference"; what a verdict stands on. 1 where nothing can be said
  Interval interval;      // of the difference; NaN where no error can be given
  // Of 0/1 scores (weighted or not): how many samples A alone and B alone answers rightly, and McNemar's test of them,
  // which takes the samples as independent.
  bool binary = false;
  int64_t a_only = 0;
  int64_t b_only = 0;
  McNemar mcnemar;
};

// Weighted means use linearised values D + w(d−D) with mean weight 1, so that every method above applies.
// Where the scores are shares (all in [0, 1]) and fewer than kFewDiscordant samples differ, a standard error from them
// cannot be trusted (it is 0 where none differs): the interval of kStudent and kClustered is then widened to hold
// Tango's of the same counts (a sample counts as discordant where the two scores differ), and p is the larger of the
// two tests.
// Error(kBadInput) as differences() and for lengths that differ, a weight that is not above 0 and a level outside
// (0, 1).
inline constexpr int64_t kFewDiscordant = 10;
PairedComparison compare_paired(const PairedScores& scores, double level = 0.95);

// Is B worse than A by more than a margin (in the unit of the scores, >= 0), or surely not?
struct NonInferiority {
  PairedComparison comparison;
  Interval limits;         // two one-sided limits of level 1−α each
  double p_inferior = 1;   // small where B is worse by more than the margin: < α just where limits.high < −margin
  double p_not_worse = 1;  // small where B is not: < α just where limits.low > −margin
  // Samples that would settle it with `power` if the difference and its spread stayed what they are (whole number,
  // more than n where it is not settled yet); none where no number can be given: the difference lies on the margin
  // itself, or there is no standard error.
  std::optional<int64_t> samples_to_settle;
};

struct GateOptions {
  double margin = 0;
  double alpha = 0.05;  // one-sided; 0 < alpha < 0.5
  double power = 0.8;
};

// The same methods one-sidedly: Tango's score test at −margin (kScore), t of the difference + margin over its error
// (kStudent, kClustered; with few discordant samples the more careful of the two, as above). Where no error can be
// given both p are 1. samples_to_settle is the larger of paired_mean_samples() with the deviation √n·stderr_ and a
// one-sided test, and, for shares, the n at which Tango's interval of no discordant sample is narrower than the margin.
NonInferiority non_inferiority(const PairedScores& scores, const GateOptions& options);

}  // namespace assay::scorers
