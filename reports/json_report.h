// A report for programs. docs/report.schema.json says what every field is; a test holds the two together.
#pragma once

#include "reports/report.h"

namespace assay::reports {

// "schema" of the JSON. A field is added under the same name; one that changes its meaning or goes raises the number.
inline constexpr char kReportSchema[] = "assay-report/1";

store::Json json_report(const Report& report);

// The same as text in UTF-8; bytes that are not become U+FFFD.
std::string json_report_text(const Report& report);

}  // namespace assay::reports
