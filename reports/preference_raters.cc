#include "reports/preference_raters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "reports/small_cells.h"
#include "scorers/statistics/cohen_kappa.h"
#include "scorers/statistics/krippendorff_alpha.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::reports {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// The k-th values of all items as if of one rater: alpha does not ask who gave a value.
double alpha_of(const std::vector<std::vector<int>>& items, scorers::Scale scale) {
  size_t most = 0;
  for (const std::vector<int>& item : items) most = std::max(most, item.size());
  std::vector<std::vector<std::optional<double>>> rows(most, std::vector<std::optional<double>>(items.size()));
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t k = 0; k < items[i].size(); ++k) rows[k][i] = items[i][k];
  }
  return scorers::krippendorff_alpha(rows, scale);
}

double median(std::vector<double> values) {
  if (values.empty()) return kNoNumber;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

size_t step_of(const PairVote& vote) {
  return static_cast<size_t>(vote.choice + 2);
}

// Votes beside the repeats of them. A repeat whose first vote was withdrawn says nothing.
std::vector<std::pair<const PairVote*, const PairVote*>> repeated(const std::vector<const PairVote*>& votes) {
  std::map<int64_t, const PairVote*> by_assignment;
  for (const PairVote* vote : votes) by_assignment[vote->rating->assignment] = vote;
  std::vector<std::pair<const PairVote*, const PairVote*>> pairs;
  for (const PairVote* vote : votes) {
    if (vote->rating->kind != store::Rating::kRepeat || !vote->rating->repeats) continue;
    const auto first = by_assignment.find(*vote->rating->repeats);
    if (first != by_assignment.end()) pairs.emplace_back(first->second, vote);
  }
  return pairs;
}

void count_repeats(RaterQuality& quality, const std::vector<const PairVote*>& votes) {
  scorers::Matrix table(5, std::vector<double>(5));
  for (const auto& [first, again] : repeated(votes)) {
    ++quality.repeats.asked;
    quality.repeats.counted += first->direction() == again->direction() ? 1 : 0;
    ++table[step_of(*first)][step_of(*again)];
  }
  quality.kappa =
      quality.repeats.asked > 0 ? scorers::cohen_kappa(table, scorers::KappaWeights::kQuadratic).kappa : kNoNumber;
}

void judge_sides(RaterQuality& quality) {
  if (quality.left.asked == 0) {
    quality.left_interval = {kNoNumber, kNoNumber};
    return;
  }
  quality.left_interval =
      scorers::wilson_interval(static_cast<double>(quality.left.counted), static_cast<double>(quality.left.asked));
  quality.left_p = quality.left_p_holm =
      scorers::mcnemar_exact_p(quality.left.counted, quality.left.asked - quality.left.counted);
}

// Everything counted; what is small is not hidden yet.
RaterQuality quality_of(const std::string& name, const std::vector<const PairVote*>& votes) {
  RaterQuality quality;
  quality.name = printable(name);
  std::vector<double> seconds;
  for (const PairVote* vote : votes) {
    if (vote->rating->kind == store::Rating::kGold) {
      ++quality.gold.asked;
      // The second response of the rating is the one to another prompt.
      quality.gold.counted += vote->rating->choice > 0 ? 1 : 0;
    }
    if (vote->rating->kind != store::Rating::kPair) continue;
    ++quality.votes;
    quality.ties += vote->choice == 0 ? 1 : 0;
    quality.left.asked += vote->choice != 0 ? 1 : 0;
    quality.left.counted += vote->left_chosen() ? 1 : 0;
    seconds.push_back(static_cast<double>(vote->rating->active_ms) / 1000);
  }
  quality.median_seconds = median(std::move(seconds));
  count_repeats(quality, votes);
  judge_sides(quality);
  return quality;
}

RaterQuality nameless(const RaterQuality& quality) {
  RaterQuality hidden;
  hidden.name = quality.name;
  hidden.left_out = quality.left_out;
  hidden.hidden = true;
  hidden.median_seconds = hidden.kappa = hidden.left_p = hidden.left_p_holm = kNoNumber;
  hidden.left_interval = {kNoNumber, kNoNumber};
  return hidden;
}

void hide_part(RaterPart& part, bool hide) {
  if (hide) part = {};
  part.hidden = hide;
}

// Columns of the raters who count, whose sums all_raters_quality() shows.
struct HiddenColumns {
  std::vector<bool> votes, left, repeats, gold;
};

HiddenColumns hidden_columns(const std::vector<const RaterQuality*>& raters, int64_t min_count) {
  const auto column = [&](auto count) {
    std::vector<int64_t> counts;
    for (const RaterQuality* rater : raters) counts.push_back(count(*rater));
    return counts;
  };
  HiddenColumns hidden;
  hidden.votes = hidden_rows(column([](const RaterQuality& r) { return r.votes; }), min_count);
  hidden.left = hidden_rows(column([](const RaterQuality& r) { return r.left.asked; }), min_count, hidden.votes);
  hidden.repeats = hidden_rows(column([](const RaterQuality& r) { return r.repeats.asked; }), min_count, hidden.votes);
  hidden.gold = hidden_rows(column([](const RaterQuality& r) { return r.gold.asked; }), min_count, hidden.votes);
  return hidden;
}

void hide_small(std::vector<RaterQuality>& qualities, bool left_out, int64_t min_count) {
  std::vector<const RaterQuality*> raters;
  for (const RaterQuality& quality : qualities) {
    if (quality.left_out == left_out) raters.push_back(&quality);
  }
  const HiddenColumns hidden = hidden_columns(raters, min_count);
  size_t i = 0;
  for (RaterQuality& quality : qualities) {
    if (quality.left_out != left_out) continue;
    const bool whole = hidden.votes[i];
    hide_part(quality.left, hidden.left[i]);
    hide_part(quality.repeats, hidden.repeats[i]);
    hide_part(quality.gold, hidden.gold[i]);
    if (quality.left.hidden) quality.left_p = quality.left_p_holm = kNoNumber;
    if (quality.left.hidden) quality.left_interval = {kNoNumber, kNoNumber};
    if (quality.repeats.hidden) quality.kappa = kNoNumber;
    if (whole) quality = nameless(quality);
    ++i;
  }
}

void correct_sides(std::vector<RaterQuality>& qualities) {
  std::vector<RaterQuality*> tested;
  std::vector<double> p;
  for (RaterQuality& quality : qualities) {
    if (quality.left.hidden) continue;
    tested.push_back(&quality);
    p.push_back(quality.left_p);
  }
  const std::vector<double> holm = scorers::holm(p);
  for (size_t i = 0; i < tested.size(); ++i) tested[i]->left_p_holm = holm[i];
}

}  // namespace

