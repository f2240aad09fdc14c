// Two runs of one task compared: every score and the continuous margin, paired sample by sample, each with an error, a
// p-value and what that means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/comparability.h"
#include "reports/references.h"
#include "reports/score_columns.h"
#include "scorers/statistics/bootstrap.h"
#include "scorers/statistics/paired_comparison.h"
#include "store/store.h"

namespace assay::reports {

struct ComparisonOptions {
  std::vector<std::string> allow;  // --allow
  ColumnOptions columns;           // --cluster, --metric
  bool by_subset = false;          // --by subset
};

// One score of both runs over the samples that have it.
struct ScoreComparison {
  ScoreName name;
  bool lower_is_better = false;
  bool share = true;                            // shown as a percentage, differences as points
  bool macro = false;                           // the average that is compared
  scorers::PairedComparison paired;             // its difference is B − A, in the unit of the score
  std::optional<scorers::Bootstrap> bootstrap;  // of the difference, where the scores are not all 0 or 1
  double p_holm = 1;                            // paired.p corrected for the tasks (or the subsets) compared
};

struct SubsetComparison {
  std::string subset;
  ScoreComparison score;  // the primary one; p_holm over the subsets
};

// A sample that the two runs score differently.
struct Flip {
  std::string subset;
  std::string id;
  std::string gold;
  std::string answer_a;
  std::string answer_b;
  double score_a = 0;
  double score_b = 0;
  std::optional<double> margin_change;  // of B − A, natural logarithm; likelihood questions only
};

struct TaskComparison {
  store::Run a;
  store::Run b;
  Comparability comparability;
  std::vector<ScoreComparison> scores;  // the primary one first; never empty
  std::optional<ScoreComparison> margin;
  std::vector<SubsetComparison> subsets;
  std::vector<Flip> flips;             // all, the largest change in margin first, then in score
  std::vector<std::string> warnings;   // of the primary score
  std::vector<Reference> published_a;  // beside A and B; the caller's to fill
  std::vector<Reference> published_b;
};

// Pairs and compares two runs. p_holm of scores and margin is p until correct_over_tasks(). Errors: those of
// require_comparable() and score_columns().
TaskComparison compare_runs(const store::Store& store, const store::Run& a, const store::Run& b,
                            const ComparisonOptions& options);

// Holm's correction over the primary scores of several tasks, and over their margins. The other scores of a task are
// corrected as if they had taken the primary one's place.
void correct_over_tasks(std::vector<TaskComparison>& tasks);

}  // namespace assay::reports
