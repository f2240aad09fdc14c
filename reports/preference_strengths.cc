#include "reports/preference_strengths.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace assay::reports {
namespace {

// reach[i][j]: from i one comes to j along links; symmetric links give what hangs together.
using Reach = std::vector<std::vector<bool>>;

Reach closure(Reach reach) {
  const size_t n = reach.size();
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        if (reach[i][k] && reach[k][j]) reach[i][j] = true;
      }
    }
  }
  return reach;
}

Reach nowhere(size_t n) {
  Reach reach(n, std::vector<bool>(n, false));
  for (size_t i = 0; i < n; ++i) reach[i][i] = true;
  return reach;
}

std::string letters_of(const std::vector<size_t>& models, const std::vector<size_t>& places) {
  std::vector<std::string> letters;
  for (const size_t place : places) letters.push_back(model_letter(models[place]));
  if (letters.size() < 2) return join(letters, "");
  const std::string last = letters.back();
  letters.pop_back();
  return fmt::format("{} and {}", join(letters, ", "), last);
}

std::string apart(const std::vector<size_t>& models, const Reach& met) {
  std::vector<size_t> here, there;
  for (size_t i = 0; i < models.size(); ++i) (met[0][i] ? here : there).push_back(i);
  if (there.empty()) return "";
  return fmt::format("{} {} never compared with {}, so that there is no common scale", letters_of(models, here),
                     here.size() == 1 ? "was" : "were", letters_of(models, there));
}

// Models from which nobody took half a point: `beat` goes from who did not lose to whom.
std::string unbeaten(const std::vector<size_t>& models, const Reach& beat) {
  for (size_t i = 0; i < models.size(); ++i) {
    std::vector<size_t> top;
    bool first = true;
    for (size_t j = 0; j < models.size(); ++j) {
      if (beat[j][i] && !beat[i][j]) first = false;
      if (beat[j][i] && beat[i][j]) top.push_back(j);
    }
    if (!first || top.size() == models.size()) continue;
    return fmt::format("{} won every vote against the others, so that no finite strength fits",
                       letters_of(models, top));
  }
  return "";
}

std::string reason_for_none(const std::vector<size_t>& models, const std::vector<scorers::PairRating>& ratings) {
  Reach met = nowhere(models.size());
  Reach beat = met;
  bool all_tied = true;
  for (const scorers::PairRating& rating : ratings) {
    const size_t i = static_cast<size_t>(rating.first);
    const size_t j = static_cast<size_t>(rating.second);
    met[i][j] = met[j][i] = true;
    if (rating.verdict != scorers::Verdict::kLoss) beat[i][j] = true;
    if (rating.verdict != scorers::Verdict::kWin) beat[j][i] = true;
    all_tied = all_tied && rating.verdict == scorers::Verdict::kTie;
  }
  if (all_tied) return "every vote is a tie, so that nothing tells the models apart";
  if (const std::string reason = apart(models, closure(met)); !reason.empty()) return reason;
  if (const std::string reason = unbeaten(models, closure(beat)); !reason.empty()) return reason;
  return "the votes fit one order of the models so well that no finite strengths fit best";
}

}  // namespace

Strengths strengths_of(size_t models, const std::vector<PairVote>& votes) {
  std::vector<bool> seen(models, false);
  for (const PairVote& vote : votes) seen[vote.a] = seen[vote.b] = true;
  Strengths strengths;
  std::vector<int> number(models, -1);
  for (size_t model = 0; model < models; ++model) {
    if (!seen[model]) continue;
    number[model] = static_cast<int>(strengths.models.size());
    strengths.models.push_back(model);
  }
  if (strengths.models.size() < 2) return strengths;
  std::vector<scorers::PairRating> ratings;
  for (const PairVote& vote : votes) {
    const scorers::Verdict verdict = vote.choice > 0    ? scorers::Verdict::kWin
                                     : vote.choice == 0 ? scorers::Verdict::kTie
                                                        : scorers::Verdict::kLoss;
    ratings.push_back({number[vote.a], number[vote.b], verdict, vote.prompt, vote.rater});
  }
  strengths.fit = scorers::davidson_clustered(static_cast<int>(strengths.models.size()), ratings);
  if (!strengths.fit) strengths.reason = reason_for_none(strengths.models, ratings);
  return strengths;
}

std::string model_letter(size_t model) {
  std::string letters;
  for (size_t rest = model + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

}  // namespace assay::reports
