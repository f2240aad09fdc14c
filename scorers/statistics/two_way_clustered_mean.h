// The mean of ratings, which come in clusters in two ways at once: several people judge one prompt, and one person
// judges many prompts. Neither way lies inside the other.
#pragma once

#include <cstdint>
#include <span>

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// V_p, V_r and V_pr are the squared errors of clustered_mean() by prompt, by rater and by both (the ratings of one
// prompt by one rater), each with its CR2 correction and its Satterthwaite degrees of freedom f_p, f_r and f_pr.
struct TwoWayMean {
  int64_t n = 0;  // ratings
  int prompts = 0;
  int raters = 0;
  double mean = 0;
  double stderr_ = 0;  // √max(V_p + V_r − V_pr, V_p, V_r, V_pr): A. C. Cameron, J. B. Gelbach, D. L. Miller 2011,
                       // "Robust inference with multiway clustering", J. Bus. Econ. Stat. 29, 238-249. Their sum falls
                       // below a one-way error, even below 0, by chance alone: the largest is that of J. G. MacKinnon,
                       // M. Ø. Nielsen, M. D. Webb 2024, "Jackknife inference with two-way clustering", arXiv
                       // 2406.08880; with V_pr here too, as two who always contradict each other leave no other error
  double freedom = 0;  // V²/(V_p²/f_p + V_r²/f_r), V = stderr_², at most f_pr: F. E. Satterthwaite 1946, "An
                       // approximate distribution of estimates of variance components", Biometrics Bull. 2, 110-114.
                       // With few raters who agree it is more than the usual min(prompts, raters) − 1, and covers
                       // better. That minimum where nothing varies
  double rater_stderr = 0;  // √max(V_r − V_pr, 0), at most stderr_: the part of stderr_ that more prompts do not make
                            // smaller as long as the raters stay the same
  Interval interval;  // of the level asked for, by Student's t
};

// `prompt` and `rater` hold one number a value, as in cluster_sums(); weights as in clustered_mean(). A way with a
// single cluster is left out: with one rater the error is that by prompt, rater_stderr is NaN, and the interval holds
// for this rater's judgement of further prompts; how others judge nobody can tell from him. With one prompt likewise.
// With one of both error, freedom and interval are NaN. Error(kBadInput) as clustered_mean(), and for a level outside
// (0, 1).
TwoWayMean two_way_clustered_mean(std::span<const double> values, std::span<const int> prompt,
                                  std::span<const int> rater, std::span<const double> weight = {}, double level = 0.95);

}  // namespace assay::scorers
