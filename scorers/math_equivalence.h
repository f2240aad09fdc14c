// The equality of answers of the MATH data set (Hendrycks et al. 2021, is_equiv) in the words of PROTOCOLS.md §6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::scorers {

// is_equiv's normalisation; nothing where a step of it is an error. Valid UTF-8.
std::optional<std::string> normalise_math(std::string_view text);

// Both sides normalised and compared as strings; where either side is none or in error, compared as they are. None
// equals none.
bool math_equivalent(const std::optional<std::string>& a, const std::optional<std::string>& b);

}  // namespace assay::scorers
