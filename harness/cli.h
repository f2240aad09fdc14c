// The command line: its definition is in harness/commands, one file a command.
#pragma once

namespace assay::harness {

// Parses, runs the command, prints an error as one line on standard error, and returns the exit code (INTERFACE.md).
int run_command_line(int argc, const char* const* argv);

}  // namespace assay::harness
