// Every format of a few reports, as somebody has approved it.
#include <gtest/gtest.h>

#include "reports/report_formats.h"
#include "tests/reports/made_report.h"
#include "tests/support/approved.h"

namespace assay::reports {
namespace {

TEST(ReportGolden, EveryFormatIsAsApproved) {
  for (const auto& [name, report] : testing::golden_reports()) {
    for (const char* ending : {".md", ".xml", ".json"}) {
      const std::string file = name + ending;
      // The manifests of sixty runs in JSON would be a long file that says what a short one says.
      if (file == "sixty-runs.json" || file == "hostile.json") continue;
      SCOPED_TRACE(file);
      assay::testing::expect_approved("tests/reports/golden/" + file, report_format(file, "").write(report));
    }
  }
}

}  // namespace
}  // namespace assay::reports
