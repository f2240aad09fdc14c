// `assay rescore`: stored responses by the present scorer, with what changed.
#include "harness/rescore.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/run_table.h"
#include "reports/table.h"
#include "store/export.h"

namespace assay::harness {
namespace {

struct RescoreArguments {
  std::string run;
  RescoreOptions options;
  size_t most = 20;
};

std::string gold_of(const store::PlannedSample& plan) {
  if (plan.kind != store::RequestKind::kLogLikelihood) return printable(plan.gold.text);
  std::vector<std::string> choices;
  for (const int choice : plan.gold.choices) choices.push_back(printable(plan.continuations.at(choice)));
  return join(choices, " or ");
}

// What the scorer read out of a response for one of its scores: the extraction of that name, the option it predicts, or
// how a program ended.
std::string reading_of(const store::PlannedSample& plan, const scorers::Score& score, const std::string& name) {
  if (score.prediction) return printable(plan.continuations.at(*score.prediction));
  if (score.execution) return score.execution->outcome;
  if (const auto found = score.extracted.find(name); found != score.extracted.end()) return printable(found->second);
  return score.extracted.size() == 1 ? printable(score.extracted.begin()->second) : "-";
}

struct Change {
  std::string id;
  std::string gold;
  std::string score;
  std::string read_before;
  std::string read_after;
  double before = 0;
  double after = 0;
};

// One for each score of a sample that changed.
std::vector<Change> changes_of(const Rescored& result, size_t most) {
  std::vector<Change> changes;
  for (size_t i = 0; i < std::min(most, result.changed.size()); ++i) {
    const ChangedVerdict& verdict = result.changed[i];
    const std::string id =
        verdict.plan.sample > 0 ? fmt::format("{} #{}", verdict.plan.id, verdict.plan.sample) : verdict.plan.id;
    for (const auto& [name, after] : verdict.after.values) {
      const auto before = verdict.before.values.find(name);
      if (before == verdict.before.values.end() || before->second == after) continue;
      changes.push_back({id, gold_of(verdict.plan), name, reading_of(verdict.plan, verdict.before, name),
                         reading_of(verdict.plan, verdict.after, name), before->second, after});
    }
  }
  return changes;
}

std::string metrics_text(const Rescored& result) {
  reports::Table table({"metric", "average", "before", "95 % interval", "now", "95 % interval"}, {0, 1});
  const auto interval = [](const scorers::Metric& metric) {
    return fmt::format("{} .. {}", reports::format_score(metric, metric.low),
                       reports::format_score(metric, metric.high));
  };
  const auto same = [](const scorers::Metric& a, const scorers::Metric& b) {
    return a.name == b.name && a.filter == b.filter && a.subset == b.subset && a.average == b.average;
  };
  const auto label = [](const scorers::Metric& metric) {
    return metric.filter.empty() ? metric.name : metric.name + ", " + metric.filter;
  };
  for (const scorers::Metric& metric : result.metrics_before) {
    if (!metric.subset.empty()) continue;
    const auto now = std::find_if(result.metrics.begin(), result.metrics.end(),
                                  [&](const scorers::Metric& each) { return same(each, metric); });
    const bool there = now != result.metrics.end();
    table.add({label(metric), metric.average, reports::format_score(metric, metric.value), interval(metric),
               there ? reports::format_score(*now, now->value) : "-", there ? interval(*now) : "-"});
  }
  for (const scorers::Metric& metric : result.metrics) {
    const bool there = std::any_of(result.metrics_before.begin(), result.metrics_before.end(),
                                   [&](const scorers::Metric& each) { return same(each, metric); });
    if (there || !metric.subset.empty()) continue;
    table.add({label(metric), metric.average, "-", "-", reports::format_score(metric, metric.value), interval(metric)});
  }
  return table.text();
}

std::string names_note(const Rescored& result) {
  std::string text;
  if (!result.only_before.empty()) text += "scores only before: " + join(result.only_before, ", ") + "\n";
  if (!result.only_after.empty()) text += "scores only now: " + join(result.only_after, ", ") + "\n";
  return text;
}

void print_text(const Rescored& result, size_t most) {
  const std::string versions =
      result.version == result.version_before ? result.version : result.version_before + " -> " + result.version;
  fmt::print("run {}: {}/{}, {}: {} of {} verdicts changed; {}\n", result.run.number, result.run.batch, result.run.task,
             versions, result.changed.size(), result.samples,
             result.stored ? "stored, and the old scores stay" : "nothing was stored");
  reports::Table table({"sample", "gold", "score", "read before", "read now", "before", "now"}, {0, 1, 2, 3, 4});
  for (const Change& change : changes_of(result, most)) {
    table.add({change.id, change.gold, change.score, change.read_before, change.read_after,
               store::format_double(change.before), store::format_double(change.after)});
  }
  if (!result.changed.empty()) fmt::print("{}", table.text());
  if (result.changed.size() > most) {
    fmt::print("and {} more; see them with --limit-list {}\n", result.changed.size() - most, result.changed.size());
  }
  fmt::print("{}{}", names_note(result), metrics_text(result));
}

store::Json to_json(const Rescored& result, size_t most) {
  store::Json changes = store::Json::array();
  for (const Change& change : changes_of(result, most)) {
    changes.push_back({{"id", change.id},
                       {"gold", change.gold},
                       {"score", change.score},
                       {"read_before", change.read_before},
                       {"read_now", change.read_after},
                       {"before", change.before},
                       {"now", change.after}});
  }
  return {{"run", result.run.number},
          {"task", result.run.task},
          {"scorer_before", result.version_before},
          {"scorer", result.version},
          {"samples", result.samples},
          {"changed", result.changed.size()},
          {"stored", result.stored},
          {"unfaithful", result.unfaithful},
          {"changes", changes},
          {"scores_only_before", result.only_before},
          {"scores_only_now", result.only_after},
          {"metrics_before", store::metrics_to_json(result.metrics_before)},
          {"metrics", store::metrics_to_json(result.metrics)}};
}

ExitCode rescore_command(const std::string& database, const RescoreArguments& arguments, bool json) {
  store::Store store(database, store::Store::Mode::kWrite);
  store::Json list = store::Json::array();
  ExitCode code = ExitCode::kDone;
  for (const store::RunInfo& info : store.resolve(arguments.run)) {
    const Rescored result = rescore(store, info, arguments.options);
    if (json) {
      list.push_back(to_json(result, arguments.most));
    } else {
      print_text(result, arguments.most);
    }
    if (result.unfaithful.empty()) continue;
    code = ExitCode::kCheckFailed;
    log_warning(
        fmt::format("run {}: {} samples score otherwise than what is stored under the same {}: {}; the database "
                    "is damaged, or the scorer changed without a new version",
                    info.number, result.unfaithful.size(), result.version, some_of(result.unfaithful)));
  }
  if (json) fmt::print("{}\n", store::Json{{"runs", list}}.dump(1));
  return code;
}

}  // namespace

void add_rescore(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("rescore", "Score stored responses by the present scorer or task file");
  command->footer(
      "The task is rendered again; where a prompt is not the one that was asked, nothing is scored. Old scores stay.\n"
      "Examples:\n"
      "  assay rescore night-12\n"
      "  assay rescore 7 --tasks-dir edited --limit-list 50");
  auto arguments = std::make_shared<RescoreArguments>();
  command->add_option("RUN", arguments->run, "A run's number, NAME/TASK, NAME or latest")->required();
  command
      ->add_option("--tasks-dir", arguments->options.tasks_dirs,
                   "A folder of task files that count instead of those of the run (repeatable)")
      ->type_name("DIR");
  command->add_option("--limit-list", arguments->most, "Changed samples to list")->capture_default_str();
  add_data_dir(*command, arguments->options.data_dir);
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return rescore_command(*database, *arguments, *json); }; });
}

}  // namespace assay::harness
