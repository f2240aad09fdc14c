// Wilson's score interval of a proportion (E. B. Wilson 1927, "Probable inference, the law of succession, and
// statistical inference", JASA 22, 209-212).
#pragma once

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// (p + z²/2n ± z·sqrt(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = successes / n. It stays inside [0, 1] and has a width also
// where p is 0 or 1. Requires n >= 1 and 0 <= successes <= n.
Interval wilson_interval(double successes, double n, double z = kZ95);

}  // namespace assay::scorers
