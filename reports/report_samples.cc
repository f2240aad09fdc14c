#include "reports/report_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "reports/pairing.h"
#include "reports/plain_text.h"
#include "reports/sample_details.h"
#include "reports/sample_prompts.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

using store::Json;
using store::StoredSample;

constexpr size_t kShortText = 200;  // code points of what was read out of an answer

// The place of every text in a list of those there are.
class TextTable {
 public:
  int place(const std::string& text) {
    const auto [found, is_new] = places_.emplace(text, static_cast<int>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return found->second;
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, int> places_;
  std::vector<std::string> texts_;
};

// One run of the page: of the report, or a baseline.
struct PackedRun {
  const store::Run* run = nullptr;
  bool hidden = false;
  bool compared = false;
  std::string score;                                    // key of the primary one where a comparison says it
  std::set<std::pair<std::string, std::string>> flips;  // subset and id
};

std::vector<PackedRun> runs_to_pack(const Report& report) {
  std::vector<PackedRun> packed;
  const auto entry = [&](const store::Run& run) -> PackedRun& {
    for (PackedRun& each : packed) {
      if (each.run->info.number == run.info.number) return each;
    }
    packed.push_back({&run, false, false, "", {}});
    return packed.back();
  };
  for (const ReportedRun& reported : report.runs) {
    entry(reported.run).hidden |= reported.hidden;
    if (!reported.comparison) continue;
    const TaskComparison& comparison = *reported.comparison;
    const bool hidden = reported.hidden || asks_hidden_set(comparison.a);
    for (const store::Run* side : {&comparison.a, &reported.run}) {
      PackedRun& run = entry(*side);
      run.hidden |= hidden;
      run.compared = true;
      run.score = comparison.scores.front().name.key;
      for (const Flip& flip : comparison.flips) run.flips.emplace(flip.subset, flip.id);
    }
  }
  return packed;
}

// As score_columns() finds the primary score: that of the first metric.
std::string primary_score(const store::Run& run, const std::vector<StoredSample>& samples) {
  std::set<std::string> keys;
  for (const StoredSample& sample : samples) {
    if (!sample.score) continue;
    for (const auto& [key, value] : sample.score->values) keys.insert(key);
  }
  if (keys.contains("logprob") && keys.contains("bytes")) return kBitsPerByte;
  for (const scorers::Metric& metric : run.metrics) {
    if (keys.contains(metric.filter)) return metric.filter;
    if (keys.contains(metric.name)) return metric.name;
  }
  return keys.empty() ? "" : *keys.begin();
}

std::optional<double> score_value(const StoredSample& sample, const std::string& key) {
  if (!sample.score) return std::nullopt;
  std::map<std::string, double> values = sample.score->values;
  add_rate(values);
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

// With few digits, as a page shows it.
Json short_number(const std::optional<double>& value, double steps) {
  if (!value || !std::isfinite(*value)) return nullptr;
  const double rounded = std::round(*value * steps) / steps;
  if (rounded == std::trunc(rounded) && std::fabs(rounded) < 1e15) return static_cast<int64_t>(rounded);
  return rounded;
}

int flags_of(const StoredSample& sample, const std::string& score) {
  if (!sample.response) return 0;
  int flags = 1;
  if (sample.score) {
    const auto read = sample.score->extracted.find(score);
    // PROTOCOLS.md §1.4: what a filter says where it finds nothing.
    if (read != sample.score->extracted.end() && (read->second.empty() || read->second == "[invalid]")) flags |= 2;
    if (sample.score->execution && sample.score->execution->outcome == "timeout") flags |= 4;
  }
  const auto* text = std::get_if<engine::GenerateResponse>(&sample.response->body);
  if (text != nullptr && !text->token_ids.empty() && text->finish == engine::FinishReason::kLength) flags |= 8;
  return flags;
}

int64_t length_of(const StoredSample& sample) {
  if (!sample.response) return -1;
  const auto* text = std::get_if<engine::GenerateResponse>(&sample.response->body);
  if (text == nullptr) return sample.response->prompt_tokens;
  return text->token_ids.empty() ? -1 : std::ssize(text->token_ids);
}

Json list_of(const std::vector<StoredSample>& samples, bool hidden) {
  TextTable subsets, golds;
  Json list = {{"subsets", Json::array()}, {"subset", Json::array()}, {"id", Json::array()},
               {"repeat", Json::array()},  {"golds", Json::array()},  {"gold", Json::array()},
               {"right", Json::array()}};
  const bool repeats =
      std::any_of(samples.begin(), samples.end(), [](const StoredSample& sample) { return sample.plan.sample > 0; });
  const bool choices = std::any_of(samples.begin(), samples.end(),
                                   [](const StoredSample& sample) { return !sample.plan.gold.choices.empty(); });
  for (const StoredSample& sample : samples) {
    list["subset"].push_back(subsets.place(sample.plan.subset));
    list["id"].push_back(sample.plan.id);
    if (repeats) list["repeat"].push_back(sample.plan.sample);
    if (hidden) continue;
    list["gold"].push_back(golds.place(plain_line(gold_of(sample.plan), kShortText)));
    if (choices) list["right"].push_back(sample.plan.gold.choices.empty() ? -1 : sample.plan.gold.choices.front());
  }
  list["subsets"] = subsets.texts();
  list["golds"] = golds.texts();
  return list;
}

class Packer {
 public:
  Packer(const store::Store& store, size_t details, const SampleTextLimits& limits)
      : store_(store), details_(details), limits_(limits), prompts_(limits.head_points, limits.code_points) {}

  Json pack(const PackedRun& packed) {
    const std::vector<StoredSample> samples = store_.load_samples(packed.run->info.number);
    const std::string score = packed.score.empty() ? primary_score(*packed.run, samples) : packed.score;
    std::vector<std::optional<double>> scores;
    for (const StoredSample& sample : samples) scores.push_back(score_value(sample, score));
    const bool lower = score == kBitsPerByte;
    const bool share =
        !lower && std::all_of(scores.begin(), scores.end(), [](const auto& x) { return !x || (*x >= 0 && *x <= 1); });
    Json json = {{"run", packed.run->info.number},
                 {"list", list_place(list_of(samples, packed.hidden))},
                 {"hidden", packed.hidden},
                 {"share", share},
                 {"lower_is_better", lower},
                 {"generated", !samples.empty() && samples.front().plan.kind == store::RequestKind::kGenerate}};
    add_columns(json, packed, samples, scores, score);
    add_details(json, packed, samples, scores);
    return json;
  }

  const Json& lists() const { return lists_; }
  const SamplePrompts& prompts() const { return prompts_; }

 private:
  size_t list_place(Json list) {
    const std::string text = list.dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto [found, is_new] = list_places_.emplace(text, lists_.size());
    if (is_new) lists_.push_back(std::move(list));
    return found->second;
  }

  static void add_columns(Json& json, const PackedRun& packed, const std::vector<StoredSample>& samples,
                          const std::vector<std::optional<double>>& scores, const std::string& score) {
    TextTable texts;
    Json answers = Json::array(), margins = Json::array(), choices = Json::array();
    Json values = Json::array(), flags = Json::array(), lengths = Json::array();
    for (size_t i = 0; i < samples.size(); ++i) {
      const StoredSample& sample = samples[i];
      values.push_back(short_number(scores[i], 1e6));
      flags.push_back(flags_of(sample, score));
      lengths.push_back(length_of(sample));
      if (packed.compared) margins.push_back(short_number(sample.response ? margin_of(sample) : std::nullopt, 1e4));
      if (packed.hidden) continue;
      const bool read = sample.response && sample.score;
      answers.push_back(texts.place(read ? plain_line(answer_of(sample), kShortText) : ""));
      choices.push_back(read ? sample.score->prediction.value_or(-1) : -1);
    }
    const auto none = [](const Json& column, const Json& nothing) {
      return std::all_of(column.begin(), column.end(), [&](const Json& entry) { return entry == nothing; });
    };
    json["texts"] = texts.texts();
    json["score"] = std::move(values);
    json["flags"] = std::move(flags);
    json["answer"] = std::move(answers);
    json["margin"] = none(margins, nullptr) ? Json::array() : std::move(margins);
    json["choice"] = none(choices, -1) ? Json::array() : std::move(choices);
    json["length"] = std::move(lengths);
  }

  // Places of the samples whose text is shown: changed ones, wrong ones, others.
  std::vector<size_t> chosen(const PackedRun& packed, const std::vector<StoredSample>& samples,
                             const std::vector<std::optional<double>>& scores) const {
    std::vector<std::pair<int, size_t>> order;
    for (size_t i = 0; i < samples.size(); ++i) {
      if (!samples[i].response) continue;
      const bool flipped = packed.flips.contains({samples[i].plan.subset, samples[i].plan.id});
      const bool right = scores[i] && *scores[i] == 1;
      order.emplace_back(flipped ? 0 : right ? 2 : 1, i);
    }
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), details_));
    std::vector<size_t> places;
    for (const auto& [rank, place] : order) places.push_back(place);
    return places;
  }

