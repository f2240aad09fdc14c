// `assay replay`: does the model still say what is stored?
#include "harness/replay.h"

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/signals.h"

namespace assay::harness {
namespace {

ExitCode replay_command(const std::string& database, const std::string& name, const ReplayOptions& options, bool json) {
  if (options.items == 0) fail(ExitCode::kUsage, "--items must be at least 1");
  if (options.tolerance && !(*options.tolerance >= 0)) fail(ExitCode::kUsage, "--tolerance must not be negative");
  const RerunMachine& machine = options.machine;
  if (!options.tolerance && (machine.kernels != "auto" || machine.device != "auto" || !machine.dtype.empty())) {
    fail(ExitCode::kUsage, "another --kernels, --device or --dtype than the recorded ones needs --tolerance");
  }
  const StopRequest stop;
  const store::Store store(database, store::Store::Mode::kRead);
  const Replay result = replay(store, store.resolve(name), options, stop.flag());
  fmt::print("{}", json ? replay_json(result).dump(1, ' ', false, store::Json::error_handler_t::replace) + "\n"
                        : replay_text(result));
  return result.exit_code();
}

}  // namespace

void add_replay(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("replay", "Compute stored samples again and compare every bit");
  command->footer(
      "Examples:\n"
      "  assay replay latest --items 50\n"
      "  assay replay night-12/mmlu --items 20 --seed 7 --json\n"
      "  assay replay 3 --items 20 --tolerance 0.002 --kernels avx2\n\n"
      "Exit code: 0 all equal (or within the tolerance), 1 something differs, 2 texts that cannot be decided with a\n"
      "tolerance, 65 data or task changed, 69 model, data, device or kernel set are not there.");
  auto name = std::make_shared<std::string>();
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("RUN", *name, "A run's number, NAME/TASK, NAME (its runs together) or latest")->required();
  command->add_option("--items", options->items, "Samples to compute again, over all runs together")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Chooses the samples (default: random, and printed)");
  command
      ->add_option("--tolerance", options->tolerance,
                   "Let log-probabilities differ by X, so that another device or kernel set may compute them")
      ->type_name("X");
  command->add_flag("--ignore-hash", options->ignore_hash, "Go on with other weights or another tokenizer");
  command->add_option("--model", options->model, "Where the model is now (default: where it was)");
  add_data_dir(*command, options->elsewhere.data_dir);
  command->add_option("--tasks-dir", options->elsewhere.tasks_dirs, "A folder of further task files (repeatable)")
      ->type_name("DIR");
  command->add_option("--device", options->machine.device, "With --tolerance: auto, cpu, cuda, cuda:N, cuda:all");
  command->add_option("--kernels", options->machine.kernels, "With --tolerance: the highest kernel set allowed");
  command->add_option("--dtype", options->machine.dtype, "With --tolerance: f32, bf16 or f16");
  command->add_option("--threads", options->threads, "Default: all that the process may use");
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return replay_command(*database, *name, *options, *json); }; });
}

}  // namespace assay::harness
