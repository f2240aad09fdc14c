// Comma-separated values as Python's csv module reads them with its default dialect (RFC 4180 and what the RFC leaves
// open): a row ends at LF, CR or CR LF; inside quotes all three are data and kept; `""` is a quote; a quote that does
// not open a field is an ordinary character; what follows a closing quote is appended to the field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

struct CsvRow {
  int line = 0;  // of its first character in the file, from 1
  std::vector<std::string> cells;
};

// Rows without any character are left out, as csv.DictReader does. `file` is for messages only.
// Error(kBadInput) with file and line: a quote that is never closed (Python accepts it; it is always a damaged file).
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& file);

}  // namespace assay::datasets
