// The formats of a report, and which file gets which.
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"
#include "store/store.h"

namespace assay::reports {

struct ReportFormat {
  const char* name;                     // as --format takes it: "markdown"
  const char* ending;                   // ".md"
  std::string (*write)(const Report&);  // null where samples are needed
  std::string (*write_with_samples)(const Report&, const store::Store&) = nullptr;
};

// `store` is the one that the report was made of.
std::string write_report(const ReportFormat& format, const Report& report, const store::Store& store);

// "markdown", "junit", "json", and what else there is.
std::vector<std::string> report_format_names();

// The format called `name`; where that is empty, the one of the file's ending, whatever its case. Error(kUsage) naming
// those that there are.
const ReportFormat& report_format(const std::string& file, const std::string& name);
// That of the file's ending; nothing where it names none.
const ReportFormat* find_report_format(const std::string& file);
// "markdown (.md), ...", for messages.
std::string report_formats_there_are();

}  // namespace assay::reports
