#include "reports/report.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.h"
#include "base/text.h"
#include "reports/report_preferences.h"
#include "reports/report_verdict.h"

namespace assay::reports {
namespace {

const store::Json& field_of(const store::Run& run, const char* section, const char* field) {
  static const store::Json kNone;
  if (!run.manifest.is_object() || !run.manifest.contains(section)) return kNone;
  const store::Json& fields = run.manifest.at(section);
  return fields.is_object() && fields.contains(field) ? fields.at(field) : kNone;
}

// A word of a shell, quoted where it has to be.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+:=@%-";
  const bool plain = !text.empty() && text.front() != '-' && text.find_first_not_of(kPlain) == std::string::npos;
  return plain ? text : fmt::format("'{}'", replace_all(text, "'", "'\\''"));
}

// Answers from elsewhere and those of a server cannot be computed again, and a hidden set needs its key.
std::string replay_of(const store::Run& run, bool hidden) {
  const store::Json& weights = field_of(run, "computed", "weights_sha256");
  if (hidden || run.info.answered == 0 || !weights.is_string() || weights == "unknown") return "";
  return fmt::format("assay replay {} --items 20", shell_word(run.info.batch + "/" + run.info.task));
}

ReportedRun reported(const store::Store& store, const store::RunInfo& info,
                     const std::vector<datasets::PublishedNumber>& published) {
  ReportedRun result;
  result.run = store.load_run(info.number);
  result.tags = store.find_batch(info.batch).tags;
  result.hidden = asks_hidden_set(result.run);
  result.published = references_for(measured_by(result.run, result.tags), published);
  const std::vector<store::StoredSample> samples = store.load_samples(info.number);
  result.executions = count_executions(samples);
  result.cost = cost_of(samples, store.sessions(info.batch_id));
  result.calibration = calibration_of(result.run, samples);
  result.replay = replay_of(result.run, result.hidden);
  return result;
}

// The runs of a report against the baseline, batch by batch.
class Against {
 public:
  Against(const store::Store& store, const ReportOptions& options)
      : store_(store), options_(options), baseline_(store.resolve(options.baseline)) {}

  void compare(std::vector<ReportedRun>& runs) {
    std::vector<int64_t> batches;
    for (const ReportedRun& run : runs) {
      const int64_t batch = run.run.info.batch_id;
      if (std::find(batches.begin(), batches.end(), batch) == batches.end()) batches.push_back(batch);
    }
    alone_ = runs.size() == 1 && baseline_.size() == 1;
    for (const int64_t batch : batches) compare_batch(runs, batch);
  }

  std::vector<std::string> tasks_without(const std::vector<ReportedRun>& runs) const {
    std::vector<std::string> tasks;
    for (const store::RunInfo& each : baseline_) {
      const bool reported = std::any_of(runs.begin(), runs.end(), [&](const ReportedRun& run) {
        return counterpart(run.run.info) != nullptr && counterpart(run.run.info)->number == each.number;
      });
      if (!reported) tasks.push_back(each.task);
    }
    return tasks;
  }

 private:
  // One run is held against one whatever their tasks are called, as `compare` does it.
  const store::RunInfo* counterpart(const store::RunInfo& run) const {
    if (alone_) return &baseline_.front();
    const auto found = std::find_if(baseline_.begin(), baseline_.end(),
                                    [&](const store::RunInfo& baseline) { return baseline.task == run.task; });
    return found == baseline_.end() ? nullptr : &*found;
  }

  void compare_batch(std::vector<ReportedRun>& runs, int64_t batch) {
    std::vector<ReportedRun*> compared;
    std::vector<TaskComparison> tasks;
    std::vector<std::pair<store::Run, store::Run>> pairs;
    for (ReportedRun& run : runs) {
      if (run.run.info.batch_id != batch || run.verdict != ReportVerdict::kScored) continue;
      if (!compare_one(run, tasks)) continue;
      compared.push_back(&run);
      pairs.emplace_back(tasks.back().a, run.run);
    }
    if (compared.empty()) return;
    correct_over_tasks(tasks);
    for (size_t i = 0; i < compared.size(); ++i) compared[i]->comparison = std::move(tasks[i]);
    if (options_.margin_points) {
      GateReportOptions gate;
      gate.margin_points = *options_.margin_points;
      gate.allow = options_.allow;
      GateReport report = gate_runs(store_, pairs, gate);
      for (size_t i = 0; i < compared.size(); ++i) compared[i]->gate = std::move(report.tasks[i]);
    }
  }

