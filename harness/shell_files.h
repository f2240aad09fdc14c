// What an installation gives the shell: manual pages and completions.
#pragma once

#include <filesystem>

#include "harness/command_tree.h"

namespace assay::harness {

// Writes man1/<page>.1 for every command, assay.bash, _assay (zsh) and assay.fish into `folder`, which is made where it
// is missing. The root's CMakeLists.txt says where they are installed. Error(kIo) where it cannot be written.
void generate_shell_files(const std::vector<Command>& tree, const std::filesystem::path& folder);

}  // namespace assay::harness
