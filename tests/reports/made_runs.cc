#include "tests/reports/made_runs.h"

#include "base/hash.h"

namespace assay::reports::testing {

store::Json full_manifest() {
  return store::Json::parse(R"({
    "asked": {"task": "mmlu", "task_version": "1", "task_sha256": "t", "data_sha256": "d", "protocol": "lm_eval",
              "shots": 5, "samples": 4, "samples_sha256": "s", "requests_sha256": "r", "turns_sha256": "u", "hidden_set": "0",
              "decoding": {"temperature": 0.0, "top_p": 1.0, "seed": null, "max_tokens": 256, "samples": 1},
              "chat": false},
    "scored": {"scorer": "multiple_choice/1", "headline": "micro", "averaged_subsets": [],
               "limits": {"cpu_seconds": 3.0, "wall_seconds": 30.0, "memory_mib": 1024, "files": 4096,
                          "output_kib": 64, "processes": 32, "file_system_mib": 16}},
    "computed": {"model": "m", "architecture": "llama", "parameters": 7, "weights_sha256": "w",
                 "tokenizer_sha256": "k", "bos": false, "context": 2048, "dtype": "bf16", "device": "cpu",
                 "kernels": "avx2", "threads": 2, "step_tokens": 512},
    "executed": {"sandbox": "full", "layers": ["seccomp"], "python": "3.11.2"},
    "program": {"version": "0.1.0", "compiler": "g++"},
    "host": "here",
    "model_name": "m"
  })");
}

std::vector<MadeSample> scored(const std::vector<double>& scores) {
  std::vector<MadeSample> samples;
  for (const double score : scores) {
    MadeSample sample;
    sample.id = "q/" + std::to_string(samples.size());
    sample.score = score;
    sample.margin = score - 0.5;
    samples.push_back(sample);
  }
  return samples;
}

namespace {

store::PlannedSample planned(const MadeSample& sample, int index) {
  store::PlannedSample plan;
  plan.subset = sample.subset;
  plan.index = index;
  plan.id = sample.id;
  plan.cluster = sample.cluster;
  plan.prompt_sha256 = sha256_hex(sample.prompt);
  if (!sample.text.empty()) {
    plan.gold.text = sample.gold;
    return plan;
  }
  plan.kind = store::RequestKind::kLogLikelihood;
  plan.continuations = {" A", " B"};
  plan.gold.choices = {0};
  return plan;
}

engine::Response response_of(const MadeSample& sample) {
  engine::Response response;
  response.prompt_tokens = 10;
  if (sample.text.empty()) {
    response.body = engine::LogLikelihoodResponse{{-1, -1 - sample.margin}, {}};
  } else {
    response.body = engine::GenerateResponse{sample.text, {1, 2, 3}, engine::FinishReason::kStop};
  }
  return response;
}

scorers::Score score_of(const MadeSample& sample, const std::string& name) {
  scorers::Score score{{{name, sample.score}}, {}, std::nullopt};
  if (sample.text.empty()) {
    score.prediction = sample.margin >= 0 ? 0 : 1;
  } else {
    score.extracted = {{name, sample.extracted}};
  }
  score.execution = sample.execution;
  return score;
}

std::vector<scorers::Metric> metrics_of(const MadeRun& run) {
  std::vector<scorers::ScoredSample> samples;
  for (const MadeSample& sample : run.samples) {
    if (sample.answered) {
      samples.push_back({sample.subset, sample.cluster, {{run.score_name, sample.score}}, sample.id});
    }
  }
  return scorers::aggregate({{run.score_name, run.metric, run.filter}}, samples, {});
}

}  // namespace

std::vector<store::Run> MadeStore::add(const std::string& name, const std::vector<MadeRun>& runs) {
  std::vector<store::NewRun> plans;
  for (const MadeRun& run : runs) {
    store::NewRun plan{run.task, "lm_eval", run.manifest, run.scorer_version, {}};
    for (const MadeSample& sample : run.samples) {
      plan.samples.push_back(planned(sample, static_cast<int>(plan.samples.size())));
      if (!run.manifest.at("asked").contains("hidden_set")) plan.prompts.emplace_back(sample.prompt);
    }
    plans.push_back(plan);
  }
  const store::Batch batch = store_.create_batch({name, store::Json::object(), tags_}, plans);
  for (const store::ComputeSession& session : sessions_) {
    const int64_t begun = store_.begin_session(batch.id, session.computed_by, session.load_seconds);
    if (session.work) store_.end_session(begun, *session.work);
  }
  const std::vector<store::RunInfo> infos = store_.runs_of(batch.id);
  for (size_t r = 0; r < runs.size(); ++r) {
    std::vector<store::NewResponse> responses;
    for (size_t i = 0; i < runs[r].samples.size(); ++i) {
      const MadeSample& sample = runs[r].samples[i];
      if (!sample.answered) continue;
      responses.push_back({infos[r].number, i, response_of(sample), std::nullopt});
      if (runs[r].scored) responses.back().score = score_of(sample, runs[r].score_name);
    }
    store_.add_responses(responses);
    if (state_ == store::State::kDone) {
      store_.set_metrics(infos[r].number, runs[r].scorer_version,
                         runs[r].scored ? metrics_of(runs[r]) : std::vector<scorers::Metric>());
    }
  }
  if (state_ != store::State::kRunning) store_.finish_batch(batch.id, state_);
  std::vector<store::Run> made;
  for (const store::RunInfo& info : infos) made.push_back(store_.load_run(info.number));
  return made;
}

}  // namespace assay::reports::testing
