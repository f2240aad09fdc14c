// The parts of `assay datasets` that have a file of their own.
#pragma once

#include "harness/commands/commands.h"

namespace assay::harness {

// `pull` and `bundle`, below `command`.
void add_pull(CLI::App& command, Action& action);
void add_bundle(CLI::App& command, Action& action);

// "15.2 MB"
std::string format_bytes(int64_t bytes);

// The first of the folders that has any file of the data set; empty where none does.
std::string folder_of(const std::vector<std::string>& folders, const std::string& dataset);

}  // namespace assay::harness
