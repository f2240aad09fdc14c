// `assay preference run`: a model's answers to a hidden set.
#include "base/log.h"
#include "harness/commands/options.h"
#include "harness/commands/preference.h"
#include "harness/commands/run_arguments.h"
#include "harness/preference/hidden_run.h"
#include "harness/preference/hidden_set.h"
#include "harness/run.h"
#include "tasks/hidden_prompts.h"

namespace assay::harness {
namespace {

struct PreferenceRunArguments {
  RunArguments run;
  HiddenSetOptions set;
};

// Which set a batch asks is recorded with it.
std::string recorded_set(const std::string& database, const std::string& batch) {
  const store::Store store(database, store::Store::Mode::kRead);
  const store::Json& options = store.find_batch(batch).options;
  const std::string file = options.value("hidden_set", "");
  if (file.empty()) {
    fail(ExitCode::kUsage, "batch {}: asks no hidden set; continue it with `assay run --resume {}`", batch, batch);
  }
  return file;
}

ExitCode run_hidden_set(const std::string& database, const PreferenceRunArguments& arguments) {
  RunOptions options = arguments.run.run;
  HiddenSetOptions set = arguments.set;
  if (!options.resume.empty() && set.file.empty()) set.file = recorded_set(database, options.resume);
  options.hidden = std::make_shared<const HiddenRun>(open_hidden_set(set, datasets::Role::kOperator));
  options.hidden_set = options.hidden->set().file.origin;
  options.tasks = {tasks::kPreferenceTask};
  options.protocol = tasks::kPreferenceTask;
  options.endpoint.fields = parse_fields(arguments.run.fields);
  options.tags = parse_tags(arguments.run.tags);
  if (!options.dry_run) {
    log_access(database, options.hidden->set(), "run", {{"model", options.model}, {"resume", options.resume}});
  }
  return run_command(std::move(options), database);
}

}  // namespace

void add_preference_run(CLI::App& command, Action& action) {
  CLI::App* run = command.add_subcommand("run", "Let a model answer a hidden set, for people to rate");
  run->footer(
      "Each prompt is the only message of a dialogue, or plain text where the model has no chat template. The answers "
      "are\nstored encrypted; a stopped run continues with --resume.\n"
      "Examples:\n"
      "  assay preference run --model ./SmolLM2-135M-Instruct --name a --passphrase-file secret.txt\n"
      "  assay preference run --model https://api.example.com/v1#large --set ours.sealed --key cluster.key --name b\n"
      "  assay preference run --resume a --passphrase-file secret.txt");
  auto arguments = std::make_shared<PreferenceRunArguments>();
  RunOptions& options = arguments->run.run;
  add_hidden_set(*run, arguments->set);
  add_model(*run, arguments->run);
  run->add_option("--categories", options.subsets, "Categories, comma-separated (default: all)")
      ->delimiter(',')
      ->group("What is asked");
  run->add_option("--limit", options.limit, "The first N prompts of every category")->group("What is asked");
  add_decoding(*run, arguments->run);
  add_how_it_is_computed(*run, arguments->run);
  add_endpoint(*run, arguments->run);
  add_this_call(*run, arguments->run);
  const auto database = add_database(*run);
  run->callback([=, &action] { action = [=] { return run_hidden_set(*database, *arguments); }; });
}

}  // namespace assay::harness
