// Ratings by people whose leanings are known: which model a prompt suits, which one a rater likes, and how readily he
// calls two responses equal.
#pragma once

#include <string>
#include <vector>

#include "scorers/statistics/davidson_clustered.h"
#include "tests/simulate/draw.h"

namespace assay::simulate {

struct RatingDesign {
  int prompts = 100;
  int raters = 8;
  int each = 2;          // raters of a prompt, all different
  bool unequal = false;  // the busiest rater does about five times what the idlest does
  int models = 2;        // more than two: each rating is of a pair drawn at random
};

// Davidson's law for every single rating. The difference of two models has `lead` (times how far they are apart), an
// effect of the prompt and one of the rater; log ν has an effect of the rater. All effects are normal.
struct RatingLaw {
  double lead = 0;
  double nu = 1;
  double of_prompt = 1;  // standard deviations
  double of_rater = 0;   // of both his leanings
};

std::vector<scorers::PairRating> draw_ratings(const RatingDesign& design, const RatingLaw& law, Random& random);

// What the ratings of all prompts by all people would give.
struct RatingTruth {
  double win = 0;  // of model 0 against model 1
  double tie = 0;
  std::vector<double> log_strength;
};
RatingTruth truth_of(const RatingDesign& design, const RatingLaw& law);

// "100 prompts, 8 raters, 2 each"
std::string describe(const RatingDesign& design);
std::string describe(const RatingLaw& law);

}  // namespace assay::simulate
