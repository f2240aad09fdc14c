#include "harness/run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/log.h"
#include "base/text.h"
#include "harness/dialogues.h"
#include "harness/endpoint_run.h"
#include "harness/execution.h"
#include "harness/manifest.h"
#include "harness/plan_report.h"
#include "harness/progress.h"
#include "harness/recorded.h"
#include "harness/session.h"
#include "harness/session_work.h"
#include "harness/signals.h"
#include "harness/terminal.h"
#include "reports/run_table.h"
#include "store/export.h"

namespace assay::harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kAnswersPrefix = "responses:";
constexpr std::chrono::seconds kSignEvery(60);

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Where the answers come from: one of the three.
struct Source {
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<AnswerFile> answers;
  std::unique_ptr<engine::Endpoint> endpoint;
  store::Json computed;  // for the manifest; of an endpoint it differs by run
  double load_seconds = 0;
};

Source open_source(const RunOptions& options, const std::vector<PreparedRun>& runs, const StopRequest& stop) {
  Source source;
  if (options.model.starts_with(kAnswersPrefix)) {
    const std::string file = options.model.substr(std::string(kAnswersPrefix).size());
    source.answers = std::make_unique<AnswerFile>(file);
    source.computed = computed_elsewhere(file, source.answers->sha256());
    return source;
  }
  const Clock::time_point begin = Clock::now();
  if (engine::is_endpoint(options.model)) {
    if (!options.dry_run) source.endpoint = open_endpoint(options, runs, &stop.flag());
    source.load_seconds = seconds_since(begin);
    return source;
  }
  source.engine = std::make_unique<engine::Engine>(options.model, options.engine);
  source.load_seconds = seconds_since(begin);
  source.computed = computed_by(source.engine->facts());
  return source;
}

void note_template_unused(const engine::ModelFacts& facts, const std::vector<PreparedRun>& runs,
                          const RunOptions& options) {
  const bool unused = !std::all_of(runs.begin(), runs.end(), asks_dialogues);
  if (options.chat != "auto" || options.quiet || !facts.instruct || !unused) return;
  log_note(fmt::format("{} is an instruct model; protocol {} asks it without its chat template", facts.model,
                       options.protocol));
}

// One answer a line: where a file has several of an id and --samples does not say how many, all of them are samples.
void count_samples(const Source& source, RunOptions& options) {
  if (!source.answers || options.samples) return;
  size_t most = 1;
  for (const std::string& id : source.answers->ids()) most = std::max(most, source.answers->count(id));
  options.samples = static_cast<int>(most);
  // The answers exist already: no temperature that they were sampled with is claimed.
  if (!options.temperature) options.temperature = 0;
}

// Ids of the file that no task asks for are named and counted; a second answer to a likelihood question is an error,
// since nobody can say which of the two counts.
void check_answers(const AnswerFile& answers, const std::vector<PreparedRun>& runs) {
  std::map<std::string, size_t> asked;
  std::vector<std::string> doubled;
  for (const PreparedRun& run : runs) {
    std::map<std::string, size_t> of_run;
    for (const Ask& ask : run.asks) ++of_run[run.rendered.items[ask.item].sample.id];
    for (const auto& [id, count] : of_run) {
      asked[id] = std::max(asked[id], count);
      if (answers.count(id) > count) doubled.push_back(id);
    }
  }
  if (!doubled.empty()) {
    fail_input("{} ids have more answers than the task asks for: {}; keep one line of each", doubled.size(),
               some_of(doubled));
  }
  std::vector<std::string> surplus;
  for (const std::string& id : answers.ids()) {
    if (!asked.contains(id)) surplus.push_back(id);
  }
  if (!surplus.empty()) {
    log_warning(
        fmt::format("{} ids of the file belong to no sample that is asked: {}", surplus.size(), some_of(surplus)));
  }
}

struct OpenBatch {
  store::Batch batch;
  std::vector<int64_t> numbers;
};

OpenBatch create_batch(store::Store& store, const RunOptions& options, const std::vector<PreparedRun>& runs,
                       const std::vector<store::Json>& manifests) {
  std::vector<store::NewRun> planned;
  for (size_t i = 0; i < runs.size(); ++i) {
    planned.push_back({runs[i].rendered.task, runs[i].rendered.protocol, manifests[i], runs[i].scorer.version(),
                       planned_samples(runs[i]), prompts_of(runs[i])});
  }
  OpenBatch open;
  open.batch = store.create_batch({options.name, recorded_options(options), options.tags}, planned);
  for (const store::RunInfo& run : store.runs_of(open.batch.id)) open.numbers.push_back(run.number);
  return open;
}

