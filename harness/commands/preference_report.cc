// `assay preference report`: what people preferred in a round.
#include "harness/commands/options.h"
#include "harness/commands/preference.h"
#include "reports/preference_json.h"
#include "reports/preference_round.h"
#include "reports/preference_text.h"

namespace assay::harness {
namespace {

ExitCode report_round(const std::string& database, const std::string& name, const reports::PreferenceOptions& options,
                      bool json) {
  const store::Store store(database, store::Store::Mode::kRead);
  store::Ratings ratings(database, store::Store::Mode::kRead);
  const store::Round round = ratings.find_round(name);
  const reports::PreferenceReport report =
      reports::preference_report(reports::read_preference_round(store, ratings, round), options);
  fmt::print("{}", json ? reports::preference_json(report).dump(1) + "\n" : reports::preference_text(report));
  return ExitCode::kDone;
}

}  // namespace

void add_preference_report(CLI::App& command, Action& action) {
  CLI::App* report = command.add_subcommand("report", "What people preferred: aggregates alone, no text");
  report->footer(
      "No passphrase is needed: no prompt, response or comment is read. docs/preference-results.md says what each line "
      "means.\n"
      "Examples:\n"
      "  assay preference report\n"
      "  assay preference report spring --without ann --json\n"
      "  assay preference report spring --min-count 20");
  struct Arguments {
    std::string round;
    reports::PreferenceOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  report->add_option("ROUND", arguments->round, "The round's name (default: the latest)");
  report
      ->add_option("--without", arguments->options.without,
                   "A rater whose votes are left out, which the report says; repeatable")
      ->allow_extra_args(false)
      ->type_name("RATER");
  report
      ->add_option("--min-count", arguments->options.min_count,
                   "No row of fewer votes is shown, nor one that would give it away")
      ->capture_default_str()
      ->type_name("N");
  const auto database = add_database(*report);
  const auto json = add_json(*report);
  report->callback(
      [=, &action] { action = [=] { return report_round(*database, arguments->round, arguments->options, *json); }; });
}

}  // namespace assay::harness
