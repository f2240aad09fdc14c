#include "harness/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "harness/command_tree.h"
#include "harness/shell_files.h"
#include "harness/version.h"

namespace assay::harness {
namespace {

int report(ExitCode code, const std::string& message) {
  // One line, whatever the message quotes.
  std::string line = message;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  fmt::print(stderr, "assay: {}\n", line);
  return static_cast<int>(code);
}

// "assay preference serve": as much of the command as was understood.
std::string command_understood(const CLI::App& app) {
  std::string words = "assay";
  for (const CLI::App* each = &app; !each->get_subcommands().empty();) {
    each = each->get_subcommands().front();
    words += " " + each->get_name();
  }
  return words;
}

void add_version(CLI::App& app, Action& action) {
  auto version = std::make_shared<bool>(false);
  app.add_flag("--version", *version, "Print the version and exit; with --json as an object");
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "With --version: print JSON");
  // For the installation; no group: it is in no help.
  auto generate = std::make_shared<std::string>();
  app.add_option("--generate", *generate, "Write the manual pages and completions into this folder")->group("");
  app.callback([version, json, generate, &action, &app] {
    if (!generate->empty()) {
      action = [generate, &app] {
        generate_shell_files(command_tree(app), *generate);
        return ExitCode::kDone;
      };
    } else if (*version) {
      action = [json] {
        if (*json) {
          fmt::print("{{\"version\":\"{}\",\"compiler\":\"{}\"}}\n", kVersion, kCompiler);
        } else {
          fmt::print("assay {}\n", kVersion);
        }
        return ExitCode::kDone;
      };
    } else if (app.get_subcommands().empty()) {
      throw CLI::CallForHelp();
    }
  });
}

// A command that only has others below it shows the first example of each.
void show_first_examples(CLI::App& app) {
  for (CLI::App* parent : app.get_subcommands([](CLI::App*) { return true; })) {
    std::string examples;
    for (const Command& child : command_tree(*parent)) {
      if (!child.words.empty() && !child.examples.empty()) examples += "\n  " + child.examples.front();
    }
    if (!examples.empty() && parent->get_footer().empty()) parent->footer("Examples:" + examples);
  }
}

}  // namespace

void define_command_line(CLI::App& app, Action& action) {
  app.name("assay");
  app.description("Scores language models on standard benchmarks, and keeps every answer");
  app.failure_message(CLI::FailureMessage::simple);
  add_version(app, action);
  add_run(app, action);
  add_plan(app, action);
  add_tasks(app, action);
  add_runs(app, action);
  add_show(app, action);
  add_export(app, action);
  add_delete(app, action);
  add_compare(app, action);
  add_gate(app, action);
  add_report(app, action);
  add_watch(app, action);
  add_replay(app, action);
  add_certify(app, action);
  add_verify(app, action);
  add_merge(app, action);
  add_import(app, action);
  add_rescore(app, action);
  add_reference(app, action);
  add_datasets(app, action);
  add_preference(app, action);
  add_sandbox(app, action);
  add_bench(app, action);
  add_doctor(app, action);
  // Last, because a subcommand inherits the footer of its parent.
  app.footer(
      "Examples:\n"
      "  assay run --model ./SmolLM2-135M-Instruct --tasks mmlu,arc_challenge --limit 20\n"
      "  assay show latest\n"
      "  assay compare night-12 night-13\n"
      "  assay run --help");
  show_first_examples(app);
}

int run_command_line(int argc, const char* const* argv) {
  CLI::App app;
  Action action;
  define_command_line(app, action);
  try {
    app.parse(argc, argv);
    return static_cast<int>(action());
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& problem) {
    return report(ExitCode::kUsage, fmt::format("{}; see `{} --help`", problem.what(), command_understood(app)));
  } catch (const Error& error) {
    return report(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return report(ExitCode::kUnavailable, "out of memory; try a smaller --memory, --step-tokens or model");
  } catch (const std::exception& error) {
    return report(ExitCode::kInternal,
                  fmt::format("internal error: {}; please report it with the command", error.what()));
  }
}

}  // namespace assay::harness