Agreement agreement_of(const std::vector<PairVote>& counting, int64_t min_count) {
  std::map<std::tuple<int, size_t, size_t>, std::vector<int>> by_item;
  for (const PairVote& vote : counting) by_item[{vote.prompt, vote.a, vote.b}].push_back(vote.choice);
  std::vector<std::vector<int>> steps;
  std::vector<std::vector<int>> verdicts;
  Agreement agreement;
  for (const auto& [item, choices] : by_item) {
    if (choices.size() < 2) continue;
    agreement.votes += std::ssize(choices);
    steps.push_back(choices);
    std::vector<int>& of_item = verdicts.emplace_back();
    for (const int choice : choices) of_item.push_back((choice > 0 ? 1 : 0) - (choice < 0 ? 1 : 0));
  }
  if (steps.empty() || agreement.votes < min_count) return {};
  agreement.hidden = false;
  agreement.items = std::ssize(steps);
  agreement.alpha_steps = alpha_of(steps, scorers::Scale::kOrdinal);
  agreement.alpha_verdict = alpha_of(verdicts, scorers::Scale::kNominal);
  return agreement;
}

std::vector<RaterQuality> rater_qualities(const std::vector<std::string>& names, const std::vector<PairVote>& votes,
                                          const PreferenceOptions& options) {
  std::vector<std::vector<const PairVote*>> of_rater(names.size());
  for (const PairVote& vote : votes) of_rater[static_cast<size_t>(vote.rater)].push_back(&vote);
  std::vector<RaterQuality> qualities;
  for (size_t i = 0; i < names.size(); ++i) {
    qualities.push_back(quality_of(names[i], of_rater[i]));
    qualities.back().left_out =
        std::find(options.without.begin(), options.without.end(), names[i]) != options.without.end();
  }
  hide_small(qualities, /*left_out=*/false, options.min_count);
  hide_small(qualities, /*left_out=*/true, options.min_count);
  correct_sides(qualities);
  return qualities;
}

RaterQuality all_raters_quality(const std::vector<PairVote>& votes, const PreferenceOptions& options) {
  std::vector<const PairVote*> counting;
  for (const PairVote& vote : votes) {
    if (!vote.left_out) counting.push_back(&vote);
  }
  std::vector<RaterQuality> all = {quality_of("all", counting)};
  hide_small(all, /*left_out=*/false, options.min_count);
  return all.front();
}

}  // namespace assay::reports
