#include "base/log.h"

#include <cstdio>

namespace assay {

void log_warning(std::string_view message) { fmt::print(stderr, "assay: warning: {}\n", message); }
void log_note(std::string_view message) { fmt::print(stderr, "assay: {}\n", message); }

}  // namespace assay
