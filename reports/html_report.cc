#include "reports/html_report.h"

#include "reports/json_report.h"
#include "reports/report_page.h"
#include "reports/report_samples.h"

namespace assay::reports {
namespace {

// Worst first, as the enumeration has them.
store::Json verdict_words() {
  store::Json words = store::Json::object();
  for (int i = 0; i <= static_cast<int>(ReportVerdict::kScored); ++i) {
    const auto verdict = static_cast<ReportVerdict>(i);
    words[to_string(verdict)] = words_for(verdict);
  }
  return words;
}

}  // namespace

std::string html_report(const Report& report, const store::Store& store) {
  return report_page({{"report", json_report(report)},
                      {"verdict_words", verdict_words()},
                      {"samples", report_samples(store, report)}});
}

}  // namespace assay::reports
