// The subcommands of `assay preference`, some to a file.
#pragma once

#include <CLI/CLI.hpp>

#include "harness/commands/commands.h"

namespace assay::harness {

void add_preference_keygen(CLI::App& command, Action& action);
void add_preference_seal(CLI::App& command, Action& action);
void add_preference_verify(CLI::App& command, Action& action);
void add_preference_open(CLI::App& command, Action& action);
void add_preference_run(CLI::App& command, Action& action);
void add_preference_serve(CLI::App& command, Action& action);
void add_preference_rounds(CLI::App& command, Action& action);
void add_preference_report(CLI::App& command, Action& action);
void add_preference_log(CLI::App& command, Action& action);

}  // namespace assay::harness
