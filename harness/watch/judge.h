// What follows from a checkpoint's scores: its verdict and the line that tells it, the command on a regression, the
// reports.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/watch/options.h"
#include "harness/watch/teller.h"
#include "harness/watch/verdict.h"
#include "store/store.h"

namespace assay::harness {

// Opens the database for each act and closes it again. `options` and `teller` outlive it. Errors: those of the store
// and of judge_batch().
class WatchJudge {
 public:
  WatchJudge(const WatchOptions& options, std::filesystem::path database, const WatchTeller& teller);

  // The database's batches of this watch, asked as its options say, oldest first; and those among `all`.
  std::vector<store::Batch> batches() const;
  std::vector<store::Batch> ours(std::vector<store::Batch> all) const;

  // For a batch that is done: judges it unless that was done, and tells it the first time, or where `tell_again` once a
  // watch; runs the command on a regression if nobody has, at most once ever.
  void conclude(const store::Batch& batch, bool tell_again);
  // Of a batch that was concluded.
  reports::ReportVerdict verdict(int64_t batch) const { return verdicts_.at(batch); }

  // Writes the reports, whatever is new or not; a file that cannot be written is an error here alone.
  void write_reports();
  // Writes them where something is new. While checkpoints wait (not `idle`) that takes a tenth of the time at most.
  void write_reports_if_due(bool idle);
  // Whether the last try failed.
  bool reports_failed() const { return !report_problem_.empty(); }

 private:
  void react(store::Store& store, const store::Batch& batch, const WatchVerdict& verdict);

  using Clock = std::chrono::steady_clock;

  const WatchOptions& options_;
  std::filesystem::path database_;
  const WatchTeller& teller_;
  store::Json asked_;
  std::string key_;                                     // of the baseline, once it was needed
  std::map<int64_t, reports::ReportVerdict> verdicts_;  // by batch
  std::set<int64_t> told_;                              // batches
  bool report_is_due_ = false;
  std::string report_problem_;
  Clock::time_point next_try_;   // after a failure
  Clock::time_point next_busy_;  // while checkpoints wait
};

}  // namespace assay::harness
