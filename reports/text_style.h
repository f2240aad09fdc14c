// What the terminal that a text is for can show.
#pragma once

#include <string>

namespace assay::reports {

struct TextStyle {
  bool unicode = true;  // else what is drawn is drawn in ASCII; names and answers keep their own characters
  bool colour = false;

  const char* ellipsis() const { return unicode ? "…" : "..."; }
  // `text` faint, green or red (SGR 2, 32, 31) where there is colour.
  std::string faint(const std::string& text) const { return with_colour(2, text); }
  std::string good(const std::string& text) const { return with_colour(32, text); }
  std::string bad(const std::string& text) const { return with_colour(31, text); }

 private:
  std::string with_colour(int code, const std::string& text) const {
    return colour && !text.empty() ? "\x1b[" + std::to_string(code) + "m" + text + "\x1b[0m" : text;
  }
};

}  // namespace assay::reports
