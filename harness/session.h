// One batch being computed: which requests are still open, and what to do with each answer.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "harness/answer_file.h"
#include "harness/prepare.h"
#include "store/store.h"

namespace assay::harness {

class Session {
 public:
  // `numbers`: the runs' numbers in the store, one a prepared run.
  Session(store::Store& store, const std::vector<PreparedRun>& runs, std::vector<int64_t> numbers);

  // The requests that have no answer yet, over all runs.
  const std::vector<engine::Request>& open_requests() const { return requests_; }

  // Scores and stores the answers of one step in one transaction. `request` of a response indexes open_requests().
  void take(std::vector<engine::Response> responses);

  // Takes every answer that the file has; returns "task: id" of those that it lacks.
  std::vector<std::string> take_all(const AnswerFile& file);

  // "mmlu acc 31.2 +/- 1.4" of the run that was answered last; empty before the first score.
  std::string running_score() const;

 private:
  struct Open {
    size_t run = 0;
    size_t position = 0;
  };
  // Mean and spread of the first score of a run, as answers come in.
  struct Running {
    double sum = 0;
    double sum_of_squares = 0;
    int n = 0;
  };
  void count(size_t run, const scorers::Score& score);

  store::Store& store_;
  const std::vector<PreparedRun>& runs_;
  std::vector<int64_t> numbers_;
  std::vector<Open> open_;
  std::vector<engine::Request> requests_;
  std::vector<Running> running_;
  size_t last_run_ = 0;
};

}  // namespace assay::harness
