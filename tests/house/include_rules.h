// Who may include whom (DESIGN.md, "The rooms"; docs/architecture.md): the rule as a table, and the check of one line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::testing {

// Every room there may be, in the order of the picture. A folder of the root with source files in it must be one of
// these, or tests.
const std::vector<std::string>& rooms();

struct Include {
  int line = 0;  // from 1
  std::string path;
};

// The paths between quotes of a source text's #include lines, and those between angles that begin with a room.
std::vector<Include> includes_of(std::string_view source);

// Why a file (path from the root) may not include `included`; empty where it may.
std::string violation(std::string_view file, std::string_view included);

}  // namespace assay::testing
