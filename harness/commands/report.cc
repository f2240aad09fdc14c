// `assay report`: runs as a file for people or for a CI system.
#include "base/file.h"
#include "base/log.h"
#include "datasets/published.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/report_formats.h"
#include "reports/selection.h"
#include "reports/words.h"

namespace assay::harness {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::vector<std::string> tags;
  std::string since;
  std::vector<std::string> out;
  std::string format;
  reports::ReportOptions options;
};

ExitCode report_command(const std::string& database, ReportArguments arguments) {
  // Whatever is wrong with the options is said before anything is read.
  if (!arguments.format.empty() && arguments.out.size() > 1) {
    fail(ExitCode::kUsage, "--format {} is for one --out; several are told apart by their endings", arguments.format);
  }
  std::vector<const reports::ReportFormat*> formats;
  for (const std::string& file : arguments.out) formats.push_back(&reports::report_format(file, arguments.format));
  reports::Selection selection{arguments.runs, {}, arguments.since};
  for (const std::string& tag : arguments.tags) selection.tags.push_back(reports::parse_tag(tag));

  const store::Store store(database, store::Store::Mode::kRead);
  arguments.options.published = datasets::published_numbers();
  const reports::Report report = make_report(store, reports::select_runs(store, selection), arguments.options);
  for (size_t i = 0; i < formats.size(); ++i) {
    const std::string text = write_report(*formats[i], report, store);
    if (arguments.out[i] == "-") {
      fmt::print("{}", text);
    } else {
      write_file_atomically(arguments.out[i], text);
      log_note(fmt::format("{} reported in {}", reports::count_of(std::ssize(report.runs), "run"), arguments.out[i]));
    }
  }
  return ExitCode::kDone;
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("report", "Write runs as HTML, Markdown, JUnit XML or JSON");
  command->footer(
      "The exit code says whether the report was written; `assay gate` has one for the verdict.\n\n"
      "Examples:\n"
      "  assay report latest --out report.html\n"
      "  assay report pr-17 --baseline main --margin 1 --out report.md --out report.xml\n"
      "  assay report --since 2024-01-01 --out report.json\n"
      "  assay report night-12/mmlu night-13/mmlu --format markdown --out -");
  auto arguments = std::make_shared<ReportArguments>();
  command->add_option("RUN", arguments->runs, "Runs: each a number, NAME/TASK, NAME (all its runs) or latest");
  command->add_option("--tag", arguments->tags, "Only runs with this tag; repeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command->add_option("--since", arguments->since, "Only runs started then or later: 2026-11-25, or a time (UTC)")
      ->type_name("DATE");
  command->add_option("--out", arguments->out, "The file to write, - for standard output; repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_option("--format", arguments->format, "Default: by the file's ending")
      ->check(CLI::IsMember(reports::report_format_names()));
  command->add_option("--baseline", arguments->options.baseline, "Hold every task against this RUN's")
      ->type_name("RUN");
  command
      ->add_option("--margin", arguments->options.margin_points,
                   "The loss in points that is still acceptable: verdicts are those of the gate")
      ->type_name("POINTS");
  command->add_option("--allow", arguments->options.allow, "A field that may differ, such as shots; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FIELD");
  const auto database = add_database(*command);
  command->callback([=, &action] { action = [=] { return report_command(*database, *arguments); }; });
}

}  // namespace assay::harness
