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
};

struct Metric {
  std::string name;     // acc, exact_match, pass@1, perplexity, ...
  std::string filter;   // empty: none
  std::string subset;   // a subset or the name of a group; empty: the whole task
  std::string average;  // micro | macro
  double value = 0;
  double stderr_ = 0;   // NaN where it is not defined (one sample)
  double low = 0;       // 95 % interval
  double high = 0;
  int n = 0;            // samples
};

struct Averaging {
  std::string headline = "micro";  // micro | macro: which of the two comes first
  std::string group_stderr = "pooled";  // pooled (lm-eval's formula) | samples (the errors of all samples together)
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::vector<std::string> averaged_subsets;  // empty: all
};

// The whole task first (headline average, then the other where there are several subsets), then groups, then subsets.
std::vector<Metric> aggregate(const std::vector<Scorer::ScoreName>& names, const std::vector<ScoredSample>& samples,
                              const Averaging& averaging);

}  // namespace assay::scorers
