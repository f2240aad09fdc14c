// Runs: stored with their plan, found by name or number, loaded with manifest and metrics.
#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/codec.h"
#include "store/export.h"
#include "store/prompts.h"
#include "store/ratings.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

void insert_samples(Database& database, int64_t run, const std::vector<PlannedSample>& samples,
                    const std::vector<int64_t>& prompts) {
  Statement insert(database,
                   "INSERT INTO samples (run, position, subset, item, id, cluster, sample, request, prompt_sha256, "
                   "continuations, gold_choices, gold_text, seed, prompt) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))");
  for (size_t position = 0; position < samples.size(); ++position) {
    const PlannedSample& sample = samples[position];
    const std::string request = to_string(sample.kind);
    const std::string continuations = encode_json(sample.continuations);
    const std::string choices = encode_json(sample.gold.choices);
    insert.bind(run)
        .bind(static_cast<int64_t>(position))
        .bind(sample.subset)
        .bind(sample.index)
        .bind(sample.id)
        .bind(sample.cluster);
    insert.bind(sample.sample).bind(request).bind(sample.prompt_sha256).bind(continuations).bind(choices);
    insert.bind(sample.gold.text);
    if (sample.seed) {
      insert.bind(static_cast<int64_t>(*sample.seed));
    } else {
      insert.bind_null();
    }
    insert.bind(prompts[position]).run();
  }
}

void check_unique(const NewRun& run) {
  std::vector<std::pair<std::string_view, int>> keys;
  for (const PlannedSample& sample : run.samples) keys.emplace_back(sample.id, sample.sample);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return;
  fail_input("task {}: sample {} (number {}) occurs twice; ids must be unique within a task", run.task, twice->first,
             twice->second);
}

std::string describe(const RunInfo& run) {
  return fmt::format("{} ({}/{})", run.number, run.batch, run.task);
}

std::string describe(const std::vector<RunInfo>& runs) {
  constexpr size_t kMost = 12;
  std::vector<std::string> names;
  for (const RunInfo& run : runs) {
    if (names.size() == kMost) break;
    names.push_back(describe(run));
  }
  return join(names, ", ") + (runs.size() > kMost ? fmt::format(" and {} more", runs.size() - kMost) : "");
}

std::optional<int64_t> as_number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(RequestKind kind) {
  switch (kind) {
    case RequestKind::kLogLikelihood:
      return "loglikelihood";
    case RequestKind::kText:
      return "text";
    case RequestKind::kGenerate:
      return "generate";
  }
  return "";
}

bool PlannedSample::operator==(const PlannedSample& other) const {
  return subset == other.subset && index == other.index && id == other.id && cluster == other.cluster &&
         sample == other.sample && kind == other.kind && prompt_sha256 == other.prompt_sha256 &&
         continuations == other.continuations && gold.choices == other.gold.choices && gold.text == other.gold.text &&
         seed == other.seed;
}

PlannedSample plan_sample(const datasets::Sample& sample, const datasets::Gold& gold, const engine::Request& request) {
  PlannedSample plan;
  plan.subset = sample.subset;
  plan.index = sample.index;
  plan.id = sample.id;
  plan.cluster = sample.cluster;
  plan.gold = gold;
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) {
    plan.kind = RequestKind::kLogLikelihood;
    plan.prompt_sha256 = sha256_hex(likelihood->context);
    plan.continuations = likelihood->continuations;
  } else if (const auto* text = std::get_if<engine::TextRequest>(&request)) {
    plan.kind = RequestKind::kText;
    plan.prompt_sha256 = sha256_hex(text->text);
  } else {
    const auto& generate = std::get<engine::GenerateRequest>(request);
    plan.kind = RequestKind::kGenerate;
    plan.prompt_sha256 = sha256_hex(generate.prompt);
    plan.sample = static_cast<int>(generate.sampling.repeat);
    if (generate.sampling.temperature > 0) plan.seed = generate.sampling.seed;
  }
  return plan;
}

void insert_run(Database& database, int64_t batch_id, const NewRun& run) {
  check_unique(run);
  if (!run.manifest.is_object()) fail(ExitCode::kInternal, "task {}: a manifest is a JSON object", run.task);
  const std::string manifest = encode_json(run.manifest);
  Statement(database,
            "INSERT INTO runs (batch, task, protocol, manifest, manifest_sha256, n, answered) "
            "VALUES (?, ?, ?, ?, ?, ?, 0)")
      .bind(batch_id)
      .bind(run.task)
      .bind(run.protocol)
      .bind(manifest)
      .bind(sha256_hex(manifest))
      .bind(std::ssize(run.samples))
      .run();
  const int64_t number = database.last_insert_id();
  Statement(database, "INSERT INTO scorings (run, ordinal, version) VALUES (?, 0, ?)")
      .bind(number)
      .bind(run.scorer_version)
      .run();
  insert_samples(database, number, run.samples, insert_prompts(database, run));
}

void remove_run(Database& database, int64_t number) {
  check_unrated(database, number);
  const PromptsOfRun prompts(database, number);
  // Samples before responses: the trigger keeps a response while its sample stands, and the cascade removes it.
  for (const char* sql : {"DELETE FROM scores WHERE run = ?", "DELETE FROM samples WHERE run = ?",
                          "DELETE FROM scorings WHERE run = ?", "DELETE FROM runs WHERE number = ?"}) {
    Statement(database, sql).bind(number).run();
  }
  prompts.remove_unneeded();
}

