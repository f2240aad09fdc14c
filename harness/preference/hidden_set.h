// A hidden set as the commands of `assay preference` open it: which file, with what passphrase or key, and noted in the
// access log before anything of it is seen.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "datasets/sealed/sealed_set.h"
#include "store/store.h"

namespace assay::harness {

struct HiddenSetOptions {
  std::string file;             // empty: the shipped set
  std::string passphrase_file;  // empty: ASSAY_PASSPHRASE, if that is set
  std::string key_file;         // a secret key; its passphrase is the one above
};

// --passphrase-file, --key.
void add_credentials(CLI::App& command, HiddenSetOptions& options);
// The same and --set.
void add_hidden_set(CLI::App& command, HiddenSetOptions& options);

std::filesystem::path hidden_set_file(const HiddenSetOptions& options);

// The set of 1,800 prompts that comes with the program. Its passphrase is published (docs/preference.md): it keeps the
// prompts from being read or trained on by accident, and from nobody who wants to.
std::filesystem::path shipped_set();
bool is_shipped(const datasets::SealedFile& file);
inline constexpr const char* kShippedPassphrase = "twelve uses, a hundred and fifty prompts each";

// What was given. The shipped set's own passphrase is not among it. Error(kIo, kUsage) for a file that cannot be read
// or is empty, or a key that others may read.
datasets::Credentials read_credentials(const HiddenSetOptions& options);

// Opens it. Nothing given: Error(kUsage), naming for the shipped set where its passphrase is published. Key or
// passphrase of an operator where `needed` is owner: Error(kUsage). Keeps the process out of core dumps and, if it can,
// out of swap.
datasets::OpenedSet open_hidden_set(const HiddenSetOptions& options, datasets::Role needed);

// Writes to the log of `database` that `set` was opened to do `action`.
void log_access(const std::filesystem::path& database, const datasets::OpenedSet& set, const std::string& action,
                const store::Json& details);

}  // namespace assay::harness
