#include "harness/preference/hidden_set.h"

#include <pwd.h>
#include <sodium.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"
#include "store/access_log.h"

namespace assay::harness {
namespace {

// Drawn when the set was first sealed.
constexpr const char* kShippedSet = "4be1719f028109e4a331b6fb718c695e";

// The first line of the file, or the variable; empty where neither is given.
Secret read_passphrase(const std::string& file) {
  if (!file.empty()) {
    std::string text = read_file(file);
    Secret passphrase(std::string_view(text).substr(0, text.find_first_of("\r\n")));
    sodium_memzero(text.data(), text.size());
    if (passphrase.empty()) fail(ExitCode::kUsage, "--passphrase-file {}: its first line is empty", file);
    return passphrase;
  }
  const char* value = std::getenv("ASSAY_PASSPHRASE");
  return value == nullptr ? Secret() : Secret(std::string_view(value));
}

std::string user_name() {
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(getuid());
}

}  // namespace

void add_hidden_set(CLI::App& command, HiddenSetOptions& options) {
  command.add_option("--set", options.file, "The sealed set (default: the one that comes with assay)")
      ->type_name("FILE");
  command
      .add_option("--passphrase-file", options.passphrase_file,
                  "A file whose first line is the passphrase (default: ASSAY_PASSPHRASE)")
      ->type_name("FILE");
  command.add_option("--key", options.key_file, "A secret key of `assay preference keygen`")->type_name("FILE");
}

std::filesystem::path shipped_set() {
  return shipped_file("preference/assay-preference.sealed", "datasets/preference/assay-preference.sealed");
}

bool is_shipped(const datasets::SealedFile& file) {
  return file.set == kShippedSet;
}

std::filesystem::path hidden_set_file(const HiddenSetOptions& options) {
  return options.file.empty() ? shipped_set() : std::filesystem::path(options.file);
}

datasets::Credentials read_credentials(const HiddenSetOptions& options) {
  datasets::Credentials credentials;
  credentials.passphrase = read_passphrase(options.passphrase_file);
  if (!options.key_file.empty()) credentials.keys = read_secret_key(options.key_file, credentials.passphrase);
  return credentials;
}

datasets::OpenedSet open_hidden_set(const HiddenSetOptions& options, datasets::Role needed) {
  const bool locked = guard_memory();
  datasets::SealedFile file = datasets::read_sealed_file(hidden_set_file(options));
  const datasets::Credentials credentials = read_credentials(options);
  if (credentials.passphrase.empty() && credentials.keys.public_key.empty()) {
    fail(ExitCode::kUsage, "{}: is sealed; {}", file.origin,
         is_shipped(file) ? "its passphrase stands in docs/preference.md: give it by --passphrase-file or "
                            "ASSAY_PASSPHRASE"
                          : "give its passphrase by --passphrase-file or ASSAY_PASSPHRASE, or a secret key by --key");
  }
  datasets::OpenedSet opened = datasets::open_set(std::move(file), credentials);
  if (needed == datasets::Role::kOwner && opened.role != datasets::Role::kOwner) {
    fail(ExitCode::kUsage, "{}: the key of {} is an operator's; prompts are shown to an owner alone",
         opened.file.origin, printable(opened.opened_by));
  }
  // Who looks at prompts on a screen is not told; who runs a model on a machine of many, is.
  if (!locked && needed == datasets::Role::kOperator) {
    log_note(
        "memory is limited (`ulimit -l`): prompts and answers may be swapped to this machine's disk while they are "
        "open");
  }
  return opened;
}

void log_access(const std::filesystem::path& database, const datasets::OpenedSet& set, const std::string& action,
                const store::Json& details) {
  store::AccessLog log(database, store::Store::Mode::kCreate);
  log.add({fmt::format("{} with {}", user_name(), set.opened_by), datasets::to_string(set.role), action, set.file.set,
           details});
}

}  // namespace assay::harness
