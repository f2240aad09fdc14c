// Text from elsewhere made fit for one line of a report.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports {

// A code point that turns the direction of writing, and so could rearrange what stands around it (UAX 9).
bool turns_direction(char32_t c);

// The beginning of `text`: white space and line breaks become spaces; control characters, bytes that are not UTF-8,
// code points that stand for no character and those that turn the direction of writing become U+FFFD; what is beyond
// `longest` code points is cut off with "…". The result is UTF-8 that XML 1.0 may hold. Reads no more of `text` than it
// keeps.
std::string plain_line(std::string_view text, size_t longest);

}  // namespace assay::reports
