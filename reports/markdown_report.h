// A report as the comment on a pull request: the verdict first, one table, the most telling flips, and where the
// numbers come from, folded away.
#pragma once

#include <string>

#include "reports/report.h"

namespace assay::reports {

// GitHub refuses a comment that is longer (characters; counted in bytes here, which is never less).
inline constexpr size_t kMarkdownLimit = 65536;

// Never longer than kMarkdownLimit: what does not fit is counted, the worst comes first. Text from the store and from
// models stands in code spans alone (markdown_text.h).
std::string markdown_report(const Report& report);

}  // namespace assay::reports
