#include "harness/import/lm_eval_run.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "harness/import/known_task.h"
#include "harness/import/lm_eval_facts.h"
#include "harness/import/lm_eval_score.h"
#include "harness/import/prompt_check.h"

namespace assay::harness {
namespace {

constexpr const char* kProtocol = "lm_eval";

// A log and the task of ours that it is a part of.
struct Part {
  const LmEvalLog* log = nullptr;
  std::string subset;
};

// The harness has one task a subject or exam, written with underscores.
std::pair<std::string, std::string> task_and_subset(const std::string& name, const tasks::Registry& registry) {
  for (const auto& [prefix, ours] :
       {std::pair("mmlu_llama_", "mmlu_llama"), std::pair("mmlu_", "mmlu"), std::pair("agieval_", "agieval_en")}) {
    if (!name.starts_with(prefix)) continue;
    const std::string rest = name.substr(std::string(prefix).size());
    for (const std::string& subset : subsets_of(registry.find(ours))) {
      if (replace_all(subset, "-", "_") == rest) return {ours, subset};
    }
  }
  return {name, ""};
}

std::string text_field(const LmEvalLog& log, const LmEvalSample& sample, const char* name) {
  if (sample.doc.is_object() && sample.doc.contains(name) && sample.doc.at(name).is_string()) {
    return sample.doc.at(name).get<std::string>();
  }
  fail_input("{}: line {}: the document has no text {}, by which {} is known", log.path.string(), sample.line, name,
             log.task);
}

// INTERFACE.md, "Sample ids".
std::string id_of(const std::string& task, const Part& part, const LmEvalSample& sample) {
  if (!part.subset.empty()) {
    return part.subset + (task.starts_with("mmlu") ? "/test/" : "/") + std::to_string(sample.doc_id);
  }
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), task) != names.end();
  };
  if (is_one_of({"arc_easy", "arc_challenge", "arc_challenge_chat", "arc_challenge_llama"})) {
    return text_field(*part.log, sample, "id");
  }
  if (is_one_of({"gsm8k", "gsm8k_cot", "gsm8k_cot_llama"})) return fmt::format("gsm8k/test/{}", sample.doc_id);
  if (is_one_of({"humaneval", "humaneval_instruct"})) return text_field(*part.log, sample, "task_id");
  return fmt::format("{}/{}", task, sample.doc_id);
}

// One entry for each answer of the document.
std::vector<ImportedSample> answers_of(const std::string& task, const Part& part, const LmEvalSample& document) {
  ImportedSample sample;
  sample.plan.subset = part.subset;
  sample.plan.index = document.doc_id;
  sample.plan.id = id_of(task, part, document);
  sample.plan.prompt_sha256 = sha256_hex(document.prompt);
  sample.prompt = document.prompt;
  sample.plan.gold = gold_from(document);
  sample.response.prompt_tokens = -1;
  if (document.texts.empty()) {
    sample.plan.kind = store::RequestKind::kLogLikelihood;
    sample.plan.continuations = document.continuations;
    sample.response.body = engine::LogLikelihoodResponse{document.logprobs, document.greedy};
    return {sample};
  }
  std::vector<ImportedSample> samples;
  for (const std::string& text : document.texts) {
    sample.plan.sample = static_cast<int>(samples.size());
    sample.response.body = engine::GenerateResponse{text, {}, engine::FinishReason::kStop};
    samples.push_back(sample);
  }
  return samples;
}

void check_gold(const LmEvalLog& log, const LmEvalSample& document) {
  if (document.continuations.empty() || !gold_from(document).choices.empty()) return;
  fail_input("{}: line {}: the target {} is none of the {} options", log.path.string(), document.line,
             printable(document.target.dump(-1, ' ', true)), document.continuations.size());
}

// Everything that one run is made of.
class RunBuilder {
 public:
  RunBuilder(const std::string& task, const tasks::Registry& registry)
      : known_(find_known_task(registry, task, kProtocol)) {
    run_.task = task;
    run_.protocol = kProtocol;
    if (known_) run_.averaging = known_->averaging;
    // Verdicts of programs are the harness's: its answers alone are no program that could be executed here.
    scored_here_ = known_ && !known_->scorer.needs_execution();
    if (scored_here_) {
      run_.names = known_->scorer.names();
      run_.scorer_version =
          scoring_name(known_->scorer.version(), known_->task->sha256, built_in_sha256(known_->task->name));
    }
  }

