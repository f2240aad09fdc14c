#include "tasks/template.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace assay::tasks {

class Template::Parser {
 public:
  Parser(std::string_view text, const Vocabulary& vocabulary, const std::string& where)
      : text_(text), vocabulary_(vocabulary), where_(where) {}

  std::vector<Piece> run() {
    std::vector<Piece> pieces(1);
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      const bool doubled = at_ < text_.size() && text_[at_] == c;
      if ((c == '{' || c == '}') && doubled) {
        pieces.back().literal += c;
        ++at_;
      } else if (c == '{') {
        parse_field(pieces.back());
        pieces.emplace_back();
      } else if (c == '}') {
        fail_input("{}: a \"}}\" without its \"{{\"; a brace as text is written twice", where_);
      } else {
        pieces.back().literal += c;
      }
    }
    return pieces;
  }

 private:
  std::string take_name() {
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void parse_field(Piece& piece) {
    piece.name = take_name();
    check_name(piece.name);
    if (take('[')) parse_index(piece);
    bool is_list = piece.name == "options" && piece.index < 0;
    while (take('|')) {
      Call call = parse_call();
      const bool shortens = call.filter == Filter::kFirst;
      const bool wants_list = shortens || call.filter == Filter::kJoin || call.filter == Filter::kLettered;
      if (wants_list != is_list) {
        fail_input("{}: {} in {{{}}} needs {}", where_, wants_list ? "a list filter" : "a text filter", piece.name,
                   wants_list ? "the whole list {options}" : "a text: use {options[N]}, join or lettered first");
      }
      if (shortens) {
        piece.most = parse_most(call.arguments[0]);
        continue;
      }
      is_list = false;
      piece.calls.push_back(std::move(call));
    }
    if (is_list)
      fail_input("{}: {{options}} is a list; write {{options[N]}}, {{options|join(' ')}} or {{options|lettered}}",
                 where_);
    if (!take('}'))
      fail_input("{}: the field {{{} is not closed by \"}}\"; a brace as text is written twice", where_, piece.name);
  }

  void check_name(const std::string& name) const {
    std::vector<std::string> known = vocabulary_.fields;
    known.insert(known.end(), vocabulary_.others.begin(), vocabulary_.others.end());
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    const std::string meant = nearest(name, known);
    if (!meant.empty()) fail_input("{}: there is no field {{{}}} here; did you mean {{{}}}?", where_, name, meant);
    fail_input("{}: there is no field {{{}}} here; there are: {}", where_, name, join(known, ", "));
  }

  void parse_index(Piece& piece) {
    if (piece.name != "options") fail_input("{}: only {{options[N]}} takes a number, not {{{}}}", where_, piece.name);
    const char* begin = text_.data() + at_;
    const auto parsed = std::from_chars(begin, text_.data() + text_.size(), piece.index);
    at_ += static_cast<size_t>(parsed.ptr - begin);
    if (parsed.ec != std::errc() || piece.index < 0 || !take(']')) {
      fail_input("{}: {{options[N]}} needs a number from 0", where_);
    }
  }

  int parse_most(const std::string& text) const {
    int most = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), most);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && most > 0) return most;
    fail_input("{}: first('N') needs a number from 1, not '{}'", where_, text);
  }

  Call parse_call() {
    struct Known {
      const char* name;
      Filter filter;
      size_t arguments;
    };
    static constexpr std::array<Known, 10> kKnown = {{{"strip", Filter::kStrip, 0},
                                                      {"lstrip", Filter::kLstrip, 0},
                                                      {"rstrip", Filter::kRstrip, 0},
                                                      {"removesuffix", Filter::kRemoveSuffix, 1},
                                                      {"lower", Filter::kLower, 0},
                                                      {"replace", Filter::kReplace, 2},
                                                      {"after", Filter::kAfter, 1},
                                                      {"first", Filter::kFirst, 1},
                                                      {"join", Filter::kJoin, 1},
                                                      {"lettered", Filter::kLettered, 0}}};
    const std::string name = take_name();
    std::vector<std::string> names;
    for (const Known& known : kKnown) {
      names.emplace_back(known.name);
      if (name != known.name) continue;
      Call call{known.filter, parse_arguments()};
      if (call.arguments.size() != known.arguments) {
        fail_input("{}: the filter {} takes {} arguments, not {}", where_, name, known.arguments,
                   call.arguments.size());
      }
      return call;
    }
    const std::string meant = nearest(name, names);
    fail_input("{}: there is no filter \"{}\"; {}", where_, name,
               meant.empty() ? "there are: " + join(names, ", ") : "did you mean \"" + meant + "\"?");
  }

  std::vector<std::string> parse_arguments() {
    std::vector<std::string> arguments;
    if (!take('(')) return arguments;
    do {
      while (take(' ')) {
      }
      if (!take('\'')) fail_input("{}: an argument of a filter is written in single quotes", where_);
      const size_t end = text_.find('\'', at_);
      if (end == std::string_view::npos) fail_input("{}: an argument of a filter is not closed by a quote", where_);
      arguments.emplace_back(text_.substr(at_, end - at_));
      at_ = end + 1;
    } while (take(','));
    if (!take(')')) fail_input("{}: the arguments of a filter are not closed by \")\"", where_);
    return arguments;
  }

  std::string_view text_;
  const Vocabulary& vocabulary_;
  const std::string& where_;
  size_t at_ = 0;
};

