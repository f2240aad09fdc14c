#include "tasks/toml_table.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace assay::tasks {
namespace {

std::string type_name(const toml::node& node) {
  std::ostringstream name;
  name << node.type();
  return name.str();
}

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

nlohmann::json json_of(const toml::node& node, const std::string& where) {
  if (const auto* table = node.as_table()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = json_of(value, where);
    return object;
  }
  if (const auto* array = node.as_array()) {
    nlohmann::json list = nlohmann::json::array();
    for (const toml::node& element : *array) list.push_back(json_of(element, where));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  fail_input("{}: a {} has no place here", where, type_name(node));
}

// The parser bounds brackets but not dotted keys, and a tree of a hundred thousand levels overflows the stack when it
// is destroyed. Skips strings and comments as TOML writes them.
void check_key_depth(std::string_view text, const std::string& file) {
  constexpr int kMostDots = 32;
  int dots = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::string close(text.substr(i, 3) == std::string(3, c) ? 3 : 1, c);
      for (i += close.size(); i < text.size() && text.substr(i, close.size()) != close; ++i) {
        if (c == '"' && text[i] == '\\') ++i;
      }
      i += close.size() - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      dots = 0;
    } else if (c == '.') {
      if (++dots > kMostDots) fail_input("{}: a key has more than {} dots", file, kMostDots);
    } else if (c == '\n' || c == '=' || c == ',') {
      dots = 0;
    }
  }
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& file) {
  if (!is_valid_utf8(text)) fail_input("{}: the file is not valid UTF-8", file);
  check_key_depth(text, file);
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    fail_input("{}:{}:{}: the file is not valid TOML: {}", file, error.source().begin.line, error.source().begin.column,
               error.description());
  }
}

std::string TomlTable::full(std::string_view key) const {
  return path_.empty() ? std::string(key) : key.empty() ? path_ : fmt::format("{}.{}", path_, key);
}

std::string TomlTable::where(std::string_view key) const {
  const toml::node* node = table_->get(key);
  const int line = node != nullptr ? line_of(*node) : line_of(*table_);
  const std::string name = full(key);
  return line > 0 && !name.empty() ? fmt::format("{}:{}: {}", file_, line, name) : fmt::format("{}: {}", file_, name);
}

void TomlTable::only_keys(const std::vector<std::string>& known) const {
  for (const auto& [key, value] : *table_) {
    const std::string name(key.str());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    if (!meant.empty()) fail_input("{}: there is no such key; did you mean \"{}\"?", where(name), meant);
    fail_input("{}: there is no such key; there are: {}", where(name), join(known, ", "));
  }
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> placed;
  for (const auto& [key, value] : *table_) placed.emplace_back(key.source().begin, std::string(key.str()));
  std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (auto& [position, name] : placed) names.push_back(std::move(name));
  return names;
}

const toml::node& TomlTable::node(std::string_view key) const {
  const toml::node* found = table_->get(key);
  if (found == nullptr) fail_input("{}: is missing", where(key));
  return *found;
}

void TomlTable::wrong_type(std::string_view key, std::string_view wanted, const toml::node& found) const {
  fail_input("{}: must be {}, but is of type {}", where(key), wanted, type_name(found));
}

std::string TomlTable::text(std::string_view key) const {
  const toml::node& found = node(key);
  if (const auto* text = found.as_string()) return text->get();
  wrong_type(key, "a string", found);
}

std::string TomlTable::text(std::string_view key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

int TomlTable::integer(std::string_view key, int least, int most) const {
  const toml::node& found = node(key);
  const auto* integer = found.as_integer();
  if (integer == nullptr) wrong_type(key, "an integer", found);
  if (integer->get() < least || integer->get() > most) {
    fail_input("{}: must be from {} to {}, but is {}", where(key), least, most, integer->get());
  }
  return static_cast<int>(integer->get());
}

int TomlTable::integer(std::string_view key, int least, int most, int otherwise) const {
  return has(key) ? integer(key, least, most) : otherwise;
}

bool TomlTable::boolean(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const toml::node& found = node(key);
  if (const auto* boolean = found.as_boolean()) return boolean->get();
  wrong_type(key, "true or false", found);
}

void TomlTable::append_text(std::vector<std::string>& texts, std::string_view key, const toml::node& node,
                            bool numbers) const {
  if (const auto* text = node.as_string()) {
    texts.push_back(text->get());
  } else if (const auto* integer = node.as_integer(); integer != nullptr && numbers && integer->get() >= 0) {
    texts.push_back(std::to_string(integer->get()));
  } else {
    wrong_type(key, numbers ? "made of strings and column numbers from 0" : "made of strings", node);
  }
}

std::vector<std::string> TomlTable::list(std::string_view key, bool numbers) const {
  std::vector<std::string> texts;
  if (!has(key)) return texts;
  const toml::node& found = node(key);
  if (const auto* array = found.as_array()) {
    for (const toml::node& element : *array) append_text(texts, key, element, numbers);
  } else {
    append_text(texts, key, found, numbers);
  }
  return texts;
}

std::vector<std::string> TomlTable::texts(std::string_view key) const {
  return list(key, false);
}
std::vector<std::string> TomlTable::places(std::string_view key) const {
  return list(key, true);
}

std::string TomlTable::choice(std::string_view key, const std::vector<std::string>& choices) const {
  const std::string value = text(key, choices.front());
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  const std::string meant = nearest(value, choices);
  if (!meant.empty()) fail_input("{}: is \"{}\"; did you mean \"{}\"?", where(key), value, meant);
  fail_input("{}: is \"{}\"; it must be one of: {}", where(key), value, join(choices, ", "));
}

TomlTable TomlTable::table(std::string_view key) const {
  if (!has(key)) fail_input("{}: the table [{}] is missing", file_, full(key));
  const toml::node& found = node(key);
  if (const auto* table = found.as_table()) return {*table, file_, full(key)};
  wrong_type(key, "a table", found);
}

nlohmann::json TomlTable::as_json() const {
  return json_of(*table_, where(""));
}

toml::table merged(const toml::table& base, const toml::table& changes) {
  toml::table result = base;
  for (const auto& [key, value] : changes) {
    const auto* below = result.get_as<toml::table>(key.str());
    if (below != nullptr && value.is_table()) {
      result.insert_or_assign(key, merged(*below, *value.as_table()));
    } else {
      result.insert_or_assign(key, value);
    }
  }
  return result;
}

}  // namespace assay::tasks
