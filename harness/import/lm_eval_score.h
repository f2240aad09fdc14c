// How the answers of a log are scored: by Assay's own scorer, or with the scores that the log holds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/import/imported_run.h"
#include "harness/import/known_task.h"
#include "harness/import/lm_eval_log.h"

namespace assay::harness {

// The target in the form of our data. A likelihood has no choices where the target is none of its continuations.
datasets::Gold gold_from(const LmEvalSample& sample);

// Scored by `scorer`; the sample's text fields are not known, so a rule that needs them cannot be used.
scorers::Score score_by(const scorers::Scorer& scorer, const ImportedSample& sample, const std::string& prompt);

// Names of the log's own scores: "acc"; a filter's name where it has one metric, else "metric,filter".
std::vector<scorers::Scorer::ScoreName> own_names(const LmEvalSample& sample);
// Their values; the filter and metric of a name say which, its score what they are called.
scorers::Score own_score(const LmEvalSample& sample, const std::vector<scorers::Scorer::ScoreName>& names);

// Where our scores and the log's differ: ids, by our score's name. Only documents with one answer can be compared.
class ScoreComparison {
 public:
  void add(const std::vector<scorers::Scorer::ScoreName>& names, const scorers::Score& ours, const LmEvalSample& theirs,
           const std::string& id);
  // "gsm8k_cot: 2 of 8 scores strict-match differ from the log's (gsm8k/test/3, ...)"; empty where all are equal.
  std::vector<std::string> warnings(const std::string& task) const;

 private:
  struct Tally {
    size_t compared = 0;
    std::vector<std::string> different;
  };
  std::map<std::string, Tally> tallies_;
};

}  // namespace assay::harness
