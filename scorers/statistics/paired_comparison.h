// Is B better or worse than A? One call for two runs over the same samples: the difference, its error and interval, and
// the one p-value that a verdict stands on. What `assay compare` and `assay gate` decide by; docs/statistics.md shows
// by simulation how often each errs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// The scores of both runs, position by position. `cluster` numbers the samples' clusters as in cluster_sums(); empty
// (or each sample its own): all samples are independent. `weight`: what a sample counts, above 0; empty: all the same
// (a macro average over k subsets is the weight N/(k·n_subset)).
struct PairedScores {
  std::span<const double> a;
  std::span<const double> b;
  std::span<const int> cluster = {};
  std::span<const double> weight = {};
};

// What error and p stand on. Where the scores are 0 and 1 alone, the last two enter Tango's score test with the counts
// of as many independent samples as say the same (J. N. K. Rao, A. J. Scott 1992, "A simple method for the analysis of
// clustered binary data", Biometrics 48, 577-585), without its skew, by Student's t: a t of the mean difference lets a
// one-sided error of 5 % grow to 9 % where all discordant samples fall to one side.
enum class PairedMethod {
  kScore,      // unweighted 0/1 scores of independent samples: exact McNemar for p, Tango's score interval
  kStudent,    // independent samples otherwise: error and freedom of clustered_mean(), which are sd/√n and n−1, and
               // a t that is rid of skew (skewed_t.h)
  kClustered,  // clustered samples: the same by clusters
};

struct PairedComparison {
  int64_t n = 0;
  int clusters = 0;  // 0: independent samples
  PairedMethod method = PairedMethod::kScore;
  double a = 0;  // weighted mean scores
  double b = 0;
  double difference = 0;  // B − A: below 0 B is worse
  double stderr_ = 0;     // of the difference, by clusters where there are any; NaN below two samples (clusters)
  double freedom = 0;     // of Student's t; kNormalLaw for kScore
  double p = 1;           // two-sided, "no difference"; what a verdict stands on. 1 where nothing can be said
  Interval interval;      // of the difference; NaN where no error can be given. That of kScore is no inversion of
                          // McNemar's test: close to 0 the two may disagree, and p decides
  // Of 0/1 scores (weighted or not): how many samples A alone and B alone answers rightly, and McNemar's test of them,
  // which takes the samples as independent.
  bool binary = false;
  int64_t a_only = 0;
  int64_t b_only = 0;
  McNemar mcnemar;
};

// Where scores are shares (all in [0, 1]) and fewer samples (clusters) than this hold a difference, an error estimated
// from them cannot be trusted (it is 0 where none differs). kScore then takes the exact limits of paired_score_exact.h.
// The others count as at most n·(k+1)/(m+s) independent samples: k clusters of s samples in the mean hold the m that
// differ, and one more cluster is taken to differ throughout. Scores between 0 and 1 take the wider of the intervals
// by t and by these counts, and the larger p.
inline constexpr int64_t kFewDiscordant = 10;

// Error(kBadInput) as differences() and clustered_mean(), and for a level outside (0, 1).
PairedComparison compare_paired(const PairedScores& scores, double level = 0.95);

// Is B worse than A by more than a margin (in the unit of the scores, >= 0), or surely not?
struct NonInferiority {
  PairedComparison comparison;
  Interval limits;         // two one-sided limits of level 1−α each; NaN where no error can be given
  double p_inferior = 1;   // small where B is worse by more than the margin: < α just where limits.high < −margin
  double p_not_worse = 1;  // small where B is not: < α just where limits.low > −margin
  // Samples that would settle it with `power` if the difference and its spread stayed what they are (more than n where
  // it is not settled yet); none where no number can be given: the difference lies on the margin itself, or there is
  // no standard error.
  std::optional<int64_t> samples_to_settle;
};

struct GateOptions {
  double margin = 0;
  double alpha = 0.05;  // one-sided; 0 < alpha < 0.5
  double power = 0.8;   // 0.5 <= power < 1
};

// The same methods one-sidedly, at −margin: the exact tails of Tango's statistic (kScore), else t and the score test as
// above. Where no error can be given both p are 1. samples_to_settle is the larger of paired_mean_samples() with the
// deviation √n·stderr_ and a one-sided test, and, for shares, the n at which a score interval without any discordant
// sample is narrower than the margin. Error(kBadInput) as compare_paired(), and for options outside their ranges.
NonInferiority non_inferiority(const PairedScores& scores, const GateOptions& options);

}  // namespace assay::scorers
