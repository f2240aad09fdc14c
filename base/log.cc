#include "base/log.h"

#include <cstdio>

namespace assay {
namespace {

// One call, so that lines of several threads stay whole. A standard error that nobody reads is no reason to stop.
void write_line(const std::string& line) {
  std::fputs(line.c_str(), stderr);
}

}  // namespace

void log_warning(std::string_view message) {
  write_line(fmt::format("assay: warning: {}\n", message));
}
void log_note(std::string_view message) {
  write_line(fmt::format("assay: {}\n", message));
}

}  // namespace assay