// Nobody knows the weights behind an endpoint: what it says of itself must be what it was.
void check_same_endpoint(const store::Run& stored, const store::Json& manifest) {
  const store::Json& then = stored.manifest.at("computed");
  const store::Json& now = manifest.at("computed");
  if (!then.contains("endpoint")) return;
  for (const char* field : {"endpoint", "model", "answered_as", "interface"}) {
    if (then.at(field) == now.at(field)) continue;
    fail_input("run {}/{} cannot be resumed: computed.{} was {} and is {}; start a new run", stored.info.batch,
               stored.info.task, field, then.at(field).dump(), now.at(field).dump());
  }
  if (then.at("system_fingerprint") != now.at("system_fingerprint")) {
    log_warning(
        fmt::format("run {}/{}: the server's system_fingerprint was {} and is {} now; answers of both are in "
                    "it",
                    stored.info.batch, stored.info.task, then.at("system_fingerprint").dump(),
                    now.at("system_fingerprint").dump()));
  }
}

// What decides bits must be what it was; threads, step size and host may differ.
void check_same(const store::Run& stored, const store::Json& manifest) {
  for (const char* section : {"asked", "scored"}) {
    const std::string field = first_difference(stored.manifest, manifest, section);
    if (!field.empty()) {
      fail_input("run {}/{} cannot be resumed: {} changed since it began; start a new run", stored.info.batch,
                 stored.info.task, field);
    }
  }
  for (const char* field : {"weights_sha256", "tokenizer_sha256", "bos", "context", "dtype", "device", "kernels"}) {
    const store::Json& then = stored.manifest.at("computed").at(field);
    const store::Json& now = manifest.at("computed").at(field);
    if (then != now) {
      fail_input("run {}/{} cannot be resumed: computed.{} was {} and is {}; start a new run", stored.info.batch,
                 stored.info.task, field, then.dump(), now.dump());
    }
  }
  check_same_endpoint(stored, manifest);
}

// The layers of the sandbox contain a program and seldom decide its verdict: where they changed since the run began
// (reduced ones can), each execution tells its own. The interpreter decides more often.
void check_execution(const store::Run& stored, const store::Json& manifest) {
  if (!stored.manifest.contains("executed")) return;
  const store::Json& then = stored.manifest.at("executed");
  const store::Json& now = manifest.at("executed");
  for (const char* field : {"sandbox", "python"}) {
    if (then.at(field) == now.at(field)) continue;
    fail_input("run {}/{} cannot be resumed: executed.{} was {} and is {}; start a new run", stored.info.batch,
               stored.info.task, field, then.at(field).dump(), now.at(field).dump());
  }
  if (then.at("layers") != now.at("layers")) {
    log_warning(fmt::format("run {}/{}: its sandbox had the layers {} and has {} now; each execution records its own",
                            stored.info.batch, stored.info.task, then.at("layers").dump(), now.at("layers").dump()));
  }
}

OpenBatch resume_batch(store::Store& store, const std::string& name, const std::vector<PreparedRun>& runs,
                       const std::vector<store::Json>& manifests) {
  OpenBatch open;
  open.batch = store.find_batch(name);
  const std::vector<store::RunInfo> stored = store.runs_of(open.batch.id);
  if (stored.size() != runs.size()) {
    fail_input("batch {} cannot be resumed: one of its runs was deleted; start a new run", name);
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    const store::Run run = store.load_run(stored[i].number);
    check_same(run, manifests[i]);
    check_execution(run, manifests[i]);
    open.numbers.push_back(stored[i].number);
  }
  open.batch = store.resume_batch(name);
  return open;
}

