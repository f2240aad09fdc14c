#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"
#include "base/text.h"

namespace assay {
namespace {

std::string reason(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

struct MatchDataDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
using MatchData = std::unique_ptr<pcre2_match_data, MatchDataDeleter>;

}  // namespace

struct Regex::Compiled {
  std::string pattern;
  pcre2_code* code = nullptr;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { pcre2_code_free(code); }

  // `flags` are PCRE2's match options. The text is checked for UTF-8 by the caller, once.
  Match match(pcre2_match_data* data, std::string_view text, size_t from, uint32_t flags) const {
    flags |= PCRE2_NO_UTF_CHECK;
    int count = pcre2_match(code, units(text), text.size(), from, flags, data, nullptr);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT) {  // the interpreter backtracks on the heap, which is larger
      count = pcre2_match(code, units(text), text.size(), from, flags | PCRE2_NO_JIT, data, nullptr);
    }
    if (count == PCRE2_ERROR_NOMATCH) return {};
    if (count < 0) fail_input("regular expression {}: {}", printable(pattern), reason(count));
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data);
    Match groups(pcre2_get_ovector_count(data));
    for (int i = 0; i < count; ++i) {
      if (offsets[2 * i] != PCRE2_UNSET) groups[i] = {offsets[2 * i], offsets[2 * i + 1], true};
    }
    return groups;
  }

  void require_utf8(std::string_view text) const {
    if (!is_valid_utf8(text)) fail_input("regular expression {}: the text is not valid UTF-8", printable(pattern));
  }
};

Regex::Regex(std::string_view pattern, RegexOptions options) : compiled_(std::make_unique<Compiled>()) {
  compiled_->pattern = pattern;
  // As in Python, ^ with (?m) matches behind a newline at the very end too.
  uint32_t flags = PCRE2_UTF | PCRE2_ALT_CIRCUMFLEX;
  if (options.unicode_classes) flags |= PCRE2_UCP;
  if (options.ignore_case) flags |= PCRE2_CASELESS;
  int error = 0;
  PCRE2_SIZE place = 0;
  compiled_->code = pcre2_compile(units(compiled_->pattern), pattern.size(), flags, &error, &place, nullptr);
  if (compiled_->code == nullptr) {
    fail_input("regular expression {}: {} at byte {}", printable(pattern), reason(error), place);
  }
  pcre2_jit_compile(compiled_->code, PCRE2_JIT_COMPLETE);  // only speed: matching works without it
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Regex::Match Regex::search(std::string_view text, size_t from) const {
  compiled_->require_utf8(text);
  if (from > text.size()) return {};
  const MatchData data(pcre2_match_data_create_from_pattern(compiled_->code, nullptr));
  return compiled_->match(data.get(), text, from, 0);
}

std::vector<Regex::Match> Regex::find_all(std::string_view text) const {
  compiled_->require_utf8(text);
  const MatchData data(pcre2_match_data_create_from_pattern(compiled_->code, nullptr));
  std::vector<Match> matches;
  size_t from = 0;
  uint32_t flags = 0;
  while (from <= text.size()) {
    Match match = compiled_->match(data.get(), text, from, flags);
    if (match.empty()) {
      if (flags == 0) break;
      // After an empty match nothing non-empty starts here either: step over one code point.
      flags = 0;
      if (from >= text.size()) break;
      next_code_point(text, from);
      continue;
    }
    from = match[0].end;
    // Python 3.7: after an empty match, the next may not be empty at the same place.
    flags = match[0].begin == match[0].end ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED : 0;
    matches.push_back(std::move(match));
  }
  return matches;
}

std::string Regex::erase_all(std::string_view text) const {
  std::string kept;
  size_t from = 0;
  for (const Match& match : find_all(text)) {
    kept += text.substr(from, match[0].begin - from);
    from = match[0].end;
  }
  kept += text.substr(from);
  return kept;
}

}  // namespace assay