Template::Template(std::string_view text, const Vocabulary& vocabulary, const std::string& where)
    : pieces_(Parser(text, vocabulary, where).run()) {}

bool Template::uses(std::string_view name) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) { return piece.name == name; });
}

std::string where_of(const Template::Values& values) {
  return fmt::format("{}:{}", values.split->file, values.split->lines[values.row]);
}

char letter_of(int option, const Template::Values& values) {
  if (option >= 26)
    fail_input("{}: the item has more than 26 options, for which there are no letters", where_of(values));
  return static_cast<char>('A' + option);
}

std::string Template::value_of(const Piece& piece, const Values& values) {
  const datasets::Sample& sample = values.split->samples[values.row];
  const int options = static_cast<int>(sample.options.size());
  const std::string& name = piece.name;
  // A field of the data hides a built-in name.
  if (const auto field = sample.fields.find(name); field != sample.fields.end()) return field->second;
  if (name == "subset") return sample.subset;
  if (name == "index") return std::to_string(sample.index);
  if (name == "id") return sample.id;
  if (name == "number") return std::to_string(values.number);
  if (name == "item") return std::string(values.item);
  if (name == "options") {
    if (piece.index < 0) return {};  // the list itself: its first filter makes the text
    if (piece.index < options) return sample.options[static_cast<size_t>(piece.index)];
    fail_input("{}: the item has {} options, but the prompt shows option {}", where_of(values), options,
               piece.index + 1);
  }
  if (name == "last_letter") {
    if (options > 0) return {letter_of(options - 1, values)};
    fail_input("{}: the item has no options", where_of(values));
  }
  if (values.option < 0 || values.option >= options) {
    fail_input("{}: the item does not say which option is right", where_of(values));
  }
  if (name == "letter") return {letter_of(values.option, values)};
  return sample.options[static_cast<size_t>(values.option)];
}

namespace {

std::vector<std::string> shown_options(int most, const Template::Values& values) {
  std::vector<std::string> options = values.split->samples[values.row].options;
  if (most > 0 && options.size() > static_cast<size_t>(most)) options.resize(static_cast<size_t>(most));
  return options;
}

}  // namespace

std::string Template::apply(const Piece& piece, const Call& call, std::string text, const Values& values) {
  switch (call.filter) {
    case Filter::kStrip:
      return std::string(python_strip(text));
    case Filter::kLstrip:
      return std::string(python_lstrip(text));
    case Filter::kRstrip:
      return std::string(python_rstrip(text));
    case Filter::kLower:
      return python_lower(text);
    case Filter::kReplace:
      return replace_all(text, call.arguments[0], call.arguments[1]);
    case Filter::kAfter: {
      const size_t hit = text.rfind(call.arguments[0]);
      if (hit != std::string::npos) return text.substr(hit + call.arguments[0].size());
      fail_input("{}: the text has no \"{}\"", where_of(values), call.arguments[0]);
    }
    case Filter::kRemoveSuffix:
      if (text.ends_with(call.arguments[0])) text.resize(text.size() - call.arguments[0].size());
      return text;
    case Filter::kFirst:  // Piece::most
      return text;
    case Filter::kJoin:
      return join(shown_options(piece.most, values), call.arguments[0]);
    case Filter::kLettered: {
      const std::vector<std::string> options = shown_options(piece.most, values);
      std::string lines;
      for (size_t i = 0; i < options.size(); ++i) {
        if (i > 0) lines += '\n';
        lines += letter_of(static_cast<int>(i), values);
        lines += ". " + options[i];
      }
      return lines;
    }
  }
  return text;
}

std::string Template::render(const Values& values) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    text += piece.literal;
    if (piece.name.empty()) continue;
    std::string value = value_of(piece, values);
    for (const Call& call : piece.calls) value = apply(piece, call, std::move(value), values);
    text += value;
  }
  return text;
}

}  // namespace assay::tasks