std::vector<RunInfo> read_runs(Database& database, std::string_view condition, std::optional<int64_t> parameter) {
  Statement query(database, fmt::format("SELECT number, batch, name, task, protocol, n, answered, started, "
                                        "EXISTS (SELECT 1 FROM scorings WHERE run = number AND metrics IS NOT NULL) "
                                        "FROM runs JOIN batches ON batches.id = batch WHERE {} ORDER BY number",
                                        condition));
  if (parameter) query.bind(*parameter);
  std::vector<RunInfo> runs;
  std::map<int64_t, State> states;  // of the batches met
  while (query.step()) {
    RunInfo run;
    run.number = query.integer(0);
    run.batch_id = query.integer(1);
    run.batch = query.text(2);
    run.task = query.text(3);
    run.protocol = query.text(4);
    run.n = static_cast<size_t>(query.integer(5));
    run.answered = static_cast<size_t>(query.integer(6));
    run.started = query.text(7);
    if (!states.contains(run.batch_id)) {
      states[run.batch_id] = read_batches(database, "id = ?", run.batch_id).front().state;
    }
    const bool running = states[run.batch_id] == State::kRunning;
    run.state = query.integer(8) != 0 ? State::kDone : running ? State::kRunning : State::kInterrupted;
    runs.push_back(std::move(run));
  }
  return runs;
}

RunInfo read_run(Database& database, int64_t number) {
  std::vector<RunInfo> found = read_runs(database, "number = ?", number);
  if (found.empty()) {
    const std::vector<RunInfo> all = read_runs(database, "TRUE");
    fail(ExitCode::kUsage, "{} has no run {}; {}", database.path().string(), number,
         all.empty() ? "it is empty" : "it has " + describe(all));
  }
  return std::move(found.front());
}

std::vector<RunInfo> Store::runs() const {
  Snapshot snapshot(impl_->database);
  return read_runs(impl_->database, "TRUE");
}

std::vector<RunInfo> Store::runs_of(int64_t batch_id) const {
  Snapshot snapshot(impl_->database);
  return read_runs(impl_->database, "batch = ?", batch_id);
}

std::vector<RunInfo> Store::resolve(const std::string& run) const {
  Database& database = impl_->database;
  Snapshot snapshot(database);
  if (const std::optional<int64_t> number = as_number(run)) return {read_run(database, *number)};
  if (run == "latest") {
    // By start and not by id: merging brings older batches in later.
    std::vector<RunInfo> runs =
        read_runs(database, "batch = (SELECT id FROM batches ORDER BY started DESC, id DESC LIMIT 1)");
    if (runs.empty()) fail(ExitCode::kUsage, "{} holds no run yet; make one with `assay run`", path().string());
    return runs;
  }
  const size_t slash = run.find('/');
  const Batch batch = find_batch(run.substr(0, slash));
  std::vector<RunInfo> runs = read_runs(database, "batch = ?", batch.id);
  if (slash != std::string::npos) {
    const std::vector<RunInfo> all = runs;
    std::erase_if(runs, [&](const RunInfo& each) { return each.task != run.substr(slash + 1); });
    if (runs.empty()) {
      fail(ExitCode::kUsage, "batch {} has no run of task '{}'; it has {}", batch.name, run.substr(slash + 1),
           describe(all));
    }
  }
  if (runs.empty()) fail(ExitCode::kUsage, "batch {} has no runs; remove it with `assay delete`", batch.name);
  return runs;
}

RunInfo Store::resolve_one(const std::string& run) const {
  std::vector<RunInfo> runs = resolve(run);
  if (runs.size() > 1) {
    fail(ExitCode::kUsage, "'{}' names {} runs, and one is needed: {}", run, runs.size(), describe(runs));
  }
  return std::move(runs.front());
}

Run Store::load_run(int64_t number) const {
  Database& database = impl_->database;
  Snapshot snapshot(database);
  Run run;
  run.info = read_run(database, number);
  Statement manifest(database, "SELECT manifest, manifest_sha256 FROM runs WHERE number = ?");
  manifest.bind(number).step();
  run.manifest_sha256 = manifest.text(1);
  if (sha256_hex(manifest.text_view(0)) != run.manifest_sha256) {
    fail_input(
        "{}: the manifest of run {} is not the one that was stored (its SHA-256 differs); restore a copy of the "
        "database",
        path().string(), describe(run.info));
  }
  run.manifest = parse_stored(manifest.text_view(0), database, "the manifest of run " + describe(run.info));
  Statement scoring(
      database, "SELECT version, metrics FROM scorings WHERE run = ? ORDER BY metrics IS NULL, ordinal DESC LIMIT 1");
  scoring.bind(number);
  if (scoring.step()) {
    const std::string where = "the metrics of run " + describe(run.info);
    run.scorer_version = scoring.text(0);
    if (!scoring.is_null(1)) {
      run.metrics =
          metrics_from_json(parse_stored(scoring.text_view(1), database, where), path().string() + ": " + where);
    }
  }
  return run;
}

std::vector<std::string> Store::scorer_versions(int64_t number) const {
  Snapshot snapshot(impl_->database);
  read_run(impl_->database, number);
  Statement query(impl_->database, "SELECT version FROM scorings WHERE run = ? ORDER BY ordinal");
  query.bind(number);
  std::vector<std::string> versions;
  while (query.step()) versions.push_back(query.text(0));
  return versions;
}

}  // namespace assay::store
