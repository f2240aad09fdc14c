#include "tests/simulate/draw_ratings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "scorers/statistics/davidson.h"

namespace assay::simulate {
namespace {

using scorers::DavidsonPair;
using scorers::PairRating;
using scorers::Verdict;

double uniform(Random& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

double normal(Random& random) {
  return std::sqrt(-2 * std::log1p(-uniform(random))) * std::cos(2 * std::numbers::pi * uniform(random));
}

// One effect for each model, so that the difference of two has the standard deviation `spread`.
std::vector<double> effects(int models, double spread, Random& random) {
  std::vector<double> result;
  for (int m = 0; m < models; ++m) result.push_back(spread * std::numbers::sqrt2 / 2 * normal(random));
  return result;
}

struct Rater {
  std::vector<double> of_model;
  double of_tie = 0;
  double load = 1;
  double done = 0;
};

// The `count` raters who have done least for their load.
std::vector<size_t> next_raters(const std::vector<Rater>& raters, int count, Random& random) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t r = 0; r < raters.size(); ++r) order.emplace_back((raters[r].done + uniform(random)) / raters[r].load, r);
  std::sort(order.begin(), order.end());
  std::vector<size_t> result;
  for (int k = 0; k < count; ++k) result.push_back(order[static_cast<size_t>(k)].second);
  return result;
}

Verdict verdict_of(const DavidsonPair& pair, Random& random) {
  const double u = uniform(random);
  return u < pair.win ? Verdict::kWin : u < pair.win + pair.tie ? Verdict::kTie : Verdict::kLoss;
}

// The mean chances over all prompts and raters, by a grid of both normal laws.
DavidsonPair mean_pair(const RatingLaw& law, double lead) {
  const double of_difference = std::hypot(law.of_prompt, law.of_rater);
  DavidsonPair mean;
  double total = 0;
  constexpr double kStep = 0.1;
  for (double x = -7; x < 7; x += kStep) {
    for (double y = -7; y < 7; y += kStep) {
      const double density = std::exp(-(x * x + y * y) / 2);
      const DavidsonPair pair = scorers::davidson_pair(lead + of_difference * x, std::log(law.nu) + law.of_rater * y);
      mean.win += density * pair.win;
      mean.tie += density * pair.tie;
      mean.loss += density * pair.loss;
      total += density;
    }
  }
  return {mean.win / total, mean.tie / total, mean.loss / total};
}

}  // namespace

std::vector<PairRating> draw_ratings(const RatingDesign& design, const RatingLaw& law, Random& random) {
  std::vector<Rater> raters(static_cast<size_t>(design.raters));
  for (size_t r = 0; r < raters.size(); ++r) {
    raters[r].of_model = effects(design.models, law.of_rater, random);
    raters[r].of_tie = law.of_rater * normal(random);
    if (design.unequal) raters[r].load = std::pow(5.0, static_cast<double>(r) / (design.raters - 1));
  }
  const uint64_t models = static_cast<uint64_t>(design.models);
  std::vector<PairRating> result;
  for (int p = 0; p < design.prompts; ++p) {
    const std::vector<double> of_prompt = effects(design.models, law.of_prompt, random);
    for (const size_t r : next_raters(raters, design.each, random)) {
      Rater& rater = raters[r];
      rater.done += 1;
      const size_t i = models == 2 ? 0 : random() % models;
      const size_t j = models == 2 ? 1 : (i + 1 + random() % (models - 1)) % models;
      const double lead = law.lead * (static_cast<double>(j) - static_cast<double>(i));
      const double difference = lead + of_prompt[i] - of_prompt[j] + rater.of_model[i] - rater.of_model[j];
      const DavidsonPair pair = scorers::davidson_pair(difference, std::log(law.nu) + rater.of_tie);
      result.push_back({static_cast<int>(i), static_cast<int>(j), verdict_of(pair, random), p, static_cast<int>(r)});
    }
  }
  return result;
}

RatingTruth truth_of(const RatingDesign& design, const RatingLaw& law) {
  const size_t n = static_cast<size_t>(design.models);
  scorers::Matrix wins(n, std::vector<double>(n));
  scorers::Matrix ties = wins;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      const DavidsonPair pair = mean_pair(law, law.lead * static_cast<double>(j - i));
      wins[i][j] = pair.win;
      wins[j][i] = pair.loss;
      ties[i][j] = ties[j][i] = pair.tie;
    }
  }
  return {wins[0][1], ties[0][1], scorers::davidson(wins, ties).value().log_strength};
}

std::string describe(const RatingDesign& design) {
  return fmt::format("{} prompts, {} raters{}, {} each{}", design.prompts, design.raters,
                     design.unequal ? " (unequal)" : "", design.each,
                     design.models > 2 ? fmt::format(", {} models", design.models) : "");
}

std::string describe(const RatingLaw& law) {
  return fmt::format("lead {:g}, nu {:g}, prompts {:g}, raters {:g}", law.lead, law.nu, law.of_prompt, law.of_rater);
}

}  // namespace assay::simulate
