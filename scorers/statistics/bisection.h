// Root of a monotone function by halving, to the last bit: slow and sure, for quantiles and detectable differences.
#pragma once

namespace assay::scorers {

// The point of [low, high] where `is_left(x)`, true left of the root and false right of it, changes: two neighbouring
// doubles enclose it, and the right one is returned. Requires low < high, both finite.
template <typename Predicate>
double bisect(double low, double high, Predicate is_left) {
  while (true) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    (is_left(middle) ? low : high) = middle;
  }
}

}  // namespace assay::scorers
