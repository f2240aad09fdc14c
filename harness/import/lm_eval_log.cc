#include "harness/import/lm_eval_log.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/import/lm_eval_line.h"

namespace assay::harness {
namespace {

using store::Json;

struct FileName {
  std::string task;
  std::string time;
};

// samples_mmlu_anatomy_2026-11-23T17-02-51.776347.jsonl, packed or not: task names have underscores, times have none.
FileName parse_name(const std::filesystem::path& path) {
  constexpr std::string_view kBegin = "samples_";
  std::string name = path.filename().string();
  for (const std::string_view end : {".gz", ".jsonl"}) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  }
  const size_t last = name.rfind('_');
  if (!name.starts_with(kBegin) || last == std::string::npos || last <= kBegin.size() || last + 1 == name.size()) {
    fail_input(
        "{}: holds samples of lm-evaluation-harness, but its name does not say of which task; call it "
        "samples_<task>_<time>.jsonl",
        path.string());
  }
  return {name.substr(kBegin.size(), last - kBegin.size()), name.substr(last + 1)};
}

Json read_results(const std::filesystem::path& path) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return nullptr;
  Json results = Json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!results.is_object()) fail_input("{}: is not a JSON object; copy the file again", path.string());
  return results;
}

bool same_answer(const LmEvalSample& a, const LmEvalSample& b) {
  return a.prompt == b.prompt && a.continuations == b.continuations && a.logprobs == b.logprobs && a.texts == b.texts;
}

// Lines of one document, one a filter, become one sample.
class Documents {
 public:
  explicit Documents(const std::filesystem::path& path) : path_(path.string()) {}

  void add(LmEvalLine line) {
    for (const std::string& name : line.not_numbers) left_out_.insert(name);
    const int doc_id = line.sample.doc_id;
    const auto [place, fresh] = samples_.try_emplace(doc_id, std::move(line.sample));
    if (fresh) return;
    LmEvalSample& known = place->second;
    if (known.scores.contains(line.filter)) {
      fail_input("{}: doc_id {} occurs twice with the filter {} (lines {} and {}); keep one of them", path_, doc_id,
                 line.filter, known.line, line.sample.line);
    }
    if (!same_answer(known, line.sample)) {
      fail_input("{}: lines {} and {} are of doc_id {} and hold different answers; keep the lines of one run", path_,
                 known.line, line.sample.line, doc_id);
    }
    known.scores.merge(line.sample.scores);
  }

  // Every document with every filter and metric that the others have.
  void check_alike() const {
    const LmEvalSample& first = samples_.begin()->second;
    for (const auto& [doc_id, sample] : samples_) {
      for (const auto& [filter, metrics] : first.scores) {
        const auto found = sample.scores.find(filter);
        if (found == sample.scores.end() || found->second.size() != metrics.size()) {
          fail_input("{}: doc_id {} (line {}) lacks scores of the filter {} that doc_id {} has; the file is cut short",
                     path_, doc_id, sample.line, filter, first.doc_id);
        }
      }
      if (sample.scores.size() != first.scores.size()) {
        fail_input("{}: doc_id {} (line {}) has filters that doc_id {} lacks; the file is cut short", path_, doc_id,
                   sample.line, first.doc_id);
      }
    }
  }

  // `effective`: how many the results file counts; 0: unknown. A choice of documents (--samples) has gaps.
  void check_complete(size_t effective) const {
    if (effective == samples_.size()) return;
    int next = 0;
    for (const auto& [doc_id, sample] : samples_) {
      if (doc_id != next) {
        fail_input("{}: doc_id {} is missing before line {}; copy the file again", path_, next, sample.line);
      }
      ++next;
    }
    if (effective == 0) return;
    fail_input("{}: has {} documents, and its results file counts {}; copy the file again", path_, samples_.size(),
               effective);
  }

  std::vector<LmEvalSample> take() {
    std::vector<LmEvalSample> samples;
    for (auto& [doc_id, sample] : samples_) samples.push_back(std::move(sample));
    return samples;
  }
  bool empty() const { return samples_.empty(); }
  const std::set<std::string>& left_out() const { return left_out_; }

 private:
  std::string path_;
  std::map<int, LmEvalSample> samples_;
  std::set<std::string> left_out_;
};

size_t effective_samples(const Json& results, const std::string& task) {
  const Json::json_pointer place("/n-samples/" + replace_all(replace_all(task, "~", "~0"), "/", "~1") + "/effective");
  if (!results.is_object() || !results.contains(place)) return 0;
  const Json& number = results.at(place);
  return number.is_number_unsigned() ? number.get<size_t>() : 0;
}

// Metrics that the harness averages otherwise than by their mean (perplexity of lambada, corpus metrics) cannot be told
// from the scores of single samples.
std::set<std::string> not_averaged(const Json& results, const std::string& task) {
  std::set<std::string> names;
  const Json::json_pointer place("/configs/" + replace_all(replace_all(task, "~", "~0"), "/", "~1") + "/metric_list");
  if (!results.is_object() || !results.contains(place) || !results.at(place).is_array()) return names;
  for (const Json& metric : results.at(place)) {
    if (!metric.is_object() || !metric.contains("metric") || !metric.at("metric").is_string()) continue;
    const Json aggregation = metric.value("aggregation", Json("mean"));
    if (aggregation != "mean") names.insert(metric.at("metric").get<std::string>());
  }
  return names;
}

void leave_out(LmEvalLog& log, const std::set<std::string>& names) {
  log.left_out.assign(names.begin(), names.end());
  for (LmEvalSample& sample : log.samples) {
    for (auto& [filter, metrics] : sample.scores) {
      for (const std::string& name : names) metrics.erase(name);
    }
  }
}

}  // namespace

LmEvalLog read_lm_eval_log(const std::filesystem::path& path) {
  const FileName name = parse_name(path);
  LmEvalLog log;
  log.path = path;
  log.folder = path.parent_path();
  log.task = name.task;
  log.results = read_results(log.folder / ("results_" + name.time + ".json"));
  const std::string content = read_text_file(path);
  Documents documents(path);
  size_t number = 0;
  for (const std::string_view text : split_lines(content)) {
    ++number;
    if (python_strip(text).empty()) continue;
    LmEvalLine line = parse_lm_eval_line(text, fmt::format("{}: line {}", path.string(), number));
    line.sample.line = number;
    documents.add(std::move(line));
  }
  if (documents.empty()) fail_input("{}: has no samples; the run that wrote it did not end", path.string());
  documents.check_alike();
  documents.check_complete(effective_samples(log.results, log.task));
  std::set<std::string> names = documents.left_out();
  names.merge(not_averaged(log.results, log.task));
  log.samples = documents.take();
  leave_out(log, names);
  return log;
}

}  // namespace assay::harness
