// A report for people: one HTML file that opens from a mail attachment, with every page of the report and the samples
// behind its numbers. docs/reports.md says what stands on which page.
#pragma once

#include <string>

#include "reports/report.h"
#include "store/store.h"

namespace assay::reports {

// The report in the JSON of json_report.h, the samples in that of report_samples.h, in the page of report_page.h. The
// same store gives the same bytes.
std::string html_report(const Report& report, const store::Store& store);

}  // namespace assay::reports
