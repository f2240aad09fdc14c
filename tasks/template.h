// Prompt templates: text with fields in braces, checked when a task is loaded, so that rendering cannot meet a name
// that does not exist.
//
//   "{question|strip}\nA. {options[0]}\nAnswer:"
//
// Fields: those of the data, and {subset} {index} {id} {number} {options} {options[N]} {last_letter} {item} {letter}
// {option}, of which each kind of template has its own (docs/adding-a-task.md). "{{" and "}}" are braces. Filters run
// left to right: strip, lstrip, rstrip, removesuffix('x') (Python's), lower, replace('a', 'b'), after('x') (the text
// behind the last x; an error where there is none), and for {options} first('4') (no more than so many of them), and
// then join(' ') or lettered ("A. first\nB. second").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/format.h"

namespace assay::tasks {

// What a template may name.
struct Vocabulary {
  std::vector<std::string> fields;  // of the data
  std::vector<std::string> others;  // of the built-in names
};

class Template {
 public:
  // What a template is rendered from.
  struct Values {
    const datasets::Split* split = nullptr;
    size_t row = 0;
    int number = 1;         // {number}: position among the problems of the prompt, from 1
    int option = -1;        // {letter} and {option}: the right option in a shot, the scored one in a continuation
    std::string_view item;  // {item}: the rendered item, in a shot
  };

  Template() = default;
  // Error(kBadInput) beginning with `where` ("file:line: key") for an unknown name (the nearest is suggested), an
  // unknown filter, or an open brace.
  Template(std::string_view text, const Vocabulary& vocabulary, const std::string& where);

  // Error(kBadInput) with the data file and line where the row lacks what is asked (a fourth option, an answer).
  std::string render(const Values& values) const;
  bool uses(std::string_view name) const;

 private:
  enum class Filter { kStrip, kLstrip, kRstrip, kLower, kReplace, kRemoveSuffix, kAfter, kFirst, kJoin, kLettered };
  struct Call {
    Filter filter;
    std::vector<std::string> arguments;
  };
  struct Piece {
    std::string literal;  // before the field
    std::string name;     // empty: the template ends with the literal
    int index = -1;       // {options[index]}
    int most = 0;         // {options|first(most)}; 0: all
    std::vector<Call> calls;
  };
  class Parser;

  static std::string value_of(const Piece& piece, const Values& values);
  static std::string apply(const Piece& piece, const Call& call, std::string text, const Values& values);

  std::vector<Piece> pieces_;
};

// A.. for option 0..25; Error(kBadInput) with the data file and line beyond that.
char letter_of(int option, const Template::Values& values);

// "file:line" of the row, for messages.
std::string where_of(const Template::Values& values);

}  // namespace assay::tasks
