#include "engine/tokenizer/split_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <new>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

// PCRE2's \s takes U+180E and its \w takes other marks and connectors than Oniguruma's: both are written out, as
// Unicode properties. \h is a hexadecimal digit in Oniguruma.
std::string escape_for_pcre2(char letter, bool in_class, std::string_view pattern, const std::string& source) {
  switch (letter) {
    case 's':
      return "\\p{White_Space}";
    case 'S':
      return "\\P{White_Space}";
    case 'w':
      return in_class ? "\\p{L}\\p{M}\\p{Nd}\\p{Pc}" : "[\\p{L}\\p{M}\\p{Nd}\\p{Pc}]";
    case 'W':
      if (!in_class) return "[^\\p{L}\\p{M}\\p{Nd}\\p{Pc}]";
      break;
    case 'h':
      return in_class ? "0-9a-fA-F" : "[0-9a-fA-F]";
    case 'H':
      if (!in_class) return "[^0-9a-fA-F]";
      break;
    default:
      return std::string("\\") + letter;
  }
  fail_input("{}: \\{} inside a class is not supported in the expression {}", source, letter, printable(pattern));
}

std::string to_pcre2(std::string_view pattern, const std::string& source) {
  std::string result;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      result += escape_for_pcre2(pattern[++i], in_class, pattern, source);
      continue;
    }
    if (pattern[i] == '[') in_class = true;
    if (pattern[i] == ']') in_class = false;
    result += pattern[i];
  }
  return result;
}

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

std::string reason(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

}  // namespace

struct SplitPattern::Scratch::State {
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  State() {
    if (data == nullptr) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { pcre2_match_data_free(data); }
};

SplitPattern::Scratch::Scratch() : state_(std::make_unique<State>()) {}
SplitPattern::Scratch::~Scratch() = default;
SplitPattern::Scratch::Scratch(Scratch&&) noexcept = default;
SplitPattern::Scratch& SplitPattern::Scratch::operator=(Scratch&&) noexcept = default;

struct SplitPattern::Code {
  std::string source;
  std::string pattern;
  bool literal = false;
  bool compiled_to_machine_code = false;
  pcre2_code* code = nullptr;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }

  bool search(std::string_view text, size_t from, pcre2_match_data* data, SplitRange& match) const {
    const int count = compiled_to_machine_code
                          ? pcre2_jit_match(code, units(text), text.size(), from, PCRE2_NO_UTF_CHECK, data, nullptr)
                          : pcre2_match(code, units(text), text.size(), from, PCRE2_NO_UTF_CHECK, data, nullptr);
    if (count == PCRE2_ERROR_NOMATCH) return false;
    if (count < 0) fail_input("{}: the expression {} failed: {}", source, printable(pattern), reason(count));
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data);
    match = {range[0], range[1]};
    return true;
  }
};

SplitPattern::SplitPattern(std::string_view pattern, bool literal, const std::string& source)
    : code_(std::make_unique<Code>()) {
  code_->source = source;
  code_->pattern = pattern;
  code_->literal = literal;
  if (literal) return;
  const std::string translated = to_pcre2(pattern, source);
  int error = 0;
  PCRE2_SIZE place = 0;
  // MULTILINE: in Ruby's syntax ^ and $ always match at line ends. NEVER_BACKSLASH_C: \C would cut inside a code point.
  code_->code =
      pcre2_compile(units(translated), translated.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error, &place, nullptr);
  if (code_->code == nullptr) {
    fail_input("{}: the expression {} does not compile: {}", source, printable(pattern), reason(error));
  }
  code_->compiled_to_machine_code = pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE) == 0;
}

SplitPattern::~SplitPattern() = default;
SplitPattern::SplitPattern(SplitPattern&&) noexcept = default;
SplitPattern& SplitPattern::operator=(SplitPattern&&) noexcept = default;

bool SplitPattern::next(std::string_view text, size_t from, Scratch& scratch, SplitRange& match) const {
  if (code_->literal) {
    const size_t hit = code_->pattern.empty() ? std::string_view::npos : text.find(code_->pattern, from);
    match = {hit, hit + code_->pattern.size()};
    return hit != std::string_view::npos;
  }
  size_t at = from;
  while (code_->search(text, at, scratch.state_->data, match)) {
    // \K inside a look-ahead may put the end before the start.
    if (match.end < match.begin || match.begin < from) {
      fail_input("{}: the expression {} matches backwards", code_->source, printable(code_->pattern));
    }
    if (match.begin != match.end || match.begin != from) return true;
    if (at >= text.size()) return false;
    next_code_point(text, at);
  }
  return false;
}

}  // namespace assay::engine
