// `assay verify`: a certificate, checked.
#include "harness/verify.h"

#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/signals.h"

namespace assay::harness {
namespace {

ExitCode verify_command(VerifyOptions options, bool json) {
  if (options.items == 0) fail(ExitCode::kUsage, "--items must be at least 1");
  if (!options.root.empty() &&
      (options.root.size() != 64 || options.root.find_first_not_of("0123456789abcdef") != std::string::npos)) {
    fail(ExitCode::kUsage, "--root {}: a root has 64 hexadecimal digits in lower case", options.root);
  }
  // Naming the data asks for it to be used.
  options.data = options.elsewhere.data_dir.has_value();
  const StopRequest stop;
  const Verification result = verify(options, stop.flag());
  fmt::print("{}", json ? verification_json(result).dump(1, ' ', false, store::Json::error_handler_t::replace) + "\n"
                        : verification_text(result));
  return result.exit_code();
}

void add_model(CLI::App& command, VerifyOptions& options) {
  const std::string group = "Asking a model again";
  command.add_option("--model", options.model, "The model that is said to have given the answers")->group(group);
  command.add_option("--items", options.items, "Samples to ask again, chosen by the root and the seed")
      ->capture_default_str()
      ->group(group);
  command.add_option("--seed", options.seed, "Default: random, and printed")->group(group);
  command.add_flag("--ignore-hash", options.ignore_hash, "Go on with other weights or another tokenizer")->group(group);
  command.add_option("--tokenizer", options.tokenizer, "Another tokenizer than the model's own")
      ->type_name("DIR|FILE")
      ->group(group);
  command.add_option("--device", options.machine.device, "Default: the certificate's, else another with a tolerance")
      ->group(group);
  command.add_option("--kernels", options.machine.kernels, "Default: the certificate's, else others with a tolerance")
      ->group(group);
  command.add_option("--threads", options.threads, "Default: all that the process may use")->group(group);
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("verify", "Check a certificate, and ask its model again");
  command->footer(
      "Examples:\n"
      "  assay verify cert.json --samples cert.json.samples.jsonl --root 3f9c...\n"
      "  assay verify cert.json --samples cert.json.samples.jsonl --model ./my-model --items 50 --data-dir ./data\n\n"
      "Exit code: 0 verified, 1 something is not as certified, 2 texts that cannot be decided on this kernel set, 65 "
      "no\n"
      "certificate, or data that is another, 69 model or data are not there. docs/certificates.md says what is "
      "proved.");
  auto options = std::make_shared<VerifyOptions>();
  options->machine.may_differ = true;
  command->add_option("FILE", options->certificate, "The certificate")->required();
  command->add_option("--samples", options->samples, "Its samples (default: FILE.samples.jsonl)")->type_name("FILE");
  command->add_option("--root", options->root, "The root as it was published")->type_name("HEX");
  add_data_dir(*command, options->elsewhere.data_dir);
  command->add_option("--tasks-dir", options->elsewhere.tasks_dirs, "A folder of further task files (repeatable)")
      ->type_name("DIR");
  add_model(*command, *options);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return verify_command(*options, *json); }; });
}

}  // namespace assay::harness
