#include "harness/import/known_task.h"

#include <algorithm>

#include "harness/prepare.h"
#include "tasks/definition.h"

namespace assay::harness {

std::optional<KnownTask> find_known_task(const tasks::Registry& registry, const std::string& task,
                                         const std::string& protocol) {
  if (task.starts_with("text:")) {
    scorers::Averaging averaging;
    averaging.group_stderr = "samples";
    return KnownTask{nullptr, scorers::Scorer::from_spec({{"kind", "perplexity"}}, task), averaging};
  }
  const auto& all = registry.tasks();
  const auto found = std::find_if(all.begin(), all.end(), [&](const tasks::Task& each) { return each.name == task; });
  if (found == all.end()) return std::nullopt;
  const tasks::Definition& definition = *found->definition;
  for (const tasks::ProtocolDefinition& each : definition.protocols) {
    if (each.name != protocol) continue;
    scorers::Averaging averaging = averaging_of(each.average);
    averaging.groups = definition.groups;
    averaging.averaged_subsets = each.averaged_subsets;
    return KnownTask{&*found, scorers::Scorer::from_spec(each.scorer, "task " + task + ": scorer"), averaging};
  }
  return std::nullopt;
}

std::string scoring_name(const std::string& scorer_version, const std::string& task_sha256,
                         const std::string& usual_sha256) {
  return task_sha256 == usual_sha256 ? scorer_version : scorer_version + " task " + task_sha256.substr(0, 8);
}

std::string built_in_sha256(const std::string& task) {
  const tasks::Registry built_in;
  for (const tasks::Task& each : built_in.tasks()) {
    if (each.name == task) return each.sha256;
  }
  return "";
}

std::vector<std::string> subsets_of(const tasks::Task& task) {
  std::vector<std::string> subsets = task.definition->subsets;
  std::erase(subsets, "");
  return subsets;
}

std::string cluster_by_subset(const tasks::Task& task, const std::string& subset) {
  return task.definition->format.cluster_by == "subset" ? subset : "";
}

}  // namespace assay::harness
