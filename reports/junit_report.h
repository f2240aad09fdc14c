// A report as JUnit XML, which every CI system reads: a test suite a batch, a test a task.
#pragma once

#include <string>

#include "reports/report.h"

namespace assay::reports {

// failure: regressed, worse. error: must not be compared, or unfinished. skipped, with the reason: inconclusive, not
// scored, not in the baseline. Every other run is a test that passed. Valid XML 1.0 in UTF-8 whatever the texts hold:
// what XML cannot hold becomes U+FFFD. Schema: the common ground of Jenkins, GitLab and the actions of GitHub
// (testsuites, testsuite, properties, testcase with failure, error or skipped, and system-out).
std::string junit_report(const Report& report);

}  // namespace assay::reports
