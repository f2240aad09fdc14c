// What people preferred, as JSON.
#pragma once

#include "reports/preference.h"
#include "store/store.h"

namespace assay::reports {

// {"round","started","min_count","without":[...],"overlap","votes",
//  "models":[{"model","run","name","flags":{"votes","refuses_wrongly":COUNT,"unsafe":COUNT,"broken":COUNT}|null}],
//  "pairs":[{"a","b",...ROW,"both_bad":COUNT,"sentence","categories":[{"category",...ROW}]}],
//  "strengths":{"models":[{"model","log_strength","stderr","low","high","elo","elo_low","elo_high"}],
//               "differences":[{"a","b","log_strength","low","high"}],"nu","reason"}|null,
//  "agreement":{"items","votes","alpha_ordinal","alpha_nominal"}|null,
//  "raters":[RATER],"all_raters":RATER,
//  "coverage":{"rated","items","categories":[{"category","rated"|null,"items"}]}}
//   ROW    "hidden":false, "votes","prompts","raters","win":COUNT,"tie","loss","much_win","much_loss",
//          "score":{"value","stderr","low","high"},"p","p_holm","detectable","prompts_for_5_points";
//          or "hidden":"fewer than 5 votes, or hidden to guard such a row" and nothing more
//   COUNT  "count" and its share of the row's votes: "share","low","high"
//   RATER  "name","left_out","hidden" (as in ROW), "votes","ties","median_seconds","left":PART,"left_low","left_high",
//          "left_p","left_p_holm","repeats":PART,"kappa","gold":PART
//   PART   {"asked","counted"}, or null where hidden
// win, loss and score are those of model "a". Shares are from 0 to 1, `detectable` is a distance from a score of 1/2,
// intervals are of 95 %. null: no such number.
store::Json preference_json(const PreferenceReport& report);

}  // namespace assay::reports