  void add(const Part& part) {
    const LmEvalLog& log = *part.log;
    take_shots(log);
    if (!scored_here_) take_own_names(log);
    for (const LmEvalSample& document : log.samples) {
      if (scored_here_) check_gold(log, document);
      if (decoding_.is_null()) decoding_ = decoding_from(document.generation, document.texts.size());
      for (ImportedSample& sample : answers_of(run_.task, part, document)) {
        if (scored_here_) {
          sample.score = score_by(known_->scorer, sample, document.prompt);
          comparison_.add(run_.names, *sample.score, document, sample.plan.id);
        } else if (sample.plan.sample == 0) {
          sample.score = own_score(document, run_.names);
        }
        run_.samples.push_back(std::move(sample));
      }
    }
    if (first_ == nullptr) first_ = &log;
  }

  ImportedRun finish(std::vector<std::string>& warnings) {
    sort_samples(run_.samples);
    check_distinct();
    run_.manifest = lm_eval_manifest(run_, *first_, decoding_);
    for (std::string& line : comparison_.warnings(run_.task)) warnings.push_back(std::move(line));
    return std::move(run_);
  }

 private:
  void take_shots(const LmEvalLog& log) {
    const std::optional<int> shots = shots_of(log);
    if (first_ != nullptr && shots != run_.shots) {
      const auto shown = [](std::optional<int> n) { return n ? std::to_string(*n) : std::string(kUnknown); };
      fail_input("{} was asked with {} examples and {} with {}; import them one by one", first_->task,
                 shown(run_.shots), log.task, shown(shots));
    }
    run_.shots = shots;
  }

  void take_own_names(const LmEvalLog& log) {
    run_.names = own_names(log.samples.front());
    // The harness's name for our own score, so that both can be paired: pass@1 of the filter create_test is "passed".
    if (known_ && run_.names.size() == 1 && known_->scorer.names().size() == 1 &&
        run_.names[0].metric == known_->scorer.names()[0].metric) {
      run_.names[0].score = known_->scorer.names()[0].score;
    }
    run_.scorer_version = harness_version(log);
    if (!run_.names.empty()) return;
    fail_input(
        "{}: the task {} has no metric that is one number a sample and averaged by its mean, and nothing else "
        "can be compared; leave the file out",
        log.path.string(), log.task);
  }

  void check_distinct() const {
    for (size_t i = 1; i < run_.samples.size(); ++i) {
      const store::PlannedSample& a = run_.samples[i - 1].plan;
      const store::PlannedSample& b = run_.samples[i].plan;
      if (a.id != b.id || a.sample != b.sample) continue;
      fail_input("{}: the documents {} and {} have the same id {}", first_->path.string(), a.index, b.index, a.id);
    }
  }

  std::optional<KnownTask> known_;
  bool scored_here_ = false;
  ImportedRun run_;
  const LmEvalLog* first_ = nullptr;
  store::Json decoding_;
  ScoreComparison comparison_;
};

void check_one_model(const std::vector<LmEvalLog>& logs) {
  for (const LmEvalLog& log : logs) {
    const std::string first = model_identity(logs.front());
    const std::string other = model_identity(log);
    if (first == other) continue;
    fail_input("{} is of {}, and {} of {}; import each model by itself", logs.front().path.string(), first,
               log.path.string(), other);
  }
}

void check_distinct(const std::vector<LmEvalLog>& logs) {
  std::map<std::string, const LmEvalLog*> tasks;
  for (const LmEvalLog& log : logs) {
    const auto [known, fresh] = tasks.emplace(log.task, &log);
    if (fresh) continue;
    fail_input("{} and {} are both of the task {}; import one of them", known->second->path.string(), log.path.string(),
               log.task);
  }
}

}  // namespace

LmEvalRuns lm_eval_runs(const std::vector<LmEvalLog>& logs, const tasks::Registry& registry,
                        const std::vector<std::filesystem::path>& data_dirs) {
  check_one_model(logs);
  check_distinct(logs);
  LmEvalRuns result;
  std::map<std::string, std::vector<Part>> tasks;
  for (const LmEvalLog& log : logs) {
    const auto [task, subset] = task_and_subset(log.task, registry);
    tasks[task].push_back({&log, subset});
    if (log.results.is_null()) {
      result.warnings.push_back(fmt::format(
          "{}: no results file of the same time beside it; model, dtype and examples are unknown", log.path.string()));
    }
    if (!log.left_out.empty()) {
      result.warnings.push_back(
          fmt::format("{}: left out what is no mean of one number a sample: {}", log.task, join(log.left_out, ", ")));
    }
  }
  for (const auto& [task, parts] : tasks) {
    RunBuilder builder(task, registry);
    for (const Part& part : parts) builder.add(part);
    result.runs.push_back(builder.finish(result.warnings));
    check_prompts(result.runs.back(), registry, data_dirs);
  }
  return result;
}

}  // namespace assay::harness
