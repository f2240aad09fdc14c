#include "reports/report_preferences.h"

#include <algorithm>
#include <set>

#include "reports/preference_json.h"
#include "reports/preference_round.h"
#include "store/ratings.h"

namespace assay::reports {

std::vector<PreferenceReport> preferences_among(const store::Store& store, const std::vector<store::RunInfo>& runs) {
  std::set<int64_t> numbers;
  for (const store::RunInfo& run : runs) numbers.insert(run.number);
  store::Ratings ratings(store.path(), store::Store::Mode::kRead);
  std::vector<PreferenceReport> preferences;
  for (const store::Round& round : ratings.rounds()) {
    const auto is_reported = [&](int64_t run) { return numbers.contains(run); };
    if (std::none_of(round.runs.begin(), round.runs.end(), is_reported)) continue;
    PreferenceReport report = preference_report(read_preference_round(store, ratings, round));
    if (report.votes > 0) preferences.push_back(std::move(report));
  }
  return preferences;
}

store::Json shared_preference_json(const PreferenceReport& report) {
  store::Json json = preference_json(report);
  for (const char* of_a_rater : {"raters", "without"}) json.erase(of_a_rater);
  json["all_raters"].erase("name");
  json["all_raters"].erase("left_out");
  return json;
}

}  // namespace assay::reports
