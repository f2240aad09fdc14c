// `assay sandbox`: what this machine can contain, and one program in the jail.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "reports/table.h"
#include "sandbox/jail.h"
#include "sandbox/self_test.h"
#include "store/store.h"

namespace assay::harness {
namespace {

sandbox::JailOptions jail_options(const std::string& mode) {
  sandbox::JailOptions options;
  options.reduced = mode == "reduced";
  return options;
}

// Why programs are refused here with --sandbox full; empty where they are not.
std::string refusal() {
  try {
    const sandbox::Jail jail(jail_options("full"));
    return "";
  } catch (const Error& error) {
    if (error.code() != ExitCode::kUnavailable) throw;
    return error.what();
  }
}

void print_layers(const std::vector<sandbox::LayerReport>& layers, bool json) {
  store::Json list = store::Json::array();
  reports::Table table({"layer", "in force", "self-test", ""}, {0, 1, 2, 3});
  for (const sandbox::LayerReport& layer : layers) {
    const char* tested = !layer.tested ? "not tested" : layer.passed ? "passed" : "FAILED";
    table.add({layer.name, layer.in_force ? "yes" : "no", tested, layer.detail});
    list.push_back({{"layer", layer.name},
                    {"in_force", layer.in_force},
                    {"tested", layer.tested},
                    {"passed", layer.passed},
                    {"detail", layer.detail}});
  }
  fmt::print("{}", json ? list.dump(1, ' ', false, store::Json::error_handler_t::replace) + "\n" : table.text());
}

ExitCode check_sandbox(bool json) {
  // With what there is, so that a layer that is missing is a line of the table and not the end of it.
  const std::vector<sandbox::LayerReport> layers = sandbox::self_test(jail_options("reduced"));
  print_layers(layers, json);
  for (const sandbox::LayerReport& layer : layers) {
    if (!layer.tested || layer.passed) continue;
    log_warning(fmt::format("the layer {} does not hold what it should: run no untrusted program here", layer.name));
    return ExitCode::kCheckFailed;
  }
  const std::string missing = refusal();
  if (missing.empty()) return ExitCode::kDone;
  fail(ExitCode::kUnavailable, "programs are refused here unless run with --sandbox reduced: {}", missing);
}

struct ProgramArguments {
  std::vector<std::string> command;
  std::string input;  // file
  std::string sandbox = "full";
  sandbox::Limits limits;
  bool json = false;
};

void print_result(const sandbox::ProgramResult& result, bool json) {
  if (json) {
    const store::Json told = {{"outcome", to_string(result.outcome)},
                              {"exit", result.exit},
                              {"signal", result.signal},
                              {"cpu_ms", result.cpu_ms},
                              {"wall_ms", result.wall_ms},
                              {"limits", result.layers},
                              {"stdout", result.out},
                              {"stderr", result.err}};
    // A program may print bytes that are no UTF-8; JSON cannot hold them.
    fmt::print("{}\n", told.dump(1, ' ', false, store::Json::error_handler_t::replace));
    return;
  }
  std::fwrite(result.out.data(), 1, result.out.size(), stdout);
  std::fwrite(result.err.data(), 1, result.err.size(), stderr);
  if (result.outcome == sandbox::Outcome::kFinished && result.exit == 0) return;
  if (!result.err.empty() && result.err.back() != '\n') std::fputc('\n', stderr);
  const std::string how = result.signal != 0                              ? fmt::format(", signal {}", result.signal)
                          : result.outcome == sandbox::Outcome::kFinished ? fmt::format(", exit status {}", result.exit)
                                                                          : "";
  log_note(fmt::format("{}{}; {:.0f} ms of processor time in {:.0f} ms", to_string(result.outcome), how, result.cpu_ms,
                       result.wall_ms));
}

ExitCode run_program(const ProgramArguments& arguments) {
  sandbox::Program program;
  program.command = arguments.command;
  program.limits = arguments.limits;
  if (!arguments.input.empty()) program.input = read_file(arguments.input);
  sandbox::Jail jail(jail_options(arguments.sandbox));
  const sandbox::ProgramResult result = jail.run(program).get();
  print_result(result, arguments.json);
  const bool ended = result.outcome == sandbox::Outcome::kFinished || result.outcome == sandbox::Outcome::kCrash;
  return ended ? ExitCode::kDone : ExitCode::kCheckFailed;
}

template <typename T>
void add_limit(CLI::App& command, const std::string& name, T& value, const std::string& help) {
  command.add_option(name, value, help)
      ->check([](const std::string& text) {
        return std::strtod(text.c_str(), nullptr) > 0 ? "" : "must be a number above 0, not " + text;
      })
      ->capture_default_str();
}

void add_sandbox_run(CLI::App& parent, Action& action) {
  CLI::App* command = parent.add_subcommand("run", "Run one program in the jail and say what happened");
  command->footer(
      "Examples:\n"
      "  assay sandbox run -- python3 -c 'print(6 * 7)'\n"
      "  assay sandbox run --cpu 1 --memory 64 --json --stdin input.txt -- sort");
  auto arguments = std::make_shared<ProgramArguments>();
  add_limit(*command, "--cpu", arguments->limits.cpu_seconds, "Seconds of processor time");
  add_limit(*command, "--wall", arguments->limits.wall_seconds, "Seconds of wall time");
  add_limit(*command, "--memory", arguments->limits.memory_mib, "MiB");
  add_limit(*command, "--files", arguments->limits.files, "Files and folders that it may make");
  add_limit(*command, "--output", arguments->limits.output_kib, "KiB of standard output and error together");
  command->add_option("--stdin", arguments->input, "The file to read as standard input (default: nothing)")
      ->type_name("FILE");
  add_choice(*command, "--sandbox", arguments->sandbox, {"full", "reduced"},
             "Every layer, or those that this machine has");
  command->add_flag("--json", arguments->json, "Print what happened as JSON on standard output");
  command->add_option("CMD", arguments->command, "The program and its arguments, after --")->required();
  command->callback([=, &action] { action = [=] { return run_program(*arguments); }; });
}

}  // namespace

void add_sandbox(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("sandbox", "What this machine can contain; one program in the jail");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("check", "List the layers of the sandbox and test each");
  check->footer("Example:\n  assay sandbox check");
  const auto json = add_json(*check);
  check->callback([=, &action] { action = [=] { return check_sandbox(*json); }; });
  add_sandbox_run(*command, action);
}

}  // namespace assay::harness