  // Adds to `tasks`; where there is nothing to compare, the run's verdict says why.
  bool compare_one(ReportedRun& run, std::vector<TaskComparison>& tasks) {
    const store::RunInfo* baseline = counterpart(run.run.info);
    if (baseline == nullptr) {
      run.verdict = ReportVerdict::kUnpaired;
      run.message = "the baseline has no run of this task";
      return false;
    }
    if (baseline->number == run.run.info.number) return false;
    ComparisonOptions options;
    options.allow = options_.allow;
    try {
      tasks.push_back(compare_runs(store_, store_.load_run(baseline->number), run.run, options));
    } catch (const Error& error) {
      if (error.code() != ExitCode::kBadInput) throw;
      run.verdict = ReportVerdict::kRefused;
      run.message = error.what();
      return false;
    }
    if (run.calibration) {
      run.baseline_calibration = calibration_of(tasks.back().a, store_.load_samples(baseline->number));
    }
    if (run.hidden || asks_hidden_set(tasks.back().a)) {
      for (Flip& flip : tasks.back().flips) flip.gold = flip.answer_a = flip.answer_b = "";
    }
    return true;
  }

  const store::Store& store_;
  const ReportOptions& options_;
  std::vector<store::RunInfo> baseline_;
  bool alone_ = false;
};

void add_flips(const ReportedRun& run, std::vector<TellingFlip>& flips) {
  if (!run.comparison) return;
  for (const Flip& flip : run.comparison->flips) flips.push_back({&run, &flip});
}

std::vector<TellingFlip> most_telling(std::vector<TellingFlip> flips, size_t most) {
  const auto order = [](const TellingFlip& telling) {
    const Flip& flip = *telling.flip;
    const double change = flip.score_b - flip.score_a;
    const bool lost = (change < 0) != telling.run->comparison->scores.front().lower_is_better;
    const bool later = telling.run->verdict != ReportVerdict::kBetter && !lost;
    return std::tuple(telling.run->verdict, later, -std::fabs(flip.margin_change.value_or(0)), -std::fabs(change));
  };
  std::stable_sort(flips.begin(), flips.end(),
                   [&](const TellingFlip& a, const TellingFlip& b) { return order(a) < order(b); });
  flips.resize(std::min(flips.size(), most));
  return flips;
}

}  // namespace

bool asks_hidden_set(const store::Run& run) {
  return !field_of(run, "asked", "hidden_set").is_null();
}

Report make_report(const store::Store& store, const std::vector<store::RunInfo>& runs, const ReportOptions& options) {
  if (options.margin_points && options.baseline.empty()) {
    fail(ExitCode::kUsage, "--margin is held against a baseline: give --baseline RUN too");
  }
  check_allow(options.allow);
  Report report;
  report.baseline = options.baseline;
  report.margin_points = options.margin_points;
  for (const store::RunInfo& run : runs) {
    report.runs.push_back(reported(store, run, options.published));
    judge_state(report.runs.back());
  }
  if (!options.baseline.empty()) {
    Against against(store, options);
    against.compare(report.runs);
    report.missing_tasks = against.tasks_without(report.runs);
  }
  for (ReportedRun& run : report.runs) {
    judge_comparison(run, report.alpha, report.margin_points);
    report.verdict = std::min(report.verdict, run.verdict);
  }
  report.preferences = preferences_among(store, runs);
  return report;
}

std::vector<TellingFlip> telling_flips(const Report& report, size_t most) {
  std::vector<TellingFlip> flips;
  for (const ReportedRun& run : report.runs) add_flips(run, flips);
  return most_telling(std::move(flips), most);
}

std::vector<TellingFlip> telling_flips(const ReportedRun& run, size_t most) {
  std::vector<TellingFlip> flips;
  add_flips(run, flips);
  return most_telling(std::move(flips), most);
}

std::string model_of(const store::Run& run) {
  const bool named = run.manifest.is_object() && run.manifest.contains("model_name");
  const store::Json name = named ? run.manifest.at("model_name") : store::Json();
  return name.is_string() ? name.get<std::string>() : "unknown";
}

}  // namespace assay::reports
