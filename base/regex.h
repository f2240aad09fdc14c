// Regular expressions on PCRE2 (UTF-8, Unicode properties off unless asked for), compiled once, matched often.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct RegexOptions {
  bool unicode_classes = false;  // \s, \d, \w and POSIX classes by Unicode property
  bool ignore_case = false;
};

// Thread-safe for matching. `text` must be valid UTF-8; text that is not: Error(kBadInput).
class Regex {
 public:
  struct Span {
    size_t begin = 0;
    size_t end = 0;
    bool matched = false;
  };
  // Group 0 is the whole match; groups that took no part have matched == false.
  using Match = std::vector<Span>;

  // Throws Error(kBadInput) with the expression, the place and PCRE2's reason.
  explicit Regex(std::string_view pattern, RegexOptions options = {});
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // First match at or after `from`; empty vector when there is none.
  Match search(std::string_view text, size_t from = 0) const;
  // Python's finditer: leftmost, not overlapping, an empty match allowed directly behind a non-empty one.
  std::vector<Match> find_all(std::string_view text) const;
  // re.sub(pattern, "", text)
  std::string erase_all(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace assay
