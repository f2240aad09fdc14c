#include "engine/tokenizer/pre_tokenizer.h"

#include <utility>

#include "base/text.h"

namespace assay::engine {
namespace {

using Piece = PreTokenizer::Piece;

// Turns the stretches of one piece, matching and not, into pieces as the behaviour says.
class Cutter {
 public:
  Cutter(const Piece& piece, SplitBehaviour behaviour, std::vector<Piece>& out)
      : piece_(piece), behaviour_(behaviour), out_(out) {}

  void add(SplitRange range, bool is_match) {
    switch (behaviour_) {
      case SplitBehaviour::kIsolated:
        emit(range);
        break;
      case SplitBehaviour::kRemoved:
        if (!is_match) emit(range);
        break;
      case SplitBehaviour::kContiguous:
        join_if(open_ && is_match == previous_match_, range);
        break;
      case SplitBehaviour::kMergedWithPrevious:
        join_if(open_ && is_match && !previous_match_, range);
        break;
      case SplitBehaviour::kMergedWithNext:
        join_if(open_ && !is_match && previous_match_, range);
        break;
    }
    previous_match_ = is_match;
  }
  void finish() {
    if (open_) emit(pending_);
  }

 private:
  void emit(SplitRange range) {
    if (range.begin == range.end) return;
    out_.push_back({piece_.text.substr(range.begin, range.end - range.begin), piece_.first && range.begin == 0});
  }
  void join_if(bool join, SplitRange range) {
    if (join) {
      pending_.end = range.end;
      return;
    }
    if (open_) emit(pending_);
    pending_ = range;
    open_ = true;
  }

  const Piece& piece_;
  SplitBehaviour behaviour_;
  std::vector<Piece>& out_;
  SplitRange pending_;
  bool open_ = false;
  bool previous_match_ = false;
};

}  // namespace

PreTokenizer::PreTokenizer(const std::vector<PreTokenizerStep>& steps, const std::string& source) {
  for (const PreTokenizerStep& step : steps) {
    const bool literal = step.kind != PreTokenizerStep::Kind::kSplit || step.literal;
    steps_.push_back({step, SplitPattern(step.pattern, literal, source)});
  }
}

void PreTokenizer::split_at_matches(const Step& step, const Piece& piece, Scratch& scratch) {
  Cutter cutter(piece, step.definition.behaviour, scratch.next);
  const bool invert = step.definition.invert;
  size_t done = 0;
  SplitRange match;
  while (step.pattern.next(piece.text, done, scratch.match, match)) {
    if (match.begin > done) cutter.add({done, match.begin}, invert);
    cutter.add(match, !invert);
    done = match.end;
  }
  if (done < piece.text.size()) cutter.add({done, piece.text.size()}, invert);
  cutter.finish();
}

const std::vector<Piece>& PreTokenizer::split(std::string_view text, bool at_start, Scratch& scratch) const {
  scratch.changed.clear();
  scratch.pieces.clear();
  if (!text.empty()) scratch.pieces.push_back({text, at_start});
  for (const Step& step : steps_) {
    scratch.next.clear();
    for (const Piece& piece : scratch.pieces) {
      switch (step.definition.kind) {
        case PreTokenizerStep::Kind::kSplit:
          split_at_matches(step, piece, scratch);
          break;
        case PreTokenizerStep::Kind::kPrefix:
          if (piece.text.starts_with(step.definition.to) || (step.definition.first_only && !piece.first)) {
            scratch.next.push_back(piece);
          } else {
            scratch.changed.push_back(step.definition.to + std::string(piece.text));
            scratch.next.push_back({scratch.changed.back(), piece.first});
          }
          break;
        case PreTokenizerStep::Kind::kReplace:
          scratch.changed.push_back(replace_all(piece.text, step.definition.pattern, step.definition.to));
          if (!scratch.changed.back().empty()) scratch.next.push_back({scratch.changed.back(), piece.first});
          break;
      }
    }
    std::swap(scratch.pieces, scratch.next);
  }
  return scratch.pieces;
}

}  // namespace assay::engine
