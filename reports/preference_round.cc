#include "reports/preference_round.h"

#include "reports/model_names.h"

namespace assay::reports {

PreferenceRound read_preference_round(const store::Store& store, store::Ratings& ratings, const store::Round& round) {
  PreferenceRound whole;
  whole.round = round;
  for (const int64_t run : round.runs) {
    const store::Json manifest = store.load_run(run).manifest;
    const auto name = manifest.find("model_name");
    const bool named = name != manifest.end() && name->is_string();
    whole.models.push_back(named ? last_part_of_model(name->get<std::string>()) : "unknown");
  }
  whole.items = ratings.items(round.id);
  whole.raters = ratings.raters(round.id);
  whole.ratings = ratings.ratings(round.id);
  return whole;
}

}  // namespace assay::reports
