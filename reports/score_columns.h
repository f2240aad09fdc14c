// The numbers of a pairing as columns, ready for scorers/statistics: one entry a sample that both runs have scored.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/pairing.h"
#include "scorers/statistics/paired_comparison.h"

namespace assay::reports {

struct ScoreName {
  std::string key;     // in ItemSide::scores: "strict-match", "passed"
  std::string metric;  // as the run's metrics call it: "exact_match", "pass@1"
  std::string filter;  // empty: none
};

struct ScoreColumns {
  ScoreName name;
  bool lower_is_better = false;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<int> cluster;              // empty: independent samples
  std::vector<double> weight;            // empty: micro average; else the weights of a macro average
  std::vector<const PairedItem*> items;  // the samples; they live as long as the pairing
  std::vector<std::string> warnings;     // few clusters, one cluster, one sample
  scorers::PairedScores view() const { return {a, b, cluster, weight}; }
};

struct ColumnOptions {
  bool clusters = true;  // where samples come in clusters (subject, passage), say so to the statistics
  std::string metric;    // the metric or filter that comes first; empty: the first of the run's metrics
};

// Every score that both runs have, the primary one first; never empty. Headline average and the subsets that count in
// it are those of A's manifest. Error(kUsage) for a metric that they do not have, naming those; kBadInput where the
// two have no score in common.
std::vector<ScoreColumns> score_columns(const Pairing& pairing, const store::Run& a, const ColumnOptions& options);

// The primary score of the pairs so far, for a gate that is asked while the candidate runs: only samples whose cluster
// is scored as a whole, with the weights that they have in the whole sample set.
struct PairsSoFar {
  ScoreColumns columns;        // may be empty
  double largest_cluster = 0;  // weight of the largest cluster of the whole set; the largest weight where independent
};
PairsSoFar pairs_so_far(const Pairing& pairing, const store::Run& a, const ColumnOptions& options);

// The margins of likelihood questions (ItemSide::margin), called "margin"; none where no sample has one.
std::optional<ScoreColumns> margin_columns(const Pairing& pairing, const store::Run& a, const ColumnOptions& options);

// The primary score of each subset, by name; every sample counts the same.
std::vector<std::pair<std::string, ScoreColumns>> subset_columns(const Pairing& pairing, const store::Run& a,
                                                                 const ColumnOptions& options);

}  // namespace assay::reports
