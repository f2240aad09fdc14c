// Scores and metrics of a certificate computed again, and what it says in two places.
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "harness/certificate_check.h"
#include "store/export.h"
#include "tasks/definition.h"
#include "tasks/task.h"

namespace assay::harness {
namespace {

using store::Json;

// Sums of many samples may round otherwise under another compiler.
constexpr double kRelative = 1e-9;

bool same_number(const Json& a, const Json& b) {
  if (!a.is_number() || !b.is_number()) return a == b;
  const double x = a.get<double>();
  const double y = b.get<double>();
  return std::abs(x - y) <= kRelative * std::max({1.0, std::abs(x), std::abs(y)});
}

std::string text_of(const std::map<std::string, double>& values) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : values) parts.push_back(fmt::format("{} {}", name, value));
  return parts.empty() ? "none" : join(parts, ", ");
}

engine::Request request_of(const SampleLine& line) {
  if (line.plan.kind == store::RequestKind::kLogLikelihood) {
    return engine::LogLikelihoodRequest{"", line.plan.continuations};
  }
  return engine::GenerateRequest{};
}

// A number of the manifest's section "asked"; nothing where it is unknown.
std::optional<int64_t> asked_number(const Certificate& certificate, const Json::json_pointer& field) {
  const Json& asked = certificate.manifest.at("asked");
  if (!asked.contains(field) || !asked.at(field).is_number_integer()) return std::nullopt;
  return asked.at(field).get<int64_t>();
}

const Json& asked(const Certificate& certificate, const char* field) {
  static const Json kNothing;
  const Json& section = certificate.manifest.at("asked");
  return section.contains(field) ? section.at(field) : kNothing;
}

std::vector<std::string> names_that_differ(const Json& certified, const Json& computed) {
  std::vector<std::string> differences;
  for (const auto& [key, value] : computed.items()) {
    if (certified.is_object() && certified.contains(key) && same_number(certified.at(key), value)) continue;
    const std::string says = certified.is_object() && certified.contains(key) ? certified.at(key).dump() : "nothing";
    differences.push_back(fmt::format("{} is {} in the certificate and {} by the scores", key, says, value.dump()));
  }
  return differences;
}

}  // namespace

std::optional<TaskScoring> scoring_of(const Certificate& certificate, const std::vector<std::string>& tasks_dirs,
                                      std::string& why) {
  const tasks::Registry registry({tasks_dirs.begin(), tasks_dirs.end()});
  for (const tasks::Task& task : registry.tasks()) {
    if (task.name != certificate.task) continue;
    if (asked(certificate, "task_sha256") != task.sha256) {
      why = fmt::format("the file of task {} is another here (version {}) than the certificate's (version {})",
                        task.name, task.version, asked(certificate, "task_version").dump());
      return std::nullopt;
    }
    for (const tasks::ProtocolDefinition& protocol : task.definition->protocols) {
      if (protocol.name != certificate.protocol) continue;
      scorers::Averaging averaging;
      averaging.headline = protocol.average.value("headline", averaging.headline);
      averaging.group_stderr = protocol.average.value("group_stderr", averaging.group_stderr);
      averaging.groups = task.definition->groups;
      averaging.averaged_subsets = protocol.averaged_subsets;
      TaskScoring scoring{scorers::Scorer::from_spec(protocol.scorer, "task " + task.name), std::move(averaging)};
      if (scoring.scorer.version() == certificate.scorer) return scoring;
      why =
          fmt::format("the scorer is {} here and {} in the certificate", scoring.scorer.version(), certificate.scorer);
      return std::nullopt;
    }
  }
  why = fmt::format("there is no task {} with protocol {} here; --tasks-dir names a folder of task files",
                    certificate.task, certificate.protocol);
  return std::nullopt;
}

std::vector<SampleLine> read_sample_lines(const std::vector<std::string_view>& lines, CertificateCheck& check) {
  std::vector<SampleLine> read;
  for (size_t i = 0; i < lines.size(); ++i) {
    try {
      read.push_back(parse_sample_line(lines[i], fmt::format("line {}", i + 1)));
    } catch (const Error& problem) {
      check.mismatches.emplace_back(problem.what());
    }
  }
  return read;
}

