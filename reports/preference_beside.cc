#include "reports/preference_beside.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/preference_round.h"
#include "reports/preference_words.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

PreferenceBeside beside_of(const PreferenceReport& report, const PairPreference& pair, int64_t run) {
  const bool first = report.runs[pair.a] == run;
  const size_t other = first ? pair.b : pair.a;
  const scorers::TwoWayShare& score = pair.all.score;
  PreferenceBeside entry{report.round,   report.runs[other], report.models[other],
                         pair.all.votes, score.mean.mean,    score.interval};
  if (!first) {
    entry.score = 1 - entry.score;
    entry.interval = {1 - score.interval.high, 1 - score.interval.low};
  }
  return entry;
}

store::Json bound_json(double value) {
  return std::isfinite(value) ? store::Json(value) : store::Json(nullptr);
}

}  // namespace

std::vector<PreferenceBeside> preferences_beside(const store::Store& store, store::Ratings& ratings, int64_t run) {
  std::vector<PreferenceBeside> entries;
  for (const store::Round& round : ratings.rounds()) {
    if (std::find(round.runs.begin(), round.runs.end(), run) == round.runs.end()) continue;
    const PreferenceReport report = preference_report(read_preference_round(store, ratings, round));
    for (const PairPreference& pair : report.pairs) {
      const bool of_run = report.runs[pair.a] == run || report.runs[pair.b] == run;
      if (of_run && !pair.all.hidden) entries.push_back(beside_of(report, pair, run));
    }
  }
  return entries;
}

std::string preferences_beside_text(const std::vector<PreferenceBeside>& entries) {
  std::string text;
  for (const PreferenceBeside& entry : entries) {
    const std::string interval = percent_interval_text(entry.interval);
    text += wrapped(fmt::format("people: {}{} against run {}, {} ({}, round {})", percent_text(entry.score),
                                interval == "-" ? "" : " (" + interval + ")", entry.other_run,
                                short_name(entry.other, 60), count_of(entry.votes, "vote"), entry.round));
  }
  return text;
}

store::Json preferences_beside_json(const std::vector<PreferenceBeside>& entries) {
  store::Json json = store::Json::array();
  for (const PreferenceBeside& entry : entries) {
    json.push_back({{"round", entry.round},
                    {"other_run", entry.other_run},
                    {"other", entry.other},
                    {"votes", entry.votes},
                    {"score", bound_json(entry.score)},
                    {"low", bound_json(entry.interval.low)},
                    {"high", bound_json(entry.interval.high)}});
  }
  return json;
}

}  // namespace assay::reports
