#include "reports/run_pairs.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace assay::reports {
namespace {

using Infos = std::vector<store::RunInfo>;

const store::RunInfo* run_of(const Infos& runs, const std::string& task) {
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.task == task; });
  return found == runs.end() ? nullptr : &*found;
}

std::vector<std::string> tasks_without(const Infos& runs, const Infos& others) {
  std::vector<std::string> tasks;
  for (const store::RunInfo& run : runs) {
    if (run_of(others, run.task) == nullptr) tasks.push_back(run.task);
  }
  return tasks;
}

}  // namespace

RunPairs pair_tasks(const store::Store& store, const std::string& a, const std::string& b) {
  const Infos runs_a = store.resolve(a);
  const Infos runs_b = store.resolve(b);
  RunPairs result;
  if (runs_a.size() == 1 && runs_b.size() == 1) {
    result.pairs.emplace_back(store.load_run(runs_a.front().number), store.load_run(runs_b.front().number));
    return result;
  }
  for (const store::RunInfo& run : runs_a) {
    if (const store::RunInfo* other = run_of(runs_b, run.task)) {
      result.pairs.emplace_back(store.load_run(run.number), store.load_run(other->number));
    }
  }
  result.only_a = tasks_without(runs_a, runs_b);
  result.only_b = tasks_without(runs_b, runs_a);
  if (result.pairs.empty()) {
    fail_input("{} and {} have no task in common: one has {}, the other {}", a, b, join(result.only_a, ", "),
               join(result.only_b, ", "));
  }
  return result;
}

}  // namespace assay::reports
