#include "reports/preference_json.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/preference_strengths.h"
#include "reports/preference_words.h"

namespace assay::reports {
namespace {

using store::Json;

Json real(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json count_json(const PreferenceCount& count) {
  return {{"count", count.count},
          {"share", real(count.share.mean.mean)},
          {"low", real(count.share.interval.low)},
          {"high", real(count.share.interval.high)}};
}

std::string why_hidden(const PreferenceReport& report) {
  return few_votes(report.options.min_count) + ", or hidden to guard such a row";
}

void put_row(Json& json, const PreferenceReport& report, const PreferenceRow& row) {
  json["hidden"] = row.hidden ? Json(why_hidden(report)) : Json(false);
  if (row.hidden) return;
  json["votes"] = row.votes;
  json["prompts"] = row.prompts;
  json["raters"] = row.raters;
  json["win"] = count_json(row.win);
  json["tie"] = count_json(row.tie);
  json["loss"] = count_json(row.loss);
  json["much_win"] = count_json(row.much_win);
  json["much_loss"] = count_json(row.much_loss);
  json["score"] = {{"value", real(row.score.mean.mean)},
                   {"stderr", real(row.score.mean.stderr_)},
                   {"low", real(row.score.interval.low)},
                   {"high", real(row.score.interval.high)}};
  json["p"] = real(row.p);
  json["p_holm"] = real(row.p_holm);
  json["detectable"] = row.detectable ? real(*row.detectable) : Json(nullptr);
  json["prompts_for_5_points"] = row.prompts_for_5 ? Json(*row.prompts_for_5) : Json(nullptr);
}

Json pair_json(const PreferenceReport& report, const PairPreference& pair) {
  Json json = {{"a", model_letter(pair.a)}, {"b", model_letter(pair.b)}};
  put_row(json, report, pair.all);
  if (pair.all.hidden) return json;
  json["both_bad"] = count_json(pair.both_bad);
  json["sentence"] = sentence_of(pair);
  json["categories"] = Json::array();
  for (const PreferenceRow& row : pair.categories) {
    Json of_category = {{"category", printable(row.category)}};
    put_row(of_category, report, row);
    json["categories"].push_back(std::move(of_category));
  }
  return json;
}

Json model_json(const PreferenceReport& report, size_t model) {
  const ModelFlags& flags = report.flags[model];
  Json json = {{"model", model_letter(model)}, {"run", report.runs[model]}, {"name", report.models[model]}};
  json["flags"] = nullptr;
  if (flags.votes > 0) {
    json["flags"] = {{"votes", flags.votes},
                     {"refuses_wrongly", count_json(flags.refuses_wrongly)},
                     {"unsafe", count_json(flags.unsafe)},
                     {"broken", count_json(flags.broken)}};
  }
  return json;
}

Json strength_json(size_t model, const scorers::TwoWayMean& strength) {
  return {{"model", model_letter(model)},
          {"log_strength", real(strength.mean)},
          {"stderr", real(strength.stderr_)},
          {"low", real(strength.interval.low)},
          {"high", real(strength.interval.high)},
          {"elo", real(kEloOfLog * strength.mean)},
          {"elo_low", real(kEloOfLog * strength.interval.low)},
          {"elo_high", real(kEloOfLog * strength.interval.high)}};
}

Json strengths_json(const Strengths& strengths) {
  if (strengths.models.size() < 2) return nullptr;
  Json json = {{"models", Json::array()}, {"differences", Json::array()}, {"nu", nullptr}, {"reason", nullptr}};
  if (!strengths.fit) {
    json["reason"] = strengths.reason;
    return json;
  }
  json["nu"] = real(strengths.fit->fit.nu);
  for (size_t i = 0; i < strengths.models.size(); ++i) {
    json["models"].push_back(strength_json(strengths.models[i], strengths.fit->strengths[i]));
    for (size_t j = i + 1; j < strengths.models.size(); ++j) {
      const scorers::TwoWayMean& difference = strengths.fit->differences[i][j];
      json["differences"].push_back({{"a", model_letter(strengths.models[i])},
                                     {"b", model_letter(strengths.models[j])},
                                     {"log_strength", real(difference.mean)},
                                     {"low", real(difference.interval.low)},
                                     {"high", real(difference.interval.high)}});
    }
  }
  return json;
}

Json agreement_json(const Agreement& agreement) {
  if (agreement.hidden) return nullptr;
  return {{"items", agreement.items},
          {"votes", agreement.votes},
          {"alpha_ordinal", real(agreement.alpha_steps)},
          {"alpha_nominal", real(agreement.alpha_verdict)}};
}

Json part_json(const RaterPart& part) {
  return part.hidden ? Json(nullptr) : Json{{"asked", part.asked}, {"counted", part.counted}};
}

Json rater_json(const PreferenceReport& report, const RaterQuality& rater) {
  Json json = {{"name", rater.name}, {"left_out", rater.left_out}};
  json["hidden"] = rater.hidden ? Json(why_hidden(report)) : Json(false);
  if (rater.hidden) return json;
  json["votes"] = rater.votes;
  json["ties"] = rater.ties;
  json["median_seconds"] = real(rater.median_seconds);
  json["left"] = part_json(rater.left);
  json["left_low"] = real(rater.left_interval.low);
  json["left_high"] = real(rater.left_interval.high);
  json["left_p"] = real(rater.left_p);
  json["left_p_holm"] = real(rater.left_p_holm);
  json["repeats"] = part_json(rater.repeats);
  json["kappa"] = real(rater.kappa);
  json["gold"] = part_json(rater.gold);
  return json;
}

Json coverage_json(const PreferenceReport& report) {
  Json json = {{"rated", report.covered.rated}, {"items", report.covered.items}, {"categories", Json::array()}};
  for (const Coverage& coverage : report.coverage) {
    json["categories"].push_back({{"category", printable(coverage.category)},
                                  {"rated", coverage.hidden ? Json(nullptr) : Json(coverage.rated)},
                                  {"items", coverage.items}});
  }
  return json;
}

}  // namespace

Json preference_json(const PreferenceReport& report) {
  Json json = {{"round", report.round},
               {"started", report.started},
               {"min_count", report.options.min_count},
               {"without", report.options.without},
               {"overlap", report.overlap},
               {"votes", report.votes},
               {"models", Json::array()},
               {"pairs", Json::array()}};
  for (size_t i = 0; i < report.models.size(); ++i) json["models"].push_back(model_json(report, i));
  for (const PairPreference& pair : report.pairs) json["pairs"].push_back(pair_json(report, pair));
  json["strengths"] = strengths_json(report.strengths);
  json["agreement"] = agreement_json(report.agreement);
  json["raters"] = Json::array();
  for (const RaterQuality& rater : report.raters) json["raters"].push_back(rater_json(report, rater));
  json["all_raters"] = rater_json(report, report.all_raters);
  json["coverage"] = coverage_json(report);
  return json;
}

}  // namespace assay::reports
