#include "reports/preference_pairs.h"

#include <cmath>
#include <limits>
#include <map>

#include "reports/small_cells.h"
#include "scorers/statistics/detectable_preference.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/two_way_share_p.h"

namespace assay::reports {
namespace {

constexpr double kPlannedDifference = 0.05;

// Errors as they were if the score was even, which is what a difference is to be told from.
std::optional<scorers::PreferencePlan> plan_of(const scorers::TwoWayShare& score) {
  scorers::PreferencePlan plan;
  plan.stderr_ = scorers::two_way_share_stderr(score);
  if (!std::isfinite(plan.stderr_) || plan.stderr_ == 0) return std::nullopt;
  plan.freedom = score.mean.freedom;
  const double raters = score.mean.rater_stderr;
  const double scale = score.mean.stderr_ > 0 ? plan.stderr_ / score.mean.stderr_ : 0;
  plan.rater_stderr = std::isnan(raters) ? 0 : std::min(plan.stderr_, raters * scale);
  return plan;
}

PreferenceRow row_of_votes(const std::string& category, const std::vector<const PairVote*>& votes) {
  PreferenceRow row;
  row.category = category;
  row.votes = static_cast<int64_t>(votes.size());
  ShareColumns win, tie, loss, much_win, much_loss, score;
  for (const PairVote* vote : votes) {
    win.add(vote->choice > 0 ? 1 : 0, *vote);
    tie.add(vote->choice == 0 ? 1 : 0, *vote);
    loss.add(vote->choice < 0 ? 1 : 0, *vote);
    much_win.add(vote->choice == 2 ? 1 : 0, *vote);
    much_loss.add(vote->choice == -2 ? 1 : 0, *vote);
    score.add((vote->direction() + 1) / 2.0, *vote);
  }
  row.win = win.counted();
  row.tie = tie.counted();
  row.loss = loss.counted();
  row.much_win = much_win.counted();
  row.much_loss = much_loss.counted();
  row.score = score.share();
  row.prompts = row.score.mean.prompts;
  row.raters = row.score.mean.raters;
  row.p = row.p_holm = scorers::two_way_share_p(row.score);
  if (const std::optional<scorers::PreferencePlan> plan = plan_of(row.score)) {
    row.detectable = scorers::detectable_preference(*plan);
    row.prompts_for_5 = scorers::prompts_to_detect(*plan, row.prompts, kPlannedDifference);
  }
  return row;
}

PreferenceRow hidden_row(const std::string& category) {
  PreferenceRow row;
  row.category = category;
  row.hidden = true;
  row.p = row.p_holm = std::numeric_limits<double>::quiet_NaN();
  return row;
}

std::vector<PreferenceRow> category_rows(const std::vector<PairVote>& votes, int64_t min_count) {
  std::map<std::string, std::vector<const PairVote*>> by_category;
  for (const PairVote& vote : votes) by_category[vote.rating->category].push_back(&vote);
  std::vector<int64_t> counts;
  for (const auto& [category, of_it] : by_category) counts.push_back(static_cast<int64_t>(of_it.size()));
  const std::vector<bool> hidden = hidden_rows(counts, min_count);
  std::vector<PreferenceRow> rows;
  for (const auto& [category, of_it] : by_category) {
    rows.push_back(hidden[rows.size()] ? hidden_row(category) : row_of_votes(category, of_it));
  }
  return rows;
}

void correct_rows(const std::vector<PreferenceRow*>& rows) {
  std::vector<PreferenceRow*> tested;
  std::vector<double> p;
  for (PreferenceRow* row : rows) {
    if (row->hidden || std::isnan(row->p)) continue;
    tested.push_back(row);
    p.push_back(row->p);
  }
  const std::vector<double> holm = scorers::holm(p);
  for (size_t i = 0; i < tested.size(); ++i) tested[i]->p_holm = holm[i];
}

}  // namespace

PairPreference pair_preference(size_t a, size_t b, const std::vector<PairVote>& votes, int64_t min_count) {
  PairPreference pair{a, b, hidden_row(""), {}, {}};
  if (votes.empty() || std::ssize(votes) < min_count) return pair;
  std::vector<const PairVote*> all;
  ShareColumns both_bad;
  for (const PairVote& vote : votes) {
    all.push_back(&vote);
    both_bad.add(vote.flagged("both_bad") ? 1 : 0, vote);
  }
  pair.all = row_of_votes("", all);
  pair.categories = category_rows(votes, min_count);
  pair.both_bad = both_bad.counted();
  return pair;
}

void correct_over_pairs(std::vector<PairPreference>& pairs) {
  std::vector<PreferenceRow*> overall;
  std::vector<PreferenceRow*> categories;
  for (PairPreference& pair : pairs) {
    overall.push_back(&pair.all);
    for (PreferenceRow& row : pair.categories) categories.push_back(&row);
  }
  correct_rows(overall);
  correct_rows(categories);
}

std::vector<ModelFlags> model_flags(size_t models, const std::vector<PairVote>& votes) {
  std::vector<ModelFlags> flags(models);
  for (size_t model = 0; model < models; ++model) {
    ShareColumns refuses, unsafe, broken;
    for (const PairVote& vote : votes) {
      if (vote.a != model && vote.b != model) continue;
      ++flags[model].votes;
      refuses.add(vote.flagged(model, "refuses_wrongly") ? 1 : 0, vote);
      unsafe.add(vote.flagged(model, "unsafe") ? 1 : 0, vote);
      broken.add(vote.flagged(model, "broken") ? 1 : 0, vote);
    }
    if (refuses.empty()) continue;
    flags[model].refuses_wrongly = refuses.counted();
    flags[model].unsafe = unsafe.counted();
    flags[model].broken = broken.counted();
  }
  return flags;
}

}  // namespace assay::reports
