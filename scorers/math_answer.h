// AGIEval's parse_math_answer in the words of PROTOCOLS.md §6: which part of a text is the answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace assay::scorers {

// Immutable, thread-safe, cheap to copy.
class MathAnswerParser {
 public:
  MathAnswerParser();
  // The answer in `text` (valid UTF-8), nothing where there is none. A minus sign is never part of a bare number.
  std::optional<std::string> parse(std::string_view text) const;

 private:
  struct Patterns;
  std::shared_ptr<const Patterns> patterns_;
};

}  // namespace assay::scorers
