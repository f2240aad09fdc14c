// Text from elsewhere in Markdown, as GitHub and GitLab read it: no name, id or answer may become markup, HTML, a link,
// a mention, a reference to an issue or commit, or the end of a table's cell.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports {

// `text` as a code span, the one place where none of that is recognised: its fence is longer than any run of back ticks
// in it. Line breaks become spaces; control characters, bytes that are not UTF-8 and characters that turn the direction
// of writing become U+FFFD; what is beyond `longest` code points is cut off with "…". Empty text gives "–".
std::string markdown_code(std::string_view text, size_t longest);

// The same for a cell of a table, where '|' is written with a back slash before it.
std::string markdown_cell(std::string_view text, size_t longest);

}  // namespace assay::reports
