#include "harness/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "harness/commands/commands.h"
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

void add_version(CLI::App& app, Action& action) {
  auto version = std::make_shared<bool>(false);
  app.add_flag("--version", *version, "Print the version and exit; with --json as an object");
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "With --version: print JSON");
  app.callback([version, json, &action, &app] {
    if (*version) {
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

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Assay scores language models on standard benchmarks and keeps the answers.\n\n"
      "Example: assay run --model ./my-model --tasks mmlu,arc_challenge --limit 20",
      "assay");
  app.failure_message(CLI::FailureMessage::simple);
  Action action;
  add_version(app, action);
  add_run(app, action);
  add_tasks(app, action);
  add_runs(app, action);
  add_show(app, action);
  add_export(app, action);
  add_delete(app, action);
  add_replay(app, action);
  add_certify(app, action);
  add_verify(app, action);
  add_merge(app, action);
  add_datasets(app, action);
  add_sandbox(app, action);
  add_bench(app, action);
  add_doctor(app, action);
  try {
    app.parse(argc, argv);
    return static_cast<int>(action());
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& problem) {
    return report(ExitCode::kUsage, fmt::format("{}; see `assay --help`", problem.what()));
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
