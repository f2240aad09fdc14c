// Cuts normalised text into the pieces that byte-pair encoding never merges across.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/definition.h"
#include "engine/tokenizer/split_pattern.h"

namespace assay::engine {

// Immutable and thread-safe; each thread brings its own Scratch.
class PreTokenizer {
 public:
  struct Piece {
    std::string_view text;
    bool first = false;  // it begins where the whole text begins
  };
  struct Scratch {
    std::vector<Piece> pieces;
    std::vector<Piece> next;
    std::deque<std::string> changed;  // texts that steps made; pieces point into them
    SplitPattern::Scratch match;
  };

  PreTokenizer(const std::vector<PreTokenizerStep>& steps, const std::string& source);

  // The pieces of `text`, none empty; `at_start`: it is the beginning of the whole text. Valid until the next call and
  // as long as `text` is.
  const std::vector<Piece>& split(std::string_view text, bool at_start, Scratch& scratch) const;

 private:
  struct Step {
    PreTokenizerStep definition;
    SplitPattern pattern;
  };
  static void split_at_matches(const Step& step, const Piece& piece, Scratch& scratch);

  std::vector<Step> steps_;
};

}  // namespace assay::engine
