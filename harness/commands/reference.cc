// `assay reference list`: published numbers with their sources.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "datasets/published.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/table.h"
#include "store/store.h"

namespace assay::harness {
namespace {

using datasets::PublishedNumber;

struct Filter {
  std::string system;
  std::string task;
};

std::vector<PublishedNumber> chosen(const Filter& filter) {
  const std::vector<PublishedNumber> all = datasets::published_numbers();
  std::set<std::string> systems;
  std::set<std::string> tasks;
  std::vector<PublishedNumber> numbers;
  for (const PublishedNumber& number : all) {
    systems.insert(number.system);
    tasks.insert(number.task);
    const bool system = python_lower(number.system).find(python_lower(filter.system)) != std::string::npos;
    if (system && (filter.task.empty() || number.task == filter.task)) numbers.push_back(number);
  }
  if (!filter.task.empty() && !tasks.contains(filter.task)) {
    fail(ExitCode::kUsage, "--task {}: no number of it is known; there are: {}", filter.task,
         join({tasks.begin(), tasks.end()}, ", "));
  }
  if (numbers.empty()) {
    fail(ExitCode::kUsage, "--system {}: no number of it is known{}; there are: {}", filter.system,
         filter.task.empty() ? "" : " for " + filter.task, join({systems.begin(), systems.end()}, ", "));
  }
  return numbers;
}

ExitCode list_numbers(const Filter& filter, bool json) {
  reports::Table table({"system", "variant", "task", "metric", "value", "shots", "setting", "reported by", "date",
                        "confidence", "source"},
                       {0, 1, 2, 3, 6, 7, 8, 9, 10});
  store::Json list = store::Json::array();
  for (const PublishedNumber& n : chosen(filter)) {
    table.add({n.system, n.variant, n.task, n.metric, n.printed, n.shots, n.setting, n.reported_by, n.source_date,
               n.confidence, n.source});
    list.push_back({{"system", n.system},
                    {"variant", n.variant},
                    {"task", n.task},
                    {"metric", n.metric},
                    {"value", n.value},
                    {"unit", n.unit},
                    {"shots", n.shots},
                    {"setting", n.setting},
                    {"reported_by", n.reported_by},
                    {"source", n.source},
                    {"source_date", n.source_date},
                    {"confidence", n.confidence},
                    {"notes", n.notes}});
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return ExitCode::kDone;
}

}  // namespace

void add_reference(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("reference", "Numbers that others published, with their sources");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "List them; `assay show` puts those of its model beside a run");
  list->footer("Examples:\n  assay reference list --task mmlu\n  assay reference list --system \"llama 3 8b\" --json");
  auto filter = std::make_shared<Filter>();
  list->add_option("--system", filter->system, "Only systems whose name has this in it, in any case");
  list->add_option("--task", filter->task, "Only this task");
  const auto json = add_json(*list);
  list->callback([=, &action] { action = [=] { return list_numbers(*filter, *json); }; });
}

}  // namespace assay::harness
