#include "reports/report_formats.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "reports/html_report.h"
#include "reports/json_report.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"

namespace assay::reports {
namespace {

constexpr ReportFormat kFormats[] = {
    {"markdown", ".md", markdown_report},
    {"junit", ".xml", junit_report},
    {"json", ".json", json_report_text},
    {"html", ".html", nullptr, html_report},
};

}  // namespace

std::string write_report(const ReportFormat& format, const Report& report, const store::Store& store) {
  return format.write != nullptr ? format.write(report) : format.write_with_samples(report, store);
}

std::vector<std::string> report_format_names() {
  std::vector<std::string> names;
  for (const ReportFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

std::string report_formats_there_are() {
  std::vector<std::string> endings;
  for (const ReportFormat& format : kFormats) endings.push_back(fmt::format("{} ({})", format.name, format.ending));
  return join(endings, ", ");
}

const ReportFormat* find_report_format(const std::string& file) {
  const std::string ending = python_lower(std::filesystem::path(file).extension().string());
  const auto found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                  [&](const ReportFormat& format) { return ending == format.ending; });
  return found == std::end(kFormats) ? nullptr : found;
}

const ReportFormat& report_format(const std::string& file, const std::string& name) {
  const auto named = std::find_if(std::begin(kFormats), std::end(kFormats),
                                  [&](const ReportFormat& format) { return name == format.name; });
  const ReportFormat* format = named == std::end(kFormats) ? nullptr : named;
  if (name.empty()) format = find_report_format(file);
  if (format == nullptr) {
    fail(ExitCode::kUsage, "--out {}: its ending names no format; there are {}, or say --format", printable(file),
         report_formats_there_are());
  }
  return *format;
}

}  // namespace assay::reports
