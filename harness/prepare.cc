#include "harness/prepare.h"

#include "base/error.h"
#include "base/hash.h"
#include "engine/remote/address.h"
#include "harness/dialogues.h"
#include "harness/preference/hidden_run.h"
#include "tasks/hidden_prompts.h"

namespace assay::harness {
namespace {

std::vector<std::filesystem::path> to_paths(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

engine::Sampling sampling_of(const RunOptions& options) {
  engine::Sampling sampling;
  const bool several = options.samples.value_or(1) > 1;
  sampling.temperature = options.temperature.value_or(several ? 0.8 : 0.0);
  sampling.top_p = options.top_p.value_or(several ? 0.95 : 1.0);
  sampling.seed = options.seed;
  return sampling;
}

PreparedRun prepared(tasks::RenderedTask rendered, scorers::Scorer scorer, const RunOptions& options) {
  PreparedRun run{std::move(rendered), std::move(scorer), {}, {}};
  run.averaging = averaging_of(run.rendered.average);
  run.averaging.groups = run.rendered.groups;
  run.averaging.averaged_subsets = run.rendered.averaged_subsets;
  run.asks = make_asks(run.rendered, options);
  return run;
}

// A base model, which has no template, is asked in plain text, without turns.
void drop_turns(PreparedRun& run, const RunOptions& options) {
  if (options.chat == "on") {
    fail(ExitCode::kUsage, "--chat on: {} has no chat template of its own; leave out --chat to ask in plain text",
         options.model);
  }
  for (Ask& ask : run.asks) std::get<engine::GenerateRequest>(ask.request).turns.clear();
}

std::vector<PreparedRun> prepare_hidden_run(const RunOptions& options) {
  if (!options.hidden) {
    fail(ExitCode::kUsage,
         "the prompts of this run are hidden: `assay preference` runs and resumes it, with the set "
         "{} opened",
         options.hidden_set);
  }
  tasks::RenderOptions render;
  render.limit = options.limit;
  render.subsets = options.subsets;
  render.max_tokens = options.max_tokens;
  tasks::RenderedTask rendered = tasks::render_hidden_prompts(options.hidden->set(), render);
  scorers::Scorer scorer = scorers::Scorer::from_spec(rendered.scorer, rendered.task);
  std::vector<PreparedRun> runs;
  runs.push_back(prepared(std::move(rendered), std::move(scorer), options));
  runs.front().hidden = options.hidden->texts();
  try {
    write_dialogues(runs, options, Dialogues::kWrittenIfPossible);
  } catch (const Error& error) {
    if (error.code() != ExitCode::kBadInput) throw;
    // What a template raises may quote the message.
    fail_input(
        "{}: its chat template refuses a hidden prompt, and what it says may quote it; `assay run --chat on` with "
        "another task shows what is wrong with the template",
        options.model);
  }
  const bool written = !runs.front().chat_template_sha256.empty() || engine::is_endpoint(options.model);
  if (!written) drop_turns(runs.front(), options);
  return runs;
}

}  // namespace

scorers::Averaging averaging_of(const nlohmann::json& average) {
  scorers::Averaging averaging;
  averaging.headline = average.value("headline", averaging.headline);
  averaging.group_stderr = average.value("group_stderr", averaging.group_stderr);
  return averaging;
}

std::vector<Ask> make_asks(const tasks::RenderedTask& rendered, const RunOptions& options) {
  std::vector<Ask> asks;
  for (size_t i = 0; i < rendered.items.size(); ++i) {
    const tasks::Item& item = rendered.items[i];
    const auto* generate = std::get_if<engine::GenerateRequest>(&item.request);
    if (generate == nullptr) {
      for (int repeat = 0; repeat < options.repeats; ++repeat) asks.push_back({i, item.request, repeat});
      continue;
    }
    const bool sampled = options.samples.value_or(1) > 1;
    for (int repeat = 0; repeat < (sampled ? *options.samples : options.repeats); ++repeat) {
      engine::GenerateRequest request = *generate;
      request.sampling = sampling_of(options);
      // The stream of random numbers of a sample depends on its task and id alone.
      request.sampling.sample_key = sha256_number(rendered.task + "\n" + item.sample.id);
      request.sampling.repeat = static_cast<uint32_t>(repeat);
      asks.push_back({i, std::move(request), sampled ? 0 : repeat});
    }
  }
  return asks;
}

std::vector<PreparedRun> prepare_runs(const RunOptions& options, Dialogues dialogues) {
  if (!options.hidden_set.empty()) return prepare_hidden_run(options);
  const tasks::Registry registry(to_paths(options.tasks_dirs));
  tasks::RenderOptions render;
  render.protocol = options.protocol;
  render.shots = options.shots;
  render.limit = options.limit;
  render.subsets = options.subsets;
  render.max_tokens = options.max_tokens;

  std::vector<PreparedRun> runs;
  for (const std::string& name : registry.resolve(options.tasks, options.protocol)) {
    tasks::RenderedTask rendered = name.starts_with("text:")
                                       ? tasks::render_text_file(name.substr(5), options.stride)
                                       : tasks::render(registry.find(name), render, to_paths(options.data_dirs));
    if (rendered.items.empty()) fail(ExitCode::kUsage, "task {}: no samples are left to run", name);
    scorers::Scorer scorer = scorers::Scorer::from_spec(rendered.scorer, fmt::format("task {}: scorer", name));
    runs.push_back(prepared(std::move(rendered), std::move(scorer), options));
  }
  write_dialogues(runs, options, dialogues);
  return runs;
}

std::vector<store::PlannedSample> planned_samples(const PreparedRun& run) {
  std::vector<store::PlannedSample> planned;
  planned.reserve(run.asks.size());
  for (const Ask& ask : run.asks) {
    const tasks::Item& item = run.rendered.items[ask.item];
    planned.push_back(store::plan_sample(item.sample, item.gold, ask.request));
    if (ask.repeat > 0) planned.back().sample = ask.repeat;
    if (run.hidden) planned.back().prompt_sha256 = run.hidden->mark(planned.back().prompt_sha256);
  }
  return planned;
}

std::vector<std::string_view> prompts_of(const PreparedRun& run) {
  std::vector<std::string_view> prompts;
  if (run.hidden) return prompts;
  for (const Ask& ask : run.asks) prompts.emplace_back(prompt_of(ask.request));
  return prompts;
}

const std::string& prompt_of(const engine::Request& request) {
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) return likelihood->context;
  if (const auto* generate = std::get_if<engine::GenerateRequest>(&request)) return generate->prompt;
  return std::get<engine::TextRequest>(request).text;
}

std::vector<scorers::Metric> metrics_of(const PreparedRun& run, const std::vector<store::StoredSample>& samples) {
  std::vector<scorers::ScoredSample> scored;
  for (const store::StoredSample& stored : samples) {
    // Programs that were not executed have a score without values.
    if (!stored.score || stored.score->values.empty()) continue;
    const datasets::Sample& sample = run.rendered.items[run.asks.at(stored.position).item].sample;
    scored.push_back({sample.subset, sample.cluster, stored.score->values, sample.id});
  }
  if (scored.empty()) return {};
  return scorers::aggregate(run.scorer.names(), scored, run.averaging);
}

}  // namespace assay::harness