void check_agreement(const Certificate& certificate, const std::vector<SampleLine>& lines, CertificateCheck& check) {
  for (const auto& [field, value] :
       {std::pair("task", certificate.task), std::pair("protocol", certificate.protocol)}) {
    if (asked(certificate, field) != value) {
      check.mismatches.push_back(
          fmt::format("{}: the certificate says {}, its manifest {}", field, value, asked(certificate, field).dump()));
    }
  }
  if (certificate.n != std::ssize(lines)) {
    check.mismatches.push_back(
        fmt::format("n: the certificate says {} samples, the file has {}", certificate.n, lines.size()));
  }
  const std::optional<int64_t> items = asked_number(certificate, Json::json_pointer("/samples"));
  const int64_t answers = asked_number(certificate, Json::json_pointer("/decoding/samples")).value_or(1);
  if (items && (answers < 1 || certificate.n % answers != 0 || certificate.n / answers != *items)) {
    check.mismatches.push_back(fmt::format("n: the manifest says {} items with {} answers each, the certificate {}",
                                           *items, answers, certificate.n));
  }
  std::set<std::pair<std::string, int>> seen;
  for (const SampleLine& line : lines) {
    if (line.task != certificate.task || line.protocol != certificate.protocol) {
      check.mismatches.push_back(
          fmt::format("sample {}: is of task {} under {}", line.name(), line.task, line.protocol));
    }
    if (!seen.emplace(line.plan.id, line.plan.sample).second) {
      check.mismatches.push_back(fmt::format("sample {}: has two answers", line.name()));
    }
  }
}

std::optional<std::string> score_difference(const SampleLine& line, const scorers::Scorer& scorer) {
  if (scorer.needs_execution() || line.plan.kind == store::RequestKind::kText) return std::nullopt;
  datasets::Sample sample;
  sample.id = line.plan.id;
  sample.subset = line.plan.subset;
  sample.index = line.plan.index;
  scorers::Score computed;
  try {
    computed = scorer.score(sample, line.plan.gold, request_of(line), line.response);
  } catch (const Error& problem) {
    return std::string(problem.what());
  }
  if (computed.prediction != line.score.prediction) {
    const auto shown = [](const std::optional<int>& choice) { return choice ? std::to_string(*choice) : "none"; };
    return fmt::format("response or prediction: the response gives prediction {}, the line says {}",
                       shown(computed.prediction), shown(line.score.prediction));
  }
  if (computed.extracted != line.score.extracted) {
    for (const auto& [filter, text] : computed.extracted) {
      const auto found = line.score.extracted.find(filter);
      if (found != line.score.extracted.end() && found->second == text) continue;
      return fmt::format("response or extraction: the response gives {} \"{}\", the line says {}", filter, text,
                         found == line.score.extracted.end() ? "nothing" : fmt::format("\"{}\"", found->second));
    }
    return std::string("extraction: the line has one that no filter gives");
  }
  if (computed.values == line.score.values) return "";
  return fmt::format("score or gold: the response gives {}, the line says {}", text_of(computed.values),
                     text_of(line.score.values));
}

void check_scores(const std::vector<SampleLine>& lines, const TaskScoring& scoring, CertificateCheck& check) {
  size_t computed = 0;
  for (const SampleLine& line : lines) {
    const std::optional<std::string> difference = score_difference(line, scoring.scorer);
    if (!difference) continue;
    ++computed;
    if (!difference->empty()) check.mismatches.push_back(fmt::format("sample {}: {}", line.name(), *difference));
  }
  if (computed > 0) check.checked.push_back(fmt::format("the scores of {} samples from their responses", computed));
  if (computed < lines.size()) {
    check.not_checked.push_back(fmt::format(
        "the scores of {} samples: they need {}", lines.size() - computed,
        scoring.scorer.needs_execution() ? "an execution of the answers' programs" : "the text that was scored"));
  }
}

void check_metrics(const Certificate& certificate, const std::vector<SampleLine>& lines, const TaskScoring& scoring,
                   CertificateCheck& check) {
  std::vector<scorers::ScoredSample> scored;
  for (const SampleLine& line : lines) {
    if (!line.score.values.empty()) scored.push_back({line.plan.subset, "", line.score.values, line.plan.id});
  }
  Json computed = Json::array();
  try {
    if (!scored.empty()) {
      computed = store::metrics_to_json(scorers::aggregate(scoring.scorer.names(), scored, scoring.averaging));
    }
  } catch (const Error& problem) {
    check.mismatches.push_back(fmt::format("metrics: do not follow from the scores ({})", problem.what()));
    return;
  }
  if (computed.size() != certificate.metrics.size()) {
    check.mismatches.push_back(fmt::format("metrics: the certificate lists {}, the scores give {}",
                                           certificate.metrics.size(), computed.size()));
  }
  for (size_t i = 0; i < std::min(computed.size(), certificate.metrics.size()); ++i) {
    for (const std::string& difference : names_that_differ(certificate.metrics[i], computed[i])) {
      check.mismatches.push_back(metric_name(computed[i]) + ": " + difference);
    }
  }
  check.checked.push_back(fmt::format("{} metrics from the scores", computed.size()));
}

}  // namespace assay::harness
