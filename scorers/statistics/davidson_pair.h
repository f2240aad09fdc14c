// One comparison under Davidson's model (davidson.h), as a multinomial law in its two numbers d and log ν.
#pragma once

namespace assay::scorers {

// Of the first model, as a person judges two responses.
enum class Verdict { kWin, kTie, kLoss };

// With d = log π_i − log π_j the three chances are proportional to e^(d/2), ν and e^(−d/2).
struct DavidsonPair {
  double win = 0;
  double tie = 0;
  double loss = 0;

  // The log-likelihood's derivative by d and by log ν, for one verdict.
  double slope(Verdict verdict) const;
  double slope_of_tie(Verdict verdict) const;
  // Minus its second derivatives, which the verdict does not change.
  double information() const { return (win + loss) / 4 - (win - loss) * (win - loss) / 4; }
  double information_with_tie() const { return -tie * (win - loss) / 2; }
  double information_of_tie() const { return tie * (1 - tie); }
};

// log_nu −infinity: no ties (Bradley and Terry).
DavidsonPair davidson_pair(double difference, double log_nu);

}  // namespace assay::scorers
