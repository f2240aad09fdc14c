#include "harness/watch/judge.h"

#include "base/error.h"
#include "harness/watch/records.h"
#include "harness/watch/regression_command.h"

namespace assay::harness {

namespace fs = std::filesystem;
using store::Store;

WatchJudge::WatchJudge(const WatchOptions& options, fs::path database, const WatchTeller& teller)
    : options_(options),
      database_(std::move(database)),
      teller_(teller),
      asked_(asked_of_batch(recorded_options(options.run))) {}

std::vector<store::Batch> WatchJudge::batches() const {
  return ours(Store(database_, Store::Mode::kRead).batches());
}

std::vector<store::Batch> WatchJudge::ours(std::vector<store::Batch> all) const {
  return batches_of_watch(std::move(all), options_.name, asked_);
}

void WatchJudge::conclude(const store::Batch& batch, bool tell_again) {
  if (verdicts_.contains(batch.id) && !tell_again) return;
  Store store(database_, Store::Mode::kWrite);
  if (key_.empty()) key_ = baseline_key(store, options_);
  const std::optional<WatchVerdict> earlier = verdict_of_tag(batch, key_);
  const WatchVerdict verdict = earlier ? *earlier : judge_batch(store, batch, options_);
  if (!earlier) {
    store.set_tag(batch.id, kWatchVerdictTag, verdict_tag(verdict, key_));
    report_is_due_ = true;
  }
  if ((!earlier || tell_again) && told_.insert(batch.id).second) {
    teller_.result(verdict_line(store, batch, verdict), verdict_json(store, batch, verdict));
  }
  verdicts_[batch.id] = verdict.verdict;
  if (is_regression(verdict.verdict)) react(store, batch, verdict);
}

// It is noted before the command begins, and the report that it may want to send is written.
void WatchJudge::react(store::Store& store, const store::Batch& batch, const WatchVerdict& verdict) {
  if (options_.command.empty() || batch.tags.contains(kWatchCommandTag)) return;
  if (!store.add_tag(batch.id, kWatchCommandTag, "begun")) return;
  write_reports_if_due(/*idle=*/true);
  const auto absolute = [](const fs::path& path) { return fs::absolute(path).string(); };
  const std::map<std::string, std::string> facts = {
      {"ASSAY_CHECKPOINT", batch.options.at("model")},
      {"ASSAY_RUN", batch.name},
      {"ASSAY_STEP", batch.tags.contains(kStepTag) ? batch.tags.at(kStepTag) : ""},
      {"ASSAY_VERDICT", to_string(verdict.verdict)},
      {"ASSAY_SUMMARY", verdict_line(store, batch, verdict)},
      {"ASSAY_BASELINE", options_.baseline},
      {"ASSAY_REPORT", options_.reports.empty() ? "" : absolute(options_.reports.front())},
      {"ASSAY_DB", absolute(database_)}};
  teller_.note("command", batch.name, "runs the command on a regression");
  const std::string end = run_regression_command(options_.command, facts, options_.command_seconds);
  store.set_tag(batch.id, kWatchCommandTag, end);
  if (end != "exit 0") teller_.warn("command_failed", batch.name, "the command on a regression: " + end);
}

void WatchJudge::write_reports() {
  if (options_.reports.empty()) return;
  const auto begin = Clock::now();
  write_watch_reports(Store(database_, Store::Mode::kRead), batches(), options_);
  report_is_due_ = false;
  report_problem_.clear();
  next_busy_ = Clock::now() + 10 * (Clock::now() - begin);
}

void WatchJudge::write_reports_if_due(bool idle) {
  if (!report_is_due_ || Clock::now() < next_try_ || (!idle && Clock::now() < next_busy_)) return;
  try {
    write_reports();
  } catch (const Error& error) {
    if (report_problem_ != error.what()) teller_.warn("report_failed", error.what());
    report_problem_ = error.what();
    next_try_ = Clock::now() + std::chrono::seconds(5);
  }
}

}  // namespace assay::harness
