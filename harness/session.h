// One batch being computed: which requests are still open, and what to do with each answer.
#pragma once

#include <chrono>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "harness/answer_file.h"
#include "harness/prepare.h"
#include "sandbox/jail.h"
#include "store/store.h"

namespace assay::harness {

class Session {
 public:
  // `numbers`: the runs' numbers in the store, one a prepared run. `jail`: executes the programs of the answers, those
  // too that were stored before and have no score; null where programs stay texts.
  Session(store::Store& store, const std::vector<PreparedRun>& runs, std::vector<int64_t> numbers, sandbox::Jail* jail);

  // The requests that have no answer yet, over all runs.
  const std::vector<engine::Request>& open_requests() const { return requests_; }

  // Stores the answers of one step in one transaction, with their scores; an answer that is a program is stored without
  // one, and executed meanwhile. Never waits for an execution. `request` of a response indexes open_requests().
  void take(std::vector<engine::Response> responses);

  // Takes every answer that the file has; returns "task: id" of those that it lacks.
  std::vector<std::string> take_all(const AnswerFile& file);

  // Programs handed to the jail, and how many of them have a stored score.
  size_t programs() const { return programs_; }
  size_t programs_scored() const { return programs_ - executing_.size(); }
  // Stores the scores of programs that have ended, after waiting at most `patience` for the first of them. Error of the
  // jail: kUnavailable, kInternal.
  void collect(std::chrono::milliseconds patience);

  // "mmlu acc 31.2 +/- 1.4" of the run that was answered last; empty before the first score.
  std::string running_score() const;

 private:
  struct Open {
    size_t run = 0;
    size_t position = 0;
  };
  // A program in the jail; the first has been there longest.
  struct Executing {
    size_t run = 0;
    size_t position = 0;
    sandbox::GradeJob program;
    std::future<sandbox::Grade> grade;
  };
  // Mean and spread of the first score of a run, as answers come in.
  struct Running {
    double sum = 0;
    double sum_of_squares = 0;
    int n = 0;
  };
  // Hands the program of an answer to the jail; false where there is none to execute.
  bool execute(size_t run, size_t position, const engine::Response& response);
  void execute_unscored(size_t run);
  void count(size_t run, const scorers::Score& score);

  store::Store& store_;
  const std::vector<PreparedRun>& runs_;
  std::vector<int64_t> numbers_;
  sandbox::Jail* jail_;
  std::vector<Open> open_;
  std::vector<engine::Request> requests_;
  std::vector<Running> running_;
  size_t last_run_ = 0;
  std::deque<Executing> executing_;
  size_t programs_ = 0;
};

}  // namespace assay::harness
