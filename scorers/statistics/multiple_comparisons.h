// p-values of several tests, corrected for there being several: an adjusted p at or under α rejects at level α.
#pragma once

#include <span>
#include <vector>

namespace assay::scorers {

// Each returns one adjusted p for each p, in the same order, at most 1; none for none. p_(1) <= ... <= p_(m) are the
// sorted ones. Error(kBadInput), naming the position, for a p outside [0, 1] or NaN.

// The chance of any false rejection is at most α, whatever the dependence: m·p (Bonferroni).
std::vector<double> bonferroni(std::span<const double> p);

// The same promise, never rejecting less: max over j <= i of (m−j+1)·p_(j) (S. Holm 1979, "A simple sequentially
// rejective multiple test procedure", Scand. J. Stat. 6, 65-70).
std::vector<double> holm(std::span<const double> p);

// The expected share of false rejections among all is at most α, for independent or positively dependent tests:
// min over j >= i of m/j·p_(j) (Y. Benjamini, Y. Hochberg 1995, "Controlling the false discovery rate", JRSS B 57,
// 289-300).
std::vector<double> benjamini_hochberg(std::span<const double> p);

// The same for any dependence: m/j·p_(j) times 1 + 1/2 + ... + 1/m (Y. Benjamini, D. Yekutieli 2001, "The control of
// the false discovery rate in multiple testing under dependency", Ann. Stat. 29, 1165-1188).
std::vector<double> benjamini_yekutieli(std::span<const double> p);

}  // namespace assay::scorers
