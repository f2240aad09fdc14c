#include "reports/junit_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/plain_text.h"
#include "reports/run_table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

constexpr size_t kTextShown = 400;  // code points of a name or message
constexpr size_t kAnswerShown = 200;
constexpr size_t kFlipsOfATest = 5;

// For attributes and for text between tags; `text` is a line of plain_line().
std::string xml_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string xml_line(std::string_view text, size_t longest = kTextShown) {
  return xml_escaped(plain_line(text, longest));
}

struct Outcomes {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;

  std::string attributes() const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", tests, failures, errors, skipped);
  }
  void add(const Outcomes& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
};

// The element that a verdict is told by; null for a test that passed.
const char* element_of(ReportVerdict verdict) {
  switch (verdict) {
    case ReportVerdict::kRegressed:
    case ReportVerdict::kWorse:
      return "failure";
    case ReportVerdict::kRefused:
    case ReportVerdict::kUnfinished:
      return "error";
    case ReportVerdict::kInconclusive:
    case ReportVerdict::kUnscored:
    case ReportVerdict::kUnpaired:
      return "skipped";
    case ReportVerdict::kBetter:
    case ReportVerdict::kPassed:
    case ReportVerdict::kNoDifference:
    case ReportVerdict::kScored:
      break;
  }
  return nullptr;
}

void count_outcome(Outcomes& outcomes, ReportVerdict verdict) {
  ++outcomes.tests;
  const std::string element = element_of(verdict) == nullptr ? "" : element_of(verdict);
  outcomes.failures += element == "failure" ? 1 : 0;
  outcomes.errors += element == "error" ? 1 : 0;
  outcomes.skipped += element == "skipped" ? 1 : 0;
}

// "mmlu/3: 1 -> 0, right A, baseline A, now B".
std::string flip_line(const Flip& flip) {
  std::string line = fmt::format("{}: {:g} -> {:g}", xml_line(flip.id), flip.score_a, flip.score_b);
  if (!flip.gold.empty()) line += ", right " + xml_line(flip.gold, kAnswerShown);
  if (!flip.answer_a.empty()) line += ", baseline " + xml_line(flip.answer_a, kAnswerShown);
  if (!flip.answer_b.empty()) line += ", now " + xml_line(flip.answer_b, kAnswerShown);
  return line + "\n";
}

std::string verdict_line(const ReportedRun& run) {
  return fmt::format("{}: {}", words_for(run.verdict), xml_line(run.message, 4 * kTextShown));
}

std::string flip_list(const ReportedRun& run) {
  std::string text;
  for (const TellingFlip& telling : telling_flips(run, kFlipsOfATest)) text += flip_line(*telling.flip);
  return text;
}

// Some systems show the message, others the text.
std::string verdict_element(const ReportedRun& run) {
  const char* element = element_of(run.verdict);
  if (element == nullptr) return "";
  return fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{2}\n{3}</{0}>\n", element, to_string(run.verdict),
                     verdict_line(run), flip_list(run));
}

// The metrics of the whole task; what the verdict stands on and the flips, where no element says it; and how to compute
// samples again.
std::string output_of(const ReportedRun& run) {
  std::string text;
  for (const scorers::Metric& metric : run.run.metrics) {
    if (!metric.subset.empty()) continue;
    text += fmt::format("{}{}{}, {}: {} ({} .. {}), n {}\n", xml_line(metric.name), metric.filter.empty() ? "" : ", ",
                        xml_line(metric.filter), xml_line(metric.average), format_score(metric, metric.value),
                        format_score(metric, metric.low), format_score(metric, metric.high), metric.n);
  }
  if (!run.message.empty() && element_of(run.verdict) == nullptr) text += verdict_line(run) + "\n" + flip_list(run);
  if (!run.replay.empty()) text += xml_line(run.replay) + "\n";
  return text.empty() ? "" : fmt::format("      <system-out>{}</system-out>\n", text);
}

std::string test_case(const ReportedRun& run) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n{}{}    </testcase>\n", xml_line(run.run.info.batch),
                     xml_line(run.run.info.task), verdict_element(run), output_of(run));
}

std::string property(const char* name, const std::string& value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_line(value));
}

std::string properties_of(const Report& report, const ReportedRun& first) {
  std::string text = property("model", model_of(first.run)) + property("protocol", first.run.info.protocol);
  if (!report.baseline.empty()) text += property("baseline", report.baseline);
  if (report.margin_points) text += property("margin", fmt::format("{:g}", *report.margin_points));
  return "    <properties>\n" + text + "    </properties>\n";
}

// The schema wants a time without its zone; it is UTC.
std::string timestamp_of(const store::RunInfo& info) {
  return info.started.ends_with('Z') ? info.started.substr(0, info.started.size() - 1) : info.started;
}

std::string test_suite(const Report& report, const std::vector<const ReportedRun*>& runs, Outcomes& all) {
  Outcomes outcomes;
  std::string cases;
  for (const ReportedRun* run : runs) {
    count_outcome(outcomes, run->verdict);
    cases += test_case(*run);
  }
  all.add(outcomes);
  const store::RunInfo& info = runs.front()->run.info;
  return fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\">\n{}{}  </testsuite>\n", xml_line(info.batch),
                     outcomes.attributes(), xml_line(timestamp_of(info)), properties_of(report, *runs.front()), cases);
}

}  // namespace

std::string junit_report(const Report& report) {
  std::vector<std::vector<const ReportedRun*>> batches;
  for (const ReportedRun& run : report.runs) {
    const auto found = std::find_if(batches.begin(), batches.end(), [&](const auto& batch) {
      return batch.front()->run.info.batch_id == run.run.info.batch_id;
    });
    if (found == batches.end()) {
      batches.push_back({&run});
    } else {
      found->push_back(&run);
    }
  }
  Outcomes all;
  std::string suites;
  for (const auto& batch : batches) suites += test_suite(report, batch, all);
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\" {}>\n{}</testsuites>\n",
                     all.attributes(), suites);
}

}  // namespace assay::reports
