// `assay doctor`: what this machine offers, and what mends what is missing.
#include "harness/doctor.h"

#include <nlohmann/json.hpp>

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

ExitCode print_findings(const std::vector<Finding>& findings, bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  reports::Table table({"", ""}, {0, 1});
  for (const Finding& finding : findings) {
    table.add({finding.what, finding.found});
    if (!finding.problem.empty()) {
      table.add({"", "!  " + finding.problem});
      table.add({"", "-> " + finding.mend});
    }
    list.push_back(
        {{"what", finding.what}, {"found", finding.found}, {"problem", finding.problem}, {"mend", finding.mend}});
  }
  // Paths may hold bytes that are no UTF-8; JSON cannot.
  fmt::print("{}", json ? list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : table.text());
  return ExitCode::kDone;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("doctor", "What was found on this machine, and what mends what is missing");
  command->footer(
      "Every problem is marked with ! and followed by a command that mends it.\n\n"
      "Examples:\n"
      "  assay doctor\n"
      "  assay doctor --data-dir ./data --json");
  const auto database = add_database(*command);
  auto data_dir = std::make_shared<std::optional<std::string>>();
  add_data_dir(*command, *data_dir);
  const auto json = add_json(*command);
  command->callback(
      [=, &action] { action = [=] { return print_findings(examine_machine(*database, *data_dir), *json); }; });
}

}  // namespace assay::harness
