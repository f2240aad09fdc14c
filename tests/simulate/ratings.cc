// How often the 95 % intervals of people's ratings hold the truth: shares of wins and ties, the preference score, and
// differences of log strengths.
#include <fmt/format.h>

#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/davidson_clustered.h"
#include "scorers/statistics/mean_test.h"
#include "scorers/statistics/two_way_clustered_share.h"
#include "tests/simulate/draw_ratings.h"
#include "tests/simulate/repeat.h"

namespace assay::simulate {
namespace {

using scorers::Interval;
using scorers::PairRating;
using scorers::Verdict;

const char* const kTable = "coverage of 95 % intervals of ratings";
constexpr double kSmallest = 0.93;
constexpr double kLargest = 0.985;

bool holds(const Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

std::vector<RatingDesign> designs(const Size& size) {
  if (size.reduced) return {{100, 8, 2, false, 2}};
  return {{50, 3, 1, false, 2},  {100, 3, 3, false, 2},  {150, 5, 2, true, 2},
          {50, 8, 1, false, 2},  {100, 8, 3, false, 2},  {150, 8, 2, true, 2},
          {50, 20, 1, false, 2}, {100, 20, 3, false, 2}, {150, 20, 2, true, 2}};
}

std::vector<RatingLaw> laws(const Size& size) {
  if (size.reduced) return {{0.5, 0.8, 1, 0.4}};
  return {{0.5, 0.8, 1, 0}, {0.5, 0.8, 1, 0.4}, {0.5, 0.8, 1, 0.8}, {2.5, 0.3, 1, 0.4}};
}

// The columns of two models' ratings that are shares.
struct Columns {
  std::vector<double> win;
  std::vector<double> tie;
  std::vector<double> score;
  std::vector<int> prompt;
  std::vector<int> rater;
};

Columns columns_of(const std::vector<PairRating>& ratings) {
  Columns result;
  for (const PairRating& r : ratings) {
    result.win.push_back(r.verdict == Verdict::kWin ? 1 : 0);
    result.tie.push_back(r.verdict == Verdict::kTie ? 1 : 0);
    result.score.push_back(result.win.back() + result.tie.back() / 2);
    result.prompt.push_back(r.prompt);
    result.rater.push_back(r.rater);
  }
  return result;
}

// With fewer than five raters no interval is sure of how much raters differ, and with 50 ratings in all the outcomes
// are few: then it covers more.
Row coverage_row(const Size& size, const RatingDesign& design, const std::string& what, double share,
                 const std::string& of) {
  const bool below = design.raters >= 5;
  const bool above = design.raters >= 8 && design.prompts >= 100;
  return make_row(size, kTable, of + "; " + what, share, below ? kSmallest : 0, above ? kLargest : 1);
}

}  // namespace

std::vector<Row> ratings_of_two(const Size& size) {
  std::vector<Row> rows;
  for (const RatingDesign& design : designs(size)) {
    for (const RatingLaw& law : laws(size)) {
      const RatingTruth truth = truth_of(design, law);
      const std::string what = describe(design) + "; " + describe(law);
      const std::vector<double> held = shares(size, what, 5, [&](Random& random, std::vector<bool>& held_here) {
        const std::vector<PairRating> ratings = draw_ratings(design, law, random);
        const Columns c = columns_of(ratings);
        const auto interval = [&](const std::vector<double>& values) {
          return scorers::two_way_clustered_share(values, c.prompt, c.rater).interval;
        };
        held_here[0] = holds(interval(c.win), truth.win);
        held_here[1] = holds(interval(c.tie), truth.tie);
        held_here[2] = holds(interval(c.score), truth.win + truth.tie / 2);
        const scorers::ClusteredMean by_prompt = scorers::clustered_mean(c.score, c.prompt);
        held_here[4] = holds(scorers::mean_interval(by_prompt.mean, by_prompt.stderr_, by_prompt.freedom),
                             truth.win + truth.tie / 2);
        // Where strengths have no finite maximum nothing is claimed.
        const auto fit = scorers::davidson_clustered(2, ratings);
        held_here[3] = !fit || holds(fit->differences[0][1].interval, truth.log_strength[0] - truth.log_strength[1]);
      });
      const char* const columns[] = {"wins", "ties", "score", "strength"};
      for (size_t i = 0; i < 4; ++i) rows.push_back(coverage_row(size, design, what, held[i], columns[i]));
      rows.push_back(make_row(size, kTable, "score; " + what, held[4], 0, 1, "by prompt alone, ignores the raters"));
    }
  }
  return rows;
}

std::vector<Row> ratings_of_four(const Size& size) {
  std::vector<Row> rows;
  for (RatingDesign design : designs(size)) {
    if (design.prompts < 100) continue;
    design.models = 4;
    for (const RatingLaw& law : {RatingLaw{0.3, 0.8, 1, 0}, RatingLaw{0.3, 0.8, 1, 0.4}, RatingLaw{0.3, 0.8, 1, 0.8}}) {
      if (size.reduced && law.of_rater != 0.4) continue;
      const RatingTruth truth = truth_of(design, law);
      const std::string what = describe(design) + "; " + describe(law);
      const std::vector<double> held = shares(size, what, 2, [&](Random& random, std::vector<bool>& held_here) {
        const auto fit = scorers::davidson_clustered(4, draw_ratings(design, law, random));
        for (size_t i = 0; i < 2; ++i) {
          const size_t other = i == 0 ? 1 : 3;
          held_here[i] =
              !fit || holds(fit->differences[0][other].interval, truth.log_strength[0] - truth.log_strength[other]);
        }
      });
      rows.push_back(coverage_row(size, design, what, held[0], "neighbours"));
      rows.push_back(coverage_row(size, design, what, held[1], "first and last"));
    }
  }
  return rows;
}

}  // namespace assay::simulate
