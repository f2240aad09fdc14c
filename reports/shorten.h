// Text from elsewhere made fit for so many columns of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/text_style.h"

namespace assay::reports {

// The columns that no line of a report in a terminal exceeds.
inline constexpr size_t kTerminalColumns = 80;

// plain_line() of the whole text, with at most eight marks on one character: nothing in it moves the cursor, ends a
// line or turns the direction of writing.
std::string harmless(std::string_view text);

// harmless() text of at most `columns` columns. What is left out is marked by the ellipsis of `style`, which stands at
// the end, in the middle or at the beginning, behind the text's indentation.
enum class Cut { kEnd, kMiddle, kBeginning };
std::string shortened(std::string_view text, size_t columns, Cut cut, const TextStyle& style = {});

// Each of them shortened, in the first of these ways that keeps apart what is not the same: the middle, the beginning
// or the end of each left out. Where none does, the texts that look like an earlier one end in "~2", "~3", ...
std::vector<std::string> shortened_apart(const std::vector<std::string>& texts, size_t columns,
                                         const TextStyle& style = {});

// A model by the end of its path, with as many folders as there is room for: "…/run-7/step-2000". Its last part alone
// loses its middle where it is too long.
std::string shortened_model(std::string_view model, size_t columns, const TextStyle& style = {});

}  // namespace assay::reports