// Asks for everything that is open. Returns what ended it early ("Ctrl-C"); empty: nothing did. `done`: by an engine.
std::string compute(const Source& source, Session& session, store::Store& store, int64_t batch,
                    const RunOptions& options, const StopRequest& stop, engine::Progress& done) {
  ProgressLine line(options.quiet || options.json);
  Clock::time_point last_sign = Clock::now();
  engine::RunCallbacks callbacks;
  callbacks.stop = &stop.flag();
  callbacks.on_responses = [&](std::vector<engine::Response> responses) {
    session.take(std::move(responses));
    last_sign = Clock::now();
  };
  callbacks.on_step = [&](const engine::Progress& progress) {
    done = progress;
    if (source.endpoint) {
      line.update(endpoint_progress(*source.endpoint, session.running_score()));
    } else {
      line.update(progress, session.running_score());
    }
    if (Clock::now() - last_sign > kSignEvery) {
      store.sign_of_life(batch);
      last_sign = Clock::now();
    }
  };
  if (!source.endpoint) return source.engine->run(session.open_requests(), callbacks) ? "" : stop.reason();
  const engine::EndpointEnd end = source.endpoint->run(session.open_requests(), callbacks);
  if (end == engine::EndpointEnd::kDone) return "";
  const engine::Ledger& ledger = source.endpoint->ledger();
  return fmt::format("{} after {}", end == engine::EndpointEnd::kStopped ? stop.reason() : ledger.spent_limit(),
                     ledger.text());
}

// The same, with what it took on record; nothing to do is no session.
std::string compute_on_record(const Source& source, Session& session, store::Store& store, int64_t batch,
                              const RunOptions& options, const StopRequest& stop) {
  if (session.open_requests().empty()) return "";
  const engine::ModelFacts* facts = source.engine ? &source.engine->facts() : nullptr;
  const int64_t record =
      store.begin_session(batch, facts != nullptr ? computed_by_words(*facts) : "endpoint", source.load_seconds);
  const Clock::time_point begin = Clock::now();
  engine::Progress done;
  std::string ended_by = compute(source, session, store, batch, options, stop, done);
  const double seconds = seconds_since(begin);
  store.end_session(record,
                    facts != nullptr ? work_of(*facts, done, seconds) : work_of(source.endpoint->ledger(), seconds));
  return ended_by;
}

// Waits for the programs that still run. Returns false where a stop ended it: what has no score yet gets one by
// --resume.
bool await_programs(Session& session, store::Store& store, int64_t batch, const RunOptions& options,
                    const StopRequest& stop) {
  ProgressLine line(options.quiet || options.json);
  Clock::time_point last_sign = Clock::now();
  while (session.programs_scored() < session.programs()) {
    if (stop.flag()) return false;
    session.collect(std::chrono::milliseconds(100));
    line.update(fmt::format("executing {} of {} programs  {}", session.programs_scored(), session.programs(),
                            session.running_score()));
    if (Clock::now() - last_sign > kSignEvery) {
      store.sign_of_life(batch);
      last_sign = Clock::now();
    }
  }
  return true;
}

void finish_runs(store::Store& store, const std::vector<PreparedRun>& runs, const std::vector<int64_t>& numbers,
                 const RunOptions& options) {
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::vector<store::StoredSample> samples = store.load_samples(numbers[i]);
    store.set_metrics(numbers[i], runs[i].scorer.version(), metrics_of(runs[i], samples));
    const std::string repeats = repeats_note(runs[i], samples, options.repeats);
    if (!repeats.empty() && !options.quiet) log_note(repeats);
    const auto truncated = std::count_if(samples.begin(), samples.end(), [](const store::StoredSample& sample) {
      return sample.response && sample.response->truncated;
    });
    if (truncated > 0) {
      log_warning(
          fmt::format("{}: {} of {} prompts lost their left end to fit the model's context (marked in the export)",
                      runs[i].rendered.task, truncated, samples.size()));
    }
  }
}

void print_result(const store::Store& store, const OpenBatch& open, const Source& source, const RunOptions& options,
                  double seconds) {
  std::vector<store::Run> runs;
  for (int64_t number : open.numbers) runs.push_back(store.load_run(number));
  if (options.json) {
    store::Json json;
    json["batch"] = open.batch.name;
    json["seconds"] = seconds;
    if (source.endpoint) json["spent"] = spent_json(source.endpoint->ledger());
    for (const store::Run& run : runs) json["runs"].push_back(store::show_json(run));
    fmt::print("{}\n", json.dump(1));
    return;
  }
  fmt::print("{}", reports::runs_table(runs, output_style()));
  if (!options.quiet) {
    if (source.endpoint) log_note("spent " + source.endpoint->ledger().text());
    log_note(fmt::format("batch {} in {}, {}", open.batch.name, store.path().string(), format_duration(seconds)));
  }
}

