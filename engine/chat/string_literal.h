// Strings as a template writes them: Python's escapes.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine::chat {

// The value of what stands between the quotes: \n, \t, \\, \', \", \xHH, \uHHHH, \UHHHHHHHH, octal digits and the rest
// of Python's; a backslash before anything else stays. TemplateError for a number cut short, and for \N{...}.
std::string string_literal(std::string_view written, int line);

}  // namespace assay::engine::chat
