// One line of our own export, taken apart. Part of export_file.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/import/imported_run.h"

namespace assay::harness {

struct ExportLine {
  std::optional<int64_t> run;  // left out by --stable
  std::string task;
  std::string protocol;
  ImportedSample sample;
};

// `where` is "FILE: line N", for messages. Error(kBadInput) names the field.
ExportLine parse_export_line(std::string_view text, const std::string& where);

}  // namespace assay::harness
