// `assay run`: from options to stored, scored answers.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "harness/run_options.h"

namespace assay::harness {

// Scores a model on the tasks of the options, or continues a batch, and prints the result on standard output. Every
// answer is stored before it counts as done; a stop (Ctrl-C, SIGTERM, --time-limit) ends the run after the step in
// flight, resumably. Returns kDone, kInterrupted, or kBadInput where a file of answers lacks some.
ExitCode run_command(RunOptions options, const std::filesystem::path& database);

}  // namespace assay::harness
