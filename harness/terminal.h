// What standard output can show.
#pragma once

#include <string_view>

#include "reports/text_style.h"

namespace assay::harness {

// By the surroundings: the locale (the first of LC_ALL, LC_CTYPE and LANG that is set) decides between what Unicode and
// what ASCII draws. Colour only on a terminal, and neither where NO_COLOR is set nor where TERM is dumb.
reports::TextStyle output_style();

// Whether a locale's name says UTF-8: "C.UTF-8", "de_DE.utf8".
bool is_utf8_locale(std::string_view name);

}  // namespace assay::harness
