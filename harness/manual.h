// Manual pages in man(7)'s language, made from the command line's definition.
#pragma once

#include <string>

#include "harness/command_tree.h"

namespace assay::harness {

// "assay", "assay-tasks-list": the name of a command's page, in section 1.
std::string manual_name(const Command& command);

// The page of `command`, one of `tree`. Exit codes and what else all commands share stand in the program's own page.
std::string manual_page(const Command& command, const std::vector<Command>& tree);

}  // namespace assay::harness
