// The store: one SQLite file that holds every batch, run, response and score. The only room that speaks SQL.
//
//   Store store(path, Store::Mode::kCreate);
//   Batch batch = store.create_batch({.name = "", .options = options}, {{"mmlu", "lm_eval", manifest, version,
//   samples}}); for (RunInfo& run : store.runs_of(batch.id))
//     for (size_t position : store.missing(run.number)) ...          // ask the engine
//   store.add_responses(step);                                       // durable when it returns
//   store.set_metrics(run.number, version, metrics);
//   store.finish_batch(batch.id, State::kDone);
//
// Errors of every function are assay::Error with the path and the way out: kIo for a disk that is full, a place that
// cannot be written, or another writer that holds the database for 30 s; kBadInput for a file that is damaged, is no
// Assay database or was made by a newer version; kUsage for names. A call that throws has changed nothing.
//
// A Store is not thread-safe. Several of them, in one process or in many, may use one file at the same time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/sample.h"
#include "engine/request.h"
#include "scorers/metrics.h"
#include "scorers/scorer.h"
#include "store/owner.h"

namespace assay::store {

using Json = nlohmann::ordered_json;

enum class State { kRunning, kInterrupted, kDone };
std::string to_string(State state);  // "running", "interrupted", "done"

enum class RequestKind { kLogLikelihood, kText, kGenerate };
std::string to_string(RequestKind kind);  // "loglikelihood", "text", "generate"

// What is known of one request before it is answered; of its prompt the hash (the text is apart: NewRun, Prompt).
struct PlannedSample {
  std::string subset;
  int index = 0;  // row in the author's file
  std::string id;
  std::string cluster;
  int sample = 0;  // 0, 1, ... where one item is asked several times; (id, sample) is unique in a run
  RequestKind kind = RequestKind::kGenerate;
  std::string prompt_sha256;               // lower-case hexadecimal
  std::vector<std::string> continuations;  // likelihood only
  datasets::Gold gold;
  std::optional<uint64_t> seed;  // of a sampled generation; none: greedy

  bool operator==(const PlannedSample& other) const;
};

// Fills kind, hash, continuations, sample (the sampling's repeat) and seed (where the temperature is above 0) from the
// request.
PlannedSample plan_sample(const datasets::Sample& sample, const datasets::Gold& gold, const engine::Request& request);

struct NewRun {
  std::string task;
  std::string protocol;
  Json manifest;                       // an object: everything that decides a number
  std::string scorer_version;          // Scorer::version()
  std::vector<PlannedSample> samples;  // in plan order: a sample's place here is its `position` ever after
  // The text of each sample's prompt, whose hash is the planned one; empty: none is known, of any sample or of this
  // one. Must stay where they are until create_batch returns. Not stored are prompts of more than kLongestPrompt bytes
  // and texts of perplexity, which are data that somebody has at hand. A run whose manifest names a hidden set must
  // have none (kInternal).
  std::vector<std::string_view> prompts = {};
};

inline constexpr size_t kLongestPrompt = size_t{1} << 20;

struct NewBatch {
  std::string name;  // empty: UTC start and four random letters. Not a number, not "latest", no '/'
  Json options;      // what --resume needs to continue with the same options
  std::map<std::string, std::string> tags = {};
};

struct Batch {
  int64_t id = 0;
  std::string name;
  std::string uid;      // random; the same batch keeps it in a merged database
  std::string started;  // UTC, 2026-11-25T14:03:07Z
  Json options;
  std::map<std::string, std::string> tags;
  State state = State::kInterrupted;  // a batch whose process died is kInterrupted
  Owner owner;                        // who runs it, or ran it last
};

// What one process computed for a batch. No part of a manifest or an export: the same numbers come out of a fast
// machine and a slow one.
struct SessionWork {
  double seconds = 0;            // computing, wall time, with what was stored and scored meanwhile; not loading
  int64_t prompt_tokens = 0;     // that were computed: what requests share counts once. Of an endpoint: as it counted
  int64_t generated_tokens = 0;  // the same
  int64_t requests = 0;          // calls of an endpoint; 0 of an engine
  // Of an engine whose machine's limit was looked at: operations of the network's weights with all these tokens, in
  // units of 1e9, and how many of them a second the machine can do at most.
  std::optional<double> gflop = {};
  std::optional<double> peak_gflops = {};
};

struct ComputeSession {
  std::string started = {};              // UTC, as a batch's
  std::string computed_by = {};          // "cpu avx512bf16, 8 threads"
  double load_seconds = 0;               // from opening the model until it could compute
  std::optional<SessionWork> work = {};  // none of a process that still computes, was killed or failed
};

struct RunInfo {
  int64_t number = 0;
  int64_t batch_id = 0;
  std::string batch;  // its name
  std::string task;
  std::string protocol;
  State state = State::kInterrupted;
  size_t n = 0;         // samples planned
  size_t answered = 0;  // samples with a response
  std::string started;  // of the batch
};

struct Run {
  RunInfo info;
  Json manifest;
  std::string manifest_sha256;  // of the stored text; checked whenever it is read
  // The newest scoring that has metrics; where none has, the newest (and no metrics).
  std::string scorer_version;
  std::vector<scorers::Metric> metrics;
};

// One answer, to be stored for ever. `response.request` is the engine's business and is not stored.
// An answer from elsewhere has prompt_tokens = -1, and no token ids or greedy flags.
struct NewResponse {
  int64_t run = 0;
  size_t position = 0;
  engine::Response response;
  std::optional<scorers::Score> score;  // by the run's scorer_version; may also come later by add_scores
};

// The scoring of an imported run whose scores were given elsewhere, by rules that nobody here knows.
inline constexpr char kImportedScores[] = "imported";

struct NewScore {
  size_t position = 0;
  scorers::Score score;
};

// A prompt as it was asked, in two parts. Of a dialogue that a server or a file of answers got as messages it is the
// text in which the task writes them, of which prompt_sha256 is the hash: how the server wrote them nobody knows.
struct Prompt {
  std::string head;  // what the prompts of its subset share at the beginning, such as examples; often empty
  std::string tail;
};

struct StoredSample {
  size_t position = 0;
  PlannedSample plan;
  std::optional<engine::Response> response;  // its `request` is `position`
  std::optional<scorers::Score> score;
};

struct MergeResult {
  size_t batches = 0;
  size_t runs = 0;
  size_t responses = 0;
  std::vector<std::string> already_there;                    // left out: the same batch is here
  std::vector<std::pair<std::string, std::string>> renamed;  // another batch has the name: old, new
};

struct StoreOptions {
  int busy_wait_ms = 30000;
  // statfs(2) f_type of the file system that holds a folder; tests put another in its place.
  std::function<int64_t(const std::filesystem::path&)> filesystem_type;
};

class Store {
 public:
  enum class Mode {
    kRead,    // must exist (kUnavailable), nothing is changed; works in a read-only folder
    kWrite,   // must exist (kUnavailable)
    kCreate,  // made where it does not exist
  };

