#include "harness/import/imported_run.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.h"
#include "harness/manifest.h"

namespace assay::harness {
namespace {

// Each item once, however many answers it has.
std::vector<std::string> item_ids(const ImportedRun& run) {
  std::vector<std::string> ids;
  for (const ImportedSample& sample : run.samples) {
    if (ids.empty() || ids.back() != sample.plan.id) ids.push_back(sample.plan.id);
  }
  return ids;
}

store::NewRun new_run(const ImportedRun& run) {
  store::NewRun stored{run.task, run.protocol, run.manifest, run.scorer_version, {}};
  for (const ImportedSample& sample : run.samples) {
    stored.samples.push_back(sample.plan);
    stored.prompts.emplace_back(sample.prompt);
  }
  return stored;
}

void store_answers(store::Store& store, int64_t number, const ImportedRun& run) {
  std::vector<store::NewResponse> responses;
  for (const ImportedSample& sample : run.samples) {
    responses.push_back({number, responses.size(), sample.response, sample.score});
  }
  store.add_responses(responses);
  store.set_metrics(number, run.scorer_version, metrics_of(run));
}

// Places of the runs: the first of every task, then the second of those that have one, ...
std::vector<std::vector<size_t>> rounds_of(const std::vector<ImportedRun>& runs) {
  std::vector<std::vector<size_t>> rounds;
  std::map<std::string, size_t> seen;  // runs of a task
  for (size_t place = 0; place < runs.size(); ++place) {
    const size_t round = seen[runs[place].task]++;
    if (round == rounds.size()) rounds.emplace_back();
    rounds[round].push_back(place);
  }
  return rounds;
}

void remove(store::Store& store, const std::vector<int64_t>& batches) {
  try {
    for (const store::Batch& batch : store.batches()) {
      if (std::find(batches.begin(), batches.end(), batch.id) == batches.end()) continue;
      if (batch.state == store::State::kRunning) store.finish_batch(batch.id, store::State::kInterrupted);
      store.delete_batch(batch.id);
    }
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): the first failure is the one to report
  }
}

}  // namespace

void sort_samples(std::vector<ImportedSample>& samples) {
  std::stable_sort(samples.begin(), samples.end(), [](const ImportedSample& a, const ImportedSample& b) {
    return std::tie(a.plan.subset, a.plan.index, a.plan.id, a.plan.sample) <
           std::tie(b.plan.subset, b.plan.index, b.plan.id, b.plan.sample);
  });
}

store::Json bare_manifest(const ImportedRun& run) {
  const std::vector<std::string> ids = item_ids(run);
  store::Json manifest;
  store::Json& asked = manifest["asked"];
  asked["task"] = run.task;
  for (const char* field : {"task_version", "task_sha256", "data_sha256"}) asked[field] = kUnknown;
  asked["protocol"] = run.protocol;
  asked["shots"] = run.shots ? store::Json(*run.shots) : store::Json(kUnknown);
  asked["samples"] = ids.size();
  asked["samples_sha256"] = samples_sha256(ids);
  for (const char* field : {"requests_sha256", "decoding", "chat"}) asked[field] = kUnknown;
  manifest["scored"] = {{"scorer", run.scorer_version},
                        {"headline", run.averaging.headline},
                        {"averaged_subsets", run.averaging.averaged_subsets}};
  // Who scored elsewhere may have executed programs, under limits of their own.
  if (run.scorer_version == store::kImportedScores || run.scorer_version.starts_with("lm-evaluation-harness"))
    manifest["scored"]["limits"] = kUnknown;
  for (const char* field : {"model", "architecture", "parameters", "weights_sha256", "tokenizer_sha256", "bos",
                            "context", "dtype", "device", "kernels", "threads", "step_tokens"}) {
    manifest["computed"][field] = kUnknown;
  }
  manifest["program"] = {{"version", kUnknown}, {"compiler", kUnknown}};
  manifest["host"] = kUnknown;
  manifest["model_name"] = kUnknown;
  return manifest;
}

std::vector<scorers::Metric> metrics_of(const ImportedRun& run) {
  std::vector<scorers::ScoredSample> scored;
  for (const ImportedSample& sample : run.samples) {
    // Programs that were not executed have a score without values.
    if (!sample.score || sample.score->values.empty()) continue;
    scored.push_back({sample.plan.subset, sample.plan.cluster, sample.score->values, sample.plan.id});
  }
  if (scored.empty()) return {};
  return scorers::aggregate(run.names, scored, run.averaging);
}

std::vector<int64_t> store_imported(store::Store& store, const std::string& name, const std::vector<ImportedRun>& runs,
                                    const std::vector<std::string>& files) {
  std::vector<int64_t> numbers(runs.size());
  std::vector<int64_t> batches;
  try {
    for (const std::vector<size_t>& places : rounds_of(runs)) {
      std::vector<store::NewRun> planned;
      for (const size_t place : places) planned.push_back(new_run(runs[place]));
      const std::string suffix = name.empty() || batches.empty() ? "" : fmt::format("-{}", batches.size() + 1);
      batches.push_back(store.create_batch({name + suffix, {{"imported", files}}}, planned).id);
      const std::vector<store::RunInfo> stored = store.runs_of(batches.back());
      for (size_t i = 0; i < places.size(); ++i) {
        numbers[places[i]] = stored[i].number;
        store_answers(store, stored[i].number, runs[places[i]]);
      }
      store.finish_batch(batches.back(), store::State::kDone);
    }
    return numbers;
  } catch (...) {
    remove(store, batches);
    throw;
  }
}

}  // namespace assay::harness
