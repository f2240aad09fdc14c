// From scores to metrics: means, standard errors and intervals over samples, subsets and groups (PROTOCOLS.md §1.5).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scorers/scorer.h"

namespace assay::scorers {

struct ScoredSample {
  std::string subset;
  std::string cluster;  // empty: its own
  std::map<std::string, double> values;
  std::string id = {};  // samples of one subset and id are answers to one item; empty: its own item
};

struct Metric {
  std::string name;     // acc, exact_match, pass@1, pass@10, perplexity, ...
  std::string filter;   // empty: none
  std::string subset;   // a subset or the name of a group; empty: the whole task
  std::string average;  // micro | macro
  double value = 0;
  double stderr_ = 0;  // NaN where it is not defined (one sample)
  double low = 0;      // 95 % interval
  double high = 0;
  int n = 0;  // items
};

struct Averaging {
  std::string headline = "micro";       // micro | macro: which of the two comes first
  std::string group_stderr = "pooled";  // pooled (lm-eval's formula) | samples (the errors of all samples together)
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::vector<std::string> averaged_subsets;  // empty: all
};

// The whole task first (headline average, then the other where there are several subsets), then groups, then subsets;
// in each, the names in their order. A sample that lacks a score does not count in it, and a part without any is left
// out. An item that was answered several times counts once, with the mean of its scores; pass@1 is then followed by
// pass@k (scorers/repeats.h).
//
// Micro: the mean over samples. Macro: the mean over subset means. perplexity and bits_per_byte are ratios of sums
// instead of means (scorers/perplexity.h). 95 % interval of a micro average of scores that are all 0 or 1: Wilson's
// over its samples, whichever standard error is reported; of everything else value ± 1.96 standard errors, cut to [0,
// 1] where every score lies there. Error(kBadInput) where `averaging` has another word than those above.
std::vector<Metric> aggregate(const std::vector<Scorer::ScoreName>& names, const std::vector<ScoredSample>& samples,
                              const Averaging& averaging);

}  // namespace assay::scorers
