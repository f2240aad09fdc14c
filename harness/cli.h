// The command line: its definition is in harness/commands, one file a command.
#pragma once

#include "harness/commands/commands.h"

namespace assay::harness {

// Every command with its options. Parsing sets `action` to what has to be done, and does nothing else.
void define_command_line(CLI::App& app, Action& action);

// Parses, runs the command, prints an error as one line on standard error, and returns the exit code (INTERFACE.md).
int run_command_line(int argc, const char* const* argv);

}  // namespace assay::harness
