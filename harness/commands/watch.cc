// `assay watch`: each new checkpoint of a folder is scored and judged.
#include "harness/watch/watch.h"

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/commands/run_arguments.h"

namespace assay::harness {
namespace {

struct WatchArguments {
  std::string folder;
  WatchOptions watch;
  RunArguments scoring;
};

void add_judgement(CLI::App& c, WatchOptions& o) {
  const std::string group = "What becomes of a checkpoint";
  c.add_option("--baseline", o.baseline, "Hold every checkpoint against this RUN")
      ->required()
      ->type_name("RUN")
      ->group(group);
  c.add_option("--gate", o.margin_points,
               "The loss in points that is still acceptable: verdicts are those of `assay gate`, else of `assay "
               "compare`")
      ->type_name("POINTS")
      ->group(group);
  c.add_option("--allow", o.allow, "A field that may differ from the baseline, such as shots; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FIELD")
      ->group(group);
  c.add_option("--report", o.reports,
               "Keep this report of all checkpoints current (.html, .md, .xml, .json; repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->group(group);
  c.add_option("--on-regression", o.command,
               "Run this shell command once for each regressed checkpoint; ASSAY_CHECKPOINT, ASSAY_RUN and others are "
               "in its environment (docs/watching.md)")
      ->type_name("COMMAND")
      ->group(group);
  c.add_option("--command-limit", o.command_seconds, "Seconds after which that command is ended")
      ->capture_default_str()
      ->group(group);
}

void add_watching(CLI::App& c, WatchArguments& a) {
  WatchOptions& o = a.watch;
  const std::string group = "This watch";
  c.add_option("--settle", o.settle_seconds, "Seconds that a checkpoint's files must have been unchanged")
      ->capture_default_str()
      ->group(group);
  c.add_option("--poll", o.poll_seconds, "Seconds between two looks at the folder")
      ->capture_default_str()
      ->group(group);
  c.add_flag("--once", o.once, "Score what is there, and end with a code for CI")->group(group);
  c.add_option("--name", o.name, "Of the watch: the tag `watch` of its runs (default: the folder's name)")
      ->group(group);
  c.add_option("--tag", a.scoring.tags, "KEY=VALUE, a further tag of its runs (repeatable)")
      ->allow_extra_args(false)
      ->group(group);
  c.add_flag("--json", o.json, "Print every event as a line of JSON")->group(group);
  c.add_flag("--quiet", o.quiet, "No progress and no notes")->group(group);
}

}  // namespace

void add_watch(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("watch", "Score each new checkpoint of a folder, and act on a regression");
  command->footer(
      "A checkpoint is a sub-folder or .gguf file that `assay run` takes. It is scored once all its files are there "
      "and unchanged for --settle seconds, and again when other weights take its place; what is scored stays so when "
      "the watch is started again. Ctrl-C ends it (130) and loses nothing. With --once it exits 1 (one that is there "
      "has regressed), 2 (one is inconclusive) or 0.\n\n"
      "Examples:\n"
      "  assay watch runs/llama --tasks mmlu --limit 100 --baseline night-12 --gate 1 --report trend.html\n"
      "  assay watch runs/llama --tasks mmlu --limit 100 --baseline night-12 --gate 1 --once\n"
      "  assay watch runs/llama --tasks mmlu --baseline night-12 --on-regression 'mail -s \"$ASSAY_SUMMARY\" me'");
  auto arguments = std::make_shared<WatchArguments>();
  command->add_option("DIR", arguments->folder, "The folder that checkpoints are written into")->required();
  add_judgement(*command, arguments->watch);
  add_watching(*command, *arguments);
  add_what_is_asked(*command, arguments->scoring);
  add_how_it_is_computed(*command, arguments->scoring);
  add_execution(*command, arguments->scoring);
  const auto database = add_database(*command);
  command->callback([arguments, database, command, &action] {
    action = [arguments, database, command] {
      WatchOptions options = arguments->watch;
      options.folder = arguments->folder;
      options.run = arguments->scoring.run;
      options.run.protocol = protocol_of(*command, options.run.tasks, options.run.protocol);
      options.run.data_dirs = data_folder_names(arguments->scoring.data_dir);
      options.run.tags = parse_tags(arguments->scoring.tags);
      return watch_command(std::move(options), *database);
    };
  });
}

}  // namespace assay::harness
