// Lines for the person at the terminal, on standard error. Thread-safe.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace assay {

// "assay: warning: ..." on standard error, one line.
void log_warning(std::string_view message);
// "assay: ..." on standard error, one line.
void log_note(std::string_view message);

}  // namespace assay
