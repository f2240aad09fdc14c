// A pre-tokenizer's expression on PCRE2 with its just-in-time compiler. base/regex.h is the plain interface; this one
// exists for speed: no allocation and no UTF-8 check in a search.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace assay::engine {

struct SplitRange {
  size_t begin = 0;
  size_t end = 0;
};

// Immutable and thread-safe; each thread brings its own Scratch.
class SplitPattern {
 public:
  struct Code;
  class Scratch {
   public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;

   private:
    friend class SplitPattern;
    struct State;
    std::unique_ptr<State> state_;
  };

  // A regular expression in Oniguruma's (Ruby's) syntax as far as tokenizer files use it, or literal text. White space,
  // digits and word characters are Unicode's. Error(kBadInput), naming `source`, for an expression that does not
  // compile.
  SplitPattern(std::string_view pattern, bool literal, const std::string& source);
  ~SplitPattern();
  SplitPattern(SplitPattern&&) noexcept;
  SplitPattern& operator=(SplitPattern&&) noexcept;

  // The next match at or after `from`; false where there is none. `text` is valid UTF-8. An empty match is never
  // returned where the one before ended. Error(kBadInput) where the expression needs too many steps.
  bool next(std::string_view text, size_t from, Scratch& scratch, SplitRange& match) const;

 private:
  std::unique_ptr<Code> code_;
};

}  // namespace assay::engine
