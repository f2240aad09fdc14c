// `assay preference keygen` and `seal`: keys of people, and prompts that only they can read.
#include <fmt/format.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "harness/commands/preference.h"
#include "harness/preference/hidden_set.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

ExitCode generate_keys(const std::string& name, const HiddenSetOptions& options) {
  const fs::path secret_file = name + ".key";
  const fs::path public_file = name + ".pub";
  write_key_pair(new_key_pair(), secret_file, public_file, read_credentials(options).passphrase);
  fmt::print(
      "{}: the secret key; whoever has it opens what is sealed for it\n{}: the public key; give it to whoever "
      "seals a set\n",
      secret_file.string(), public_file.string());
  return ExitCode::kDone;
}

struct SealArguments {
  std::vector<std::string> files;
  std::string out;
  std::string name;
  std::vector<std::string> owners;  // files of public keys
  std::vector<std::string> operators;
  HiddenSetOptions credentials;
};

void add_recipients(const std::vector<std::string>& files, datasets::Role role, datasets::SealRequest& request) {
  for (const std::string& file : files) {
    request.recipients.push_back({role, fs::path(file).stem().string(), read_public_key(file)});
  }
}

ExitCode seal(SealArguments arguments) {
  guard_memory();
  datasets::SealRequest request;
  request.prompts = datasets::read_hidden_prompts({arguments.files.begin(), arguments.files.end()});
  if (request.prompts.empty()) fail_input("{}: holds no prompt", some_of(arguments.files));
  request.name = arguments.name.empty() ? fs::path(arguments.out).stem().string() : arguments.name;
  add_recipients(arguments.owners, datasets::Role::kOwner, request);
  add_recipients(arguments.operators, datasets::Role::kOperator, request);
  datasets::SealedFile sealed;
  std::error_code unreadable;
  if (fs::exists(arguments.out, unreadable)) {
    arguments.credentials.file = arguments.out;
    sealed = datasets::seal_again(open_hidden_set(arguments.credentials, datasets::Role::kOwner), request);
  } else {
    request.passphrase = read_credentials(arguments.credentials).passphrase;
    sealed = datasets::seal_set(request);
  }
  write_file_atomically(arguments.out, to_text(sealed));
  fmt::print("{}: {} prompts in {} categories, sealed for {} keys; set {}, root {}\n", arguments.out,
             sealed.lines.size(), sealed.categories.size(), sealed.slots.size(), sealed.set, sealed.merkle_root);
  return ExitCode::kDone;
}

}  // namespace

void add_preference_keygen(CLI::App& command, Action& action) {
  CLI::App* keygen = command.add_subcommand("keygen", "Make a key pair for a person who opens or runs a hidden set");
  keygen->footer(
      "With a passphrase (--passphrase-file, or ASSAY_PASSPHRASE) the secret key is locked by it.\n"
      "Example:\n  assay preference keygen bea");
  auto name = std::make_shared<std::string>();
  auto options = std::make_shared<HiddenSetOptions>();
  keygen->add_option("NAME", *name, "Writes NAME.key and NAME.pub")->required();
  keygen->add_option("--passphrase-file", options->passphrase_file, "Lock the secret key by its first line")
      ->type_name("FILE");
  keygen->callback([=, &action] { action = [=] { return generate_keys(*name, *options); }; });
}

void add_preference_seal(CLI::App& command, Action& action) {
  CLI::App* seal_command = command.add_subcommand("seal", "Seal prompts so that only the named people read them");
  seal_command->footer(
      "A FILE has one JSON object a line: id, category, difficulty (easy|medium|hard), language (two letters), tags,\n"
      "prompt, note. Where the sealed file exists already, it is opened first: its keys stay, those named are added, "
      "and\n"
      "prompts that did not change keep their line.\n"
      "Examples:\n"
      "  assay preference seal prompts.jsonl --out ours.sealed --passphrase-file secret.txt\n"
      "  assay preference seal advice.jsonl coding.jsonl --out team.sealed --owner ann.pub --operator cluster.pub");
  auto arguments = std::make_shared<SealArguments>();
  seal_command->add_option("FILE", arguments->files, "Prompts, in the clear")->required()->expected(1, 1000);
  seal_command->add_option("--out", arguments->out, "The sealed file")->required()->type_name("FILE");
  seal_command->add_option("--name", arguments->name, "What the set is called (default: the file's name)");
  seal_command->add_option("--owner", arguments->owners, "Public key of one who may open it (repeatable)")
      ->type_name("FILE");
  seal_command
      ->add_option("--operator", arguments->operators,
                   "Public key of one who runs models and serves raters (repeatable)")
      ->type_name("FILE");
  add_credentials(*seal_command, arguments->credentials);
  seal_command->callback([=, &action] { action = [=] { return seal(*arguments); }; });
}

}  // namespace assay::harness
