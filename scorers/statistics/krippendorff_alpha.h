// How far raters agree beyond chance, for any number of raters who each judged some of the items: K. Krippendorff 2011,
// "Computing Krippendorff's alpha-reliability", University of Pennsylvania.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace assay::scorers {

// How far two values are apart. With n_g the number of pairable values g:
enum class Scale {
  kNominal,   // 0 where they are equal, else 1
  kOrdinal,   // (Σ_{g=c..k} n_g − (n_c + n_k)/2)²
  kInterval,  // (c − k)²
};

// α = 1 − D_o/D_e from the coincidences o_ck = Σ over items of (pairs of values c and k of two raters) / (m−1), m the
// item's number of ratings; items with one rating have no pair and are left out. Rows are raters, columns items. 1: all
// agree; 0: as by chance; NaN where nothing varies or nothing was rated twice. Error(kBadInput) for rows of different
// lengths and a value that is not finite.
double krippendorff_alpha(std::span<const std::vector<std::optional<double>>> ratings, Scale scale);

}  // namespace assay::scorers