  void add_details(Json& json, const PackedRun& packed, const std::vector<StoredSample>& samples,
                   const std::vector<std::optional<double>>& scores) {
    json["details"] = Json::object();
    json["note"] = nullptr;
    if (packed.hidden) return;
    for (const size_t place : chosen(packed, samples, scores)) {
      Json details = sample_details(samples[place], limits_.code_points, limits_.option_points);
      const std::optional<store::Prompt> prompt = store_.prompt(packed.run->info.number, samples[place].position);
      if (prompt) details["prompt"] = prompts_.place(*prompt);
      json["details"][std::to_string(place)] = std::move(details);
    }
    const auto answered = static_cast<size_t>(std::count_if(
        samples.begin(), samples.end(), [](const StoredSample& sample) { return sample.response.has_value(); }));
    if (answered <= details_) return;
    json["note"] = fmt::format(
        "Texts of {} of {} are in this report: of those that changed first, then of wrong ones. assay export has all.",
        details_, count_of(static_cast<int64_t>(answered), "sample"));
  }

  const store::Store& store_;
  size_t details_;
  const SampleTextLimits& limits_;
  SamplePrompts prompts_;
  Json lists_ = Json::array();
  std::map<std::string, size_t> list_places_;
};

}  // namespace

store::Json report_samples(const store::Store& store, const Report& report, const SampleTextLimits& limits) {
  const std::vector<PackedRun> runs = runs_to_pack(report);
  const size_t share = limits.samples / std::max<size_t>(1, runs.size());
  Packer packer(store, std::clamp(share, std::min(limits.at_least, limits.of_a_run), limits.of_a_run), limits);
  Json packed = Json::array();
  for (const PackedRun& run : runs) packed.push_back(packer.pack(run));
  return {{"lists", packer.lists()},
          {"runs", std::move(packed)},
          {"heads", packer.prompts().heads()},
          {"prompts", packer.prompts().prompts()}};
}

}  // namespace assay::reports
