#include "harness/replay.h"

#include "base/entropy.h"
#include "base/log.h"
#include "harness/rerun_report.h"

namespace assay::harness {
namespace {

struct Candidate {
  size_t run = 0;
  size_t sample = 0;
};

std::string name_of(const store::RunInfo& run, const store::PlannedSample& plan) {
  return run.task + "/" + plan.id + (plan.sample > 0 ? fmt::format(" (answer {})", plan.sample) : "");
}

// The samples of one run that can be computed again.
struct RunSamples {
  std::vector<store::StoredSample> all;
  std::vector<size_t> answered;  // indices
};

RunSamples load(const store::Store& store, const store::RunInfo& run) {
  RunSamples samples{store.load_samples(run.number), {}};
  for (size_t i = 0; i < samples.all.size(); ++i) {
    if (samples.all[i].response) samples.answered.push_back(i);
  }
  return samples;
}

std::vector<Rerun> choose(const store::Store& store, const std::vector<store::RunInfo>& runs,
                          const ReplayOptions& options, uint64_t seed, RunOptions& recorded) {
  std::vector<RunSamples> samples;
  std::vector<Candidate> candidates;
  for (size_t r = 0; r < runs.size(); ++r) {
    samples.push_back(load(store, runs[r]));
    for (size_t i : samples[r].answered) candidates.push_back({r, i});
  }
  if (candidates.empty()) fail(ExitCode::kUsage, "no sample of run {} has an answer yet", runs.front().number);

  std::vector<Rerun> chosen;
  std::optional<RecordedRun> rendered;
  size_t rendered_run = 0;
  for (size_t c : draw_samples(candidates.size(), options.items, std::to_string(seed))) {
    const auto& [r, i] = candidates[c];
    if (!rendered || rendered_run != r) {
      rendered = render_again(store, runs[r], options.elsewhere);
      rendered_run = r;
    }
    const store::StoredSample& sample = samples[r].all[i];
    Rerun rerun;
    rerun.name = name_of(runs[r], sample.plan);
    rerun.request = ask_of(*rendered, runs[r], sample).request;
    rerun.recorded = *sample.response;
    const auto* text = std::get_if<engine::GenerateResponse>(&rerun.recorded.body);
    rerun.end_known = text == nullptr || !text->token_ids.empty();
    chosen.push_back(std::move(rerun));
  }
  recorded = rendered->options;
  return chosen;
}

}  // namespace

ExitCode Replay::exit_code() const {
  if (!result) return ExitCode::kCheckFailed;
  if (result->interrupted) return ExitCode::kInterrupted;
  if (result->failed()) return ExitCode::kCheckFailed;
  return result->undecided() ? ExitCode::kInconclusive : ExitCode::kDone;
}

Replay replay(const store::Store& store, const std::vector<store::RunInfo>& runs, const ReplayOptions& options,
              const std::atomic<bool>& stop) {
  const store::Json manifest = store.load_run(runs.front().number).manifest;
  refuse_answers_from_elsewhere(manifest);
  Replay replay;
  replay.runs = runs;
  replay.seed = options.seed.value_or(random_seed());
  replay.tolerance = options.tolerance;
  RunOptions recorded;
  const std::vector<Rerun> samples = choose(store, runs, options, replay.seed, recorded);

  recorded.engine.threads = options.threads;
  RerunMachine machine = options.machine;
  machine.may_differ = options.tolerance.has_value();
  engine::Engine engine =
      open_for_rerun(options.model.empty() ? recorded.model : options.model, recorded.engine, manifest, machine);
  replay.model = other_model(manifest, engine.facts());
  replay.machine = other_machine(manifest, engine.facts());
  replay.build = other_build(manifest);
  replay.kernels = engine.facts().kernels;
  if (replay.model.empty() || options.ignore_hash) replay.result = rerun(engine, samples, options.tolerance, stop);
  return replay;
}

std::string replay_text(const Replay& replay) {
  std::string text = facts_text(replay.model, replay.result.has_value(), replay.machine, replay.build);
  if (!replay.result) return text;
  text += result_text(*replay.result, replay.tolerance, replay.kernels);
  return text +
         fmt::format("The samples were chosen by seed {}; the same ones again: --seed {}\n", replay.seed, replay.seed);
}

store::Json replay_json(const Replay& replay) {
  store::Json json;
  json["equal"] = replay.result && replay.result->all_equal();
  json["passed"] = replay.exit_code() == ExitCode::kDone;
  json["seed"] = replay.seed;
  json["runs"] = store::Json::array();
  for (const store::RunInfo& run : replay.runs) json["runs"].push_back(run.number);
  json["facts"] = facts_json(replay.model, replay.machine, replay.build);
  json["kernels"] = replay.kernels;
  json["result"] = replay.result ? result_json(*replay.result, replay.tolerance) : store::Json();
  return json;
}

}  // namespace assay::harness
