#include "harness/rescore.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "datasets/folders.h"
#include "harness/dialogues.h"
#include "harness/execution.h"
#include "harness/import/known_task.h"
#include "harness/manifest.h"
#include "harness/prepare.h"
#include "harness/recorded.h"
#include "harness/run_options.h"
#include "sandbox/jail.h"

namespace assay::harness {
namespace {

// What the present definition asks and how it scores, position by position as stored.
struct Present {
  PreparedRun run;
  RunOptions options;
  std::string task_sha256;
};

std::string asked_field(const store::Run& run, const char* field) {
  const store::Json& asked = run.manifest.at("asked");
  return asked.contains(field) && asked.at(field).is_string() ? asked.at(field).get<std::string>() : "unknown";
}

Present prepare_own(const store::Batch& batch, const store::Run& run, const RescoreOptions& rescoring) {
  RunOptions options;
  apply_recorded(batch.options, batch.name, options);
  options.tasks = {recorded_task(options, run.info.task)};
  // Of two files with one task the later folder's counts.
  options.tasks_dirs.insert(options.tasks_dirs.end(), rescoring.tasks_dirs.begin(), rescoring.tasks_dirs.end());
  if (rescoring.data_dir) {
    options.data_dirs.clear();
    for (const auto& folder : datasets::data_folders(rescoring.data_dir)) options.data_dirs.push_back(folder.string());
  }
  PreparedRun prepared = std::move(prepare_runs(options, Dialogues::kTurns).front());
  std::string sha256 = prepared.rendered.definition_sha256;
  return {std::move(prepared), std::move(options), std::move(sha256)};
}

// An imported run may have asked with other words than ours, so its stored plan counts: continuations and gold are all
// that a scorer reads, save where it executes programs.
Present prepare_imported(const std::vector<store::StoredSample>& samples, const store::Run& run,
                         const RescoreOptions& rescoring) {
  const tasks::Registry registry({rescoring.tasks_dirs.begin(), rescoring.tasks_dirs.end()});
  std::optional<KnownTask> known = find_known_task(registry, run.info.task, run.info.protocol);
  if (!known) {
    fail(ExitCode::kUsage,
         "run {}: Assay has no task {} with the protocol {} to score it by; give one with --tasks-dir", run.info.number,
         run.info.task, run.info.protocol);
  }
  if (known->scorer.needs_execution()) {
    fail(ExitCode::kUsage,
         "run {}: was imported, and its programs cannot be executed again from the stored answers alone; run them with "
         "`assay run --model responses:FILE.jsonl`",
         run.info.number);
  }
  PreparedRun prepared{{}, std::move(known->scorer), std::move(known->averaging), {}};
  for (const store::StoredSample& sample : samples) {
    tasks::Item item;
    item.sample.id = sample.plan.id;
    item.sample.subset = sample.plan.subset;
    item.sample.index = sample.plan.index;
    item.sample.cluster = sample.plan.cluster;
    item.gold = sample.plan.gold;
    if (sample.plan.kind == store::RequestKind::kText) {
      fail(ExitCode::kUsage, "run {}: a perplexity that was imported cannot be computed again without its text",
           run.info.number);
    }
    if (sample.plan.kind == store::RequestKind::kLogLikelihood) {
      item.request = engine::LogLikelihoodRequest{"", sample.plan.continuations};
    } else {
      item.request = engine::GenerateRequest{};
    }
    prepared.asks.push_back({prepared.rendered.items.size(), item.request});
    prepared.rendered.items.push_back(std::move(item));
  }
  return {std::move(prepared), {}, known->task != nullptr ? known->task->sha256 : ""};
}

// Scores alone may change: what was asked must be what the present definition asks.
void check_same_questions(const Present& present, const std::vector<store::StoredSample>& samples,
                          const store::Run& run) {
  const std::vector<store::PlannedSample> now = planned_samples(present.run);
  std::map<std::pair<std::string, int>, const store::PlannedSample*> asked;
  for (const store::PlannedSample& plan : now) asked[{plan.id, plan.sample}] = &plan;
  // Dialogues were written by the model's chat template, which is not asked for again.
  const bool dialogues = asks_dialogues(present.run);
  std::vector<std::string> different;
  for (const store::StoredSample& sample : samples) {
    const auto found = asked.find({sample.plan.id, sample.plan.sample});
    const bool same = found != asked.end() && found->second->continuations == sample.plan.continuations &&
                      (dialogues || found->second->prompt_sha256 == sample.plan.prompt_sha256);
    if (!same) different.push_back(sample.plan.id);
  }
  if (!different.empty()) {
    fail_input(
        "run {}: {} of {} prompts are not those that were asked ({}): what was asked changed, not only how it is "
        "scored; run it again",
        run.info.number, different.size(), samples.size(), some_of(different));
  }
  if (now.size() != samples.size()) {
    fail_input("run {}: {} samples were asked and the task has {} now: what was asked changed; run it again",
               run.info.number, samples.size(), now.size());
  }
  const std::string then = asked_field(run, "requests_sha256");
  if (!dialogues && then != "unknown" && then != requests_sha256(present.run)) {
    fail_input("run {}: the stop strings, limits or order of the requests are not those that were asked; run it again",
               run.info.number);
  }
}

// Every answer's score by the present scorer, programs in the jail.
std::vector<store::NewScore> score_all(const Present& present, const std::vector<store::StoredSample>& samples) {
  RunOptions executing = present.options;
  executing.no_execute = false;
  std::vector<PreparedRun> runs{present.run};
  const std::unique_ptr<sandbox::Jail> jail = open_jail(executing, runs);
  const scorers::Scorer& scorer = present.run.scorer;
  std::vector<store::NewScore> scores;
  std::deque<std::pair<sandbox::GradeJob, std::future<sandbox::Grade>>> programs;
  std::deque<size_t> waiting;  // places in `scores`
  for (const store::StoredSample& sample : samples) {
    if (!sample.response) continue;
    const Ask& ask = present.run.asks.at(sample.position);
    const tasks::Item& item = present.run.rendered.items[ask.item];
    std::optional<sandbox::GradeJob> program;
    if (jail != nullptr) program = scorer.program(item.sample, item.gold, ask.request, *sample.response);
    scores.push_back({sample.position, {}});
    if (program) {
      std::future<sandbox::Grade> grade = jail->grade(*program);
      programs.emplace_back(std::move(*program), std::move(grade));
      waiting.push_back(scores.size() - 1);
    } else {
      scores.back().score = scorer.score(item.sample, item.gold, ask.request, *sample.response);
    }
  }
  for (size_t i = 0; i < waiting.size(); ++i) {
    scores[waiting[i]].score = scorer.score(programs[i].first, programs[i].second.get());
  }
  return scores;
}

bool same_verdict(const scorers::Score& a, const scorers::Score& b) {
  return a.values == b.values && a.prediction == b.prediction && a.extracted == b.extracted;
}

std::vector<scorers::Metric> metrics_from(const Present& present, std::vector<store::StoredSample> samples,
                                          const std::vector<store::NewScore>& scores) {
  for (store::StoredSample& sample : samples) sample.score.reset();
  for (const store::NewScore& entry : scores) samples.at(entry.position).score = entry.score;
  return metrics_of(present.run, samples);
}

// Names of the scores of a scoring, over all samples.
std::set<std::string> score_names(const std::vector<scorers::Score>& scores) {
  std::set<std::string> names;
  for (const scorers::Score& score : scores) {
    for (const auto& [name, value] : score.values) names.insert(name);
  }
  return names;
}

void tell_changes(const std::vector<store::StoredSample>& samples, const std::vector<store::NewScore>& scores,
                  Rescored& result) {
  std::vector<scorers::Score> before;
  std::vector<scorers::Score> after;
  for (const store::NewScore& entry : scores) {
    const store::StoredSample& sample = samples.at(entry.position);
    after.push_back(entry.score);
    if (!sample.score) continue;
    before.push_back(*sample.score);
    const bool changed = std::any_of(entry.score.values.begin(), entry.score.values.end(), [&](const auto& value) {
      const auto old = sample.score->values.find(value.first);
      return old != sample.score->values.end() && old->second != value.second;
    });
    if (changed) result.changed.push_back({sample.plan, *sample.score, entry.score});
  }
  const std::set<std::string> old_names = score_names(before);
  const std::set<std::string> new_names = score_names(after);
  std::set_difference(old_names.begin(), old_names.end(), new_names.begin(), new_names.end(),
                      std::back_inserter(result.only_before));
  std::set_difference(new_names.begin(), new_names.end(), old_names.begin(), old_names.end(),
                      std::back_inserter(result.only_after));
}

// What the scoring is called. An imported run does not know its task file: there the built-in one is the usual one.
std::string version_of(const Present& present, const store::Run& run) {
  const scorers::Scorer& scorer = present.run.scorer;
  const bool first_time = present.options.no_execute && scorer.needs_execution();
  std::string usual = asked_field(run, "task_sha256");
  if (usual == "unknown") usual = built_in_sha256(run.info.task);
  return scoring_name(scorer.version() + (first_time ? " executed" : ""), present.task_sha256, usual);
}

// Stores what the scoring does not have yet; what it has must be the same.
void store_scores(store::Store& store, const std::vector<store::NewScore>& scores, Rescored& result) {
  const std::vector<std::string> versions = store.scorer_versions(result.run.number);
  const bool known = std::find(versions.begin(), versions.end(), result.version) != versions.end();
  std::vector<store::NewScore> lacking = scores;
  if (known) {
    const std::vector<store::StoredSample> stored = store.load_samples(result.run.number, result.version);
    for (const store::NewScore& entry : scores) {
      const store::StoredSample& sample = stored.at(entry.position);
      if (sample.score && !same_verdict(*sample.score, entry.score)) result.unfaithful.push_back(sample.plan.id);
    }
    if (!result.unfaithful.empty()) return;
    // A rescoring that was killed left a part.
    std::erase_if(lacking, [&](const store::NewScore& entry) { return stored.at(entry.position).score.has_value(); });
  }
  if (!lacking.empty()) store.add_scores(result.run.number, result.version, lacking);
  if (!lacking.empty() || result.version != result.version_before) {
    store.set_metrics(result.run.number, result.version, result.metrics);
  }
  result.stored = !lacking.empty();
}

}  // namespace

Rescored rescore(store::Store& store, const store::RunInfo& info, const RescoreOptions& options) {
  const store::Run run = store.load_run(info.number);
  if (info.state != store::State::kDone) {
    fail(ExitCode::kUsage, "run {} ({}/{}) is {}: {} of {} answered; end it with `assay run --resume {}` first",
         info.number, info.batch, info.task, to_string(info.state), info.answered, info.n, info.batch);
  }
  const store::Batch batch = store.find_batch(info.batch);
  const std::vector<store::StoredSample> samples = store.load_samples(info.number);
  const bool imported = batch.options.contains("imported");
  const Present present = imported ? prepare_imported(samples, run, options) : prepare_own(batch, run, options);
  if (!imported) check_same_questions(present, samples, run);

  const std::vector<store::NewScore> scores = score_all(present, samples);
  Rescored result;
  result.run = info;
  result.version_before = run.scorer_version;
  result.version = version_of(present, run);
  result.samples = scores.size();
  result.metrics_before = run.metrics;
  result.metrics = metrics_from(present, samples, scores);
  tell_changes(samples, scores, result);
  store_scores(store, scores, result);
  return result;
}

}  // namespace assay::harness
