#include "harness/import/prompt_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "harness/import/known_task.h"

namespace assay::harness {
namespace {

tasks::RenderOptions render_options(const ImportedRun& run) {
  tasks::RenderOptions options;
  options.protocol = run.protocol;
  options.shots = run.shots;
  std::set<std::string> subsets;
  for (const ImportedSample& sample : run.samples) {
    // A prefix is rendered as the whole is (PROTOCOLS.md §1.6), so what lies behind the last sample is not needed.
    options.limit = std::max(options.limit, sample.plan.index + 1);
    if (!sample.plan.subset.empty()) subsets.insert(sample.plan.subset);
  }
  options.subsets.assign(subsets.begin(), subsets.end());
  return options;
}

bool is_dialogue(const tasks::RenderedTask& rendered) {
  const auto* generate = std::get_if<engine::GenerateRequest>(&rendered.items.front().request);
  return generate != nullptr && !generate->turns.empty();
}

void compare(ImportedRun& run, const tasks::RenderedTask& rendered) {
  if (is_dialogue(rendered)) {
    run.prompts.not_checked = "they are dialogues, which the model's chat template wrote";
    return;
  }
  std::map<std::string, store::PlannedSample> own;
  for (const tasks::Item& item : rendered.items) {
    own.emplace(item.sample.id, store::plan_sample(item.sample, item.gold, item.request));
  }
  for (ImportedSample& sample : run.samples) {
    const auto found = own.find(sample.plan.id);
    const bool same = found != own.end() && found->second.prompt_sha256 == sample.plan.prompt_sha256 &&
                      found->second.continuations == sample.plan.continuations;
    if (found != own.end()) sample.plan.cluster = found->second.cluster;
    if (sample.plan.sample > 0) continue;  // another answer to the same prompt
    ++run.prompts.compared;
    if (!same) run.prompts.different.push_back(sample.plan.id);
  }
}

}  // namespace

void check_prompts(ImportedRun& run, const tasks::Registry& registry,
                   const std::vector<std::filesystem::path>& data_dirs) {
  const std::optional<KnownTask> known = find_known_task(registry, run.task, run.protocol);
  if (!known || known->task == nullptr) {
    run.prompts.not_checked = fmt::format("Assay has no data of a task {} under {}", run.task, run.protocol);
    return;
  }
  for (ImportedSample& sample : run.samples) {
    sample.plan.cluster = cluster_by_subset(*known->task, sample.plan.subset);
  }
  try {
    compare(run, tasks::render(*known->task, render_options(run), data_dirs));
  } catch (const Error& error) {
    if (error.code() == ExitCode::kUnavailable) {
      run.prompts.not_checked = "no data at hand";
    } else if (error.code() == ExitCode::kUsage) {
      run.prompts.not_checked = error.what();  // a number of examples, or a subset, that the task does not have
    } else {
      throw;
    }
  }
}

std::string describe(const PromptCheck& check) {
  if (!check.not_checked.empty()) return "prompts not checked: " + check.not_checked;
  if (check.different.empty()) return fmt::format("all {} prompts equal Assay's own", check.compared);
  return fmt::format("{} of {} prompts differ from Assay's own ({})", check.different.size(), check.compared,
                     some_of(check.different));
}

}  // namespace assay::harness
