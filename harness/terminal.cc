#include "harness/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/text.h"

namespace assay::harness {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string_view locale_name() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const std::string_view value = environment(name); !value.empty()) return value;
  }
  return "C";
}

}  // namespace

bool is_utf8_locale(std::string_view name) {
  return replace_all(python_lower(name), "-", "").find("utf8") != std::string::npos;
}

reports::TextStyle output_style() {
  reports::TextStyle style;
  style.unicode = is_utf8_locale(locale_name());
  style.colour = isatty(STDOUT_FILENO) != 0 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return style;
}

}  // namespace assay::harness