  // A database of an older version is brought up to date. On a file system where write-ahead logging is unsafe
  // (network, FUSE) a rollback journal is used, with a note on standard error.
  Store(const std::filesystem::path& path, Mode mode, const StoreOptions& options = {});
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  const std::filesystem::path& path() const;

  // Batches. Creating one stores it with all its runs and planned samples, or nothing, and makes this process its
  // owner. A name that exists: kUsage, offering --resume.
  Batch create_batch(const NewBatch& batch, const std::vector<NewRun>& runs);
  // Makes this process the owner. Unknown or running: kUsage. A batch that is done may be resumed: nothing is missing.
  Batch resume_batch(const std::string& name);
  // For a process that is slow between two steps, so that other machines do not take it for dead. add_responses does
  // it.
  void sign_of_life(int64_t batch_id);
  // kDone or kInterrupted; releases the batch.
  void finish_batch(int64_t batch_id, State state);
  // Adds a tag, unless the batch has one of this key: false, and nothing changes. Of several processes that ask for the
  // same key one is told true. Anybody's batch; one that is not there: kUsage.
  bool add_tag(int64_t batch_id, const std::string& key, const std::string& value);
  // Adds the tag or replaces its value.
  void set_tag(int64_t batch_id, const std::string& key, const std::string& value);
  std::vector<Batch> batches() const;  // oldest first
  // A process that begins to compute for a batch that it owns says so, and in the end what it did. A session that has
  // ended: kInternal.
  int64_t begin_session(int64_t batch_id, const std::string& computed_by, double load_seconds);
  void end_session(int64_t session, const SessionWork& work);
  std::vector<ComputeSession> sessions(int64_t batch_id) const;  // oldest first
  // Unknown: kUsage with the nearest name.
  Batch find_batch(const std::string& name) const;

  // Runs.
  std::vector<RunInfo> runs() const;                     // by number
  std::vector<RunInfo> runs_of(int64_t batch_id) const;  // in the order of create_batch
  // INTERFACE.md, RUN: a number, NAME/TASK, NAME (all its runs), latest (the last batch). Never empty.
  std::vector<RunInfo> resolve(const std::string& run) const;
  // The same for a command that needs one run: several are refused, naming them.
  RunInfo resolve_one(const std::string& run) const;
  Run load_run(int64_t number) const;
  // Of every scoring that the run has, begun or ended, oldest first.
  std::vector<std::string> scorer_versions(int64_t number) const;

  // Samples, in plan order. `scorer_version` empty: the scoring that load_run gives; one that the run
  // does not have: kUsage.
  std::vector<StoredSample> load_samples(int64_t number, const std::string& scorer_version = "") const;
  std::vector<size_t> missing(int64_t number) const;  // positions without a response, ascending
  // The prompt of one sample; nothing where none is stored: of a hidden set, of runs that were made before prompts were
  // stored, and as NewRun says. One that is damaged: kBadInput naming run and sample.
  std::optional<Prompt> prompt(int64_t number, size_t position) const;

  // One transaction: all of them are durable when it returns, and a sample gets one response only. Call it once an
  // engine step; the responses may belong to several runs of the batch that this process owns (else kUsage). A
  // log-probability that is not finite: kBadInput naming the sample, and nothing of the step is stored.
  void add_responses(std::span<const NewResponse> responses);
  // Adds to the scoring `version`, which is begun if the run has none of that name. Older scorings stay.
  void add_scores(int64_t number, const std::string& version, std::span<const NewScore> scores);
  // Ends a scoring, begun or not. A run with metrics is done.
  void set_metrics(int64_t number, const std::string& version, const std::vector<scorers::Metric>& metrics);

  // Removing. A batch that is running: kUsage. A batch without runs goes with its last run.
  void delete_run(int64_t number);
  void delete_batch(int64_t batch_id);

  // Copies every batch of the database at `from` into this one, in one transaction, and gives its runs new numbers.
  // A batch that is running there: kUsage.
  MergeResult merge(const std::filesystem::path& from);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// UTC start and four random letters: "20261125T140307Z-qkzv".
std::string default_batch_name();

}  // namespace assay::store