ExitCode run_open_batch(const RunOptions& options, const Source& source, const std::vector<PreparedRun>& runs,
                        store::Store& store, const OpenBatch& open, sandbox::Jail* jail, const StopRequest& stop,
                        Clock::time_point begin) {
  Session session(store, runs, open.numbers, jail);
  const std::string resume =
      fmt::format("assay {} --resume {}", options.hidden ? "preference run" : "run", open.batch.name);
  std::string ended_by;
  if (source.answers) {
    const std::vector<std::string> lacking = session.take_all(*source.answers);
    if (!lacking.empty()) {
      store.finish_batch(open.batch.id, store::State::kInterrupted);
      fail_input("{} samples have no answer in the file: {}; add them and continue with `{}`", lacking.size(),
                 some_of(lacking), resume);
    }
  } else {
    ended_by = compute_on_record(source, session, store, open.batch.id, options, stop);
  }
  if (ended_by.empty() && !await_programs(session, store, open.batch.id, options, stop)) ended_by = stop.reason();
  if (!ended_by.empty()) {
    store.finish_batch(open.batch.id, store::State::kInterrupted);
    log_note(fmt::format("interrupted by {}; nothing is lost: continue with `{}`", ended_by, resume));
    return ExitCode::kInterrupted;
  }
  finish_runs(store, runs, open.numbers, options);
  store.finish_batch(open.batch.id, store::State::kDone);
  print_result(store, open, source, options, seconds_since(begin));
  return ExitCode::kDone;
}

}  // namespace

ExitCode run_command(RunOptions options, const std::filesystem::path& database) {
  const StopRequest stop(options.time_limit);
  const Clock::time_point begin = Clock::now();
  std::optional<store::Store> store;
  if (!options.resume.empty()) {
    store.emplace(database, store::Store::Mode::kWrite);
    const store::Batch batch = store->find_batch(options.resume);
    apply_recorded(batch.options, batch.name, options);
    use_recorded_kernels(*store, batch, options);
    check_endpoint_options(options);
  } else {
    check_options(options);
  }
  Source source;
  // A file of answers says how many samples there are; an engine is loaded only once the tasks are known to be right.
  if (options.model.starts_with(kAnswersPrefix)) {
    source = open_source(options, {}, stop);
    count_samples(source, options);
  }
  // A template may write the date: a batch that is resumed keeps its own.
  if (!options.chat_time) options.chat_time = std::time(nullptr);
  const std::vector<PreparedRun> runs = prepare_runs(options);
  if (source.answers) check_answers(*source.answers, runs);
  // Before the weights: a process that is small and holds nothing yet starts the sandbox.
  const std::unique_ptr<sandbox::Jail> jail = options.dry_run ? nullptr : open_jail(options, runs);
  if (!source.answers) source = open_source(options, runs, stop);
  if (source.engine) note_template_unused(source.engine->facts(), runs, options);
  if (options.dry_run) {
    print_plan(runs, source.engine.get(), options);
    if (engine::is_endpoint(options.model) && !options.json) fmt::print("{}", endpoint_plan(runs));
    return ExitCode::kDone;
  }

  std::vector<store::Json> manifests;
  for (const PreparedRun& run : runs) {
    const store::Json computed =
        source.endpoint ? computed_by_endpoint(options, source.endpoint->facts(), run) : source.computed;
    manifests.push_back(make_manifest(run, options, computed, executed_by(jail.get(), options)));
  }
  if (!store) store.emplace(database, store::Store::Mode::kCreate);
  const OpenBatch open = options.resume.empty() ? create_batch(*store, options, runs, manifests)
                                                : resume_batch(*store, options.resume, runs, manifests);
  if (!options.quiet && options.name.empty()) log_note(fmt::format("batch {}", open.batch.name));
  try {
    return run_open_batch(options, source, runs, *store, open, jail.get(), stop, begin);
  } catch (...) {
    // What was answered is stored; the batch must not look as if somebody still worked on it.
    try {
      store->finish_batch(open.batch.id, store::State::kInterrupted);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): the first failure is the one to report
    }
    throw;
  }
}

}  // namespace assay::harness
