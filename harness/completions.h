// Completions for shells, made from the command line's definition: commands, options, and the values of options that
// allow a few; for everything else the shell's own file names.
#pragma once

#include <string>

#include "harness/command_tree.h"

namespace assay::harness {

std::string bash_completion(const std::vector<Command>& tree);
std::string zsh_completion(const std::vector<Command>& tree);
std::string fish_completion(const std::vector<Command>& tree);

}  // namespace assay::harness
