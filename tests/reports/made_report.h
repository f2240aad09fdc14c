// Reports of made-up runs, for the tests of the formats.
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"
#include "tests/reports/made_runs.h"

namespace assay::reports::testing {

// The manifest of an ordinary run of `task` with `model`: of no hidden set.
store::Json ordinary_manifest(const std::string& task, const std::string& model = "m");

// A run whose first `right` of `n` samples are right.
MadeRun made_run(const std::string& task, int n, int right, const std::string& model = "m");

// The report of the batches called so, with every start at the same time.
Report report_of(const store::Store& store, const std::vector<std::string>& names, const ReportOptions& options = {});

// A text for every way to break out of a report: markup, links, mentions, references, cells, entities, controls, bytes
// that are not UTF-8, code points that XML cannot hold, writing from right to left.
const std::vector<std::string>& hostile_texts();

// Reports that show what there is to show, each with the name of its approved files. Made once.
struct NamedReport {
  std::string name;
  Report report;
};
const std::vector<NamedReport>& golden_reports();

}  // namespace assay::reports::testing
