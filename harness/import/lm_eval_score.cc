#include "harness/import/lm_eval_score.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace assay::harness {
namespace {

using store::Json;

constexpr const char* kNoFilter = "none";

std::optional<int> option_number(const Json& value, const std::vector<std::string>& continuations) {
  const auto count = static_cast<int64_t>(continuations.size());
  if (value.is_number_integer()) {
    const auto number = value.get<int64_t>();
    return number >= 0 && number < count ? std::optional<int>(static_cast<int>(number)) : std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0 && number < count) return number;
  for (size_t i = 0; i < continuations.size(); ++i) {
    if (python_strip(continuations[i]) == python_strip(text)) return static_cast<int>(i);
  }
  return std::nullopt;
}

// The target is the number of the right option, its text, or a list of them, written as JSON or as a text of it.
std::vector<int> right_options(const Json& target, const std::vector<std::string>& continuations) {
  if (const auto number = option_number(target, continuations)) return {*number};
  Json list = target;
  if (target.is_string()) list = Json::parse(target.get_ref<const std::string&>(), nullptr, false);
  std::vector<int> choices;
  if (!list.is_array()) return choices;
  for (const Json& each : list) {
    const auto number = option_number(each, continuations);
    if (!number) return {};
    choices.push_back(*number);
  }
  return choices;
}

engine::Request request_of(const ImportedSample& sample, const std::string& prompt) {
  if (sample.plan.kind == store::RequestKind::kLogLikelihood) {
    return engine::LogLikelihoodRequest{prompt, sample.plan.continuations};
  }
  engine::GenerateRequest request;
  request.prompt = prompt;
  return request;
}

}  // namespace

datasets::Gold gold_from(const LmEvalSample& sample) {
  datasets::Gold gold;
  if (!sample.continuations.empty()) {
    gold.choices = right_options(sample.target, sample.continuations);
  } else {
    gold.text = sample.target.is_string() ? sample.target.get<std::string>()
                                          : sample.target.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return gold;
}

scorers::Score score_by(const scorers::Scorer& scorer, const ImportedSample& sample, const std::string& prompt) {
  datasets::Sample item;
  item.id = sample.plan.id;
  item.subset = sample.plan.subset;
  item.index = sample.plan.index;
  return scorer.score(item, sample.plan.gold, request_of(sample, prompt), sample.response);
}

std::vector<scorers::Scorer::ScoreName> own_names(const LmEvalSample& sample) {
  std::vector<scorers::Scorer::ScoreName> names;
  for (const auto& [filter, metrics] : sample.scores) {
    for (const auto& [metric, value] : metrics) {
      if (filter == kNoFilter) {
        names.push_back({metric, metric, ""});
      } else {
        names.push_back({metrics.size() == 1 ? filter : metric + "," + filter, metric, filter});
      }
    }
  }
  return names;
}

scorers::Score own_score(const LmEvalSample& sample, const std::vector<scorers::Scorer::ScoreName>& names) {
  scorers::Score score;
  for (const scorers::Scorer::ScoreName& name : names) {
    score.values[name.score] = sample.scores.at(name.filter.empty() ? kNoFilter : name.filter).at(name.metric);
  }
  if (!sample.logprobs.empty()) {
    const auto best = std::max_element(sample.logprobs.begin(), sample.logprobs.end());
    score.prediction = static_cast<int>(best - sample.logprobs.begin());
  }
  return score;
}

void ScoreComparison::add(const std::vector<scorers::Scorer::ScoreName>& names, const scorers::Score& ours,
                          const LmEvalSample& theirs, const std::string& id) {
  if (theirs.texts.size() > 1) return;
  for (const scorers::Scorer::ScoreName& name : names) {
    const auto mine = ours.values.find(name.score);
    const auto filter = theirs.scores.find(name.filter.empty() ? kNoFilter : name.filter);
    if (mine == ours.values.end() || filter == theirs.scores.end()) continue;
    const auto value = filter->second.find(name.metric);
    if (value == filter->second.end()) continue;
    Tally& tally = tallies_[name.score];
    ++tally.compared;
    if (value->second != mine->second) tally.different.push_back(id);
  }
}

std::vector<std::string> ScoreComparison::warnings(const std::string& task) const {
  std::vector<std::string> lines;
  for (const auto& [score, tally] : tallies_) {
    if (tally.different.empty()) continue;
    lines.push_back(fmt::format("{}: {} of {} scores {} differ from the log's own ({}); Assay's are stored", task,
                                tally.different.size(), tally.compared, score, some_of(tally.different)));
  }
  return lines;
}

}  // namespace assay::harness
