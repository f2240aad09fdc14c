#include "scorers/spec_reader.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace assay::scorers {
namespace {

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  const std::string list = "known: " + join(known, ", ");
  return near.empty() ? list : fmt::format("did you mean {}? ({})", near, list);
}

}  // namespace

SpecReader::SpecReader(const nlohmann::json& table, std::string where) : table_(&table), where_(std::move(where)) {
  if (!table.is_object()) fail_input("{}: expected a table, found {}", where_, table.type_name());
}

const nlohmann::json* SpecReader::find(const std::string& key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  const auto found = table_->find(key);
  return found == table_->end() ? nullptr : &*found;
}

void SpecReader::wrong(const std::string& key, const std::string& expected) const {
  const auto found = table_->find(key);
  fail_input("{}: key {} must be {}, found {}", where_, key, expected,
             found == table_->end() ? "nothing" : found->type_name());
}

bool SpecReader::has(const std::string& key) {
  return find(key) != nullptr;
}

std::string SpecReader::text(const std::string& key) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) {
    // A key that is there under a misspelt name is the likelier mistake than one that is not there.
    std::vector<std::string> present;
    for (const auto& [name, unused] : table_->items()) present.push_back(name);
    const std::string near = nearest(key, present);
    fail_input("{}: key {} is missing{}", where_, key, near.empty() ? "" : fmt::format("; is it spelt {} here?", near));
  }
  if (!value->is_string()) wrong(key, "a text");
  return value->get<std::string>();
}

std::string SpecReader::text_or(const std::string& key, const std::string& absent) {
  return has(key) ? text(key) : absent;
}

bool SpecReader::flag_or(const std::string& key, bool absent) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return absent;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

int SpecReader::integer_or(const std::string& key, int absent) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return absent;
  if (!value->is_number_integer()) wrong(key, "a whole number");
  const auto number = value->get<int64_t>();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    wrong(key, "a whole number of at most 31 bits");
  }
  return static_cast<int>(number);
}

std::vector<std::string> SpecReader::texts_or(const std::string& key, const std::vector<std::string>& absent) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return absent;
  if (!value->is_array()) wrong(key, "a list of texts");
  std::vector<std::string> texts;
  for (const nlohmann::json& item : *value) {
    if (!item.is_string()) wrong(key, "a list of texts alone");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::vector<SpecReader> SpecReader::tables(const std::string& key) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return {};
  if (!value->is_array()) wrong(key, "a list of tables");
  std::vector<SpecReader> readers;
  for (size_t i = 0; i < value->size(); ++i) {
    readers.emplace_back((*value)[i], fmt::format("{}.{}[{}]", where_, key, i));
  }
  return readers;
}

std::vector<std::pair<std::string, SpecReader>> SpecReader::named_tables(const std::string& key) {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return {};
  if (!value->is_object()) wrong(key, "a table of tables");
  std::vector<std::pair<std::string, SpecReader>> readers;
  for (const auto& [name, table] : value->items()) {
    readers.emplace_back(name, SpecReader(table, fmt::format("{}.{}.{}", where_, key, name)));
  }
  return readers;
}

void SpecReader::finish() const {
  for (const auto& [key, unused] : table_->items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      fail_input("{}: unknown key {}; {}", where_, key, suggestion(key, asked_));
    }
  }
}

void SpecReader::unknown_value(const std::string& key, const std::string& value,
                               const std::vector<std::string>& known) const {
  fail_input("{}: {} = \"{}\" is unknown; {}", where_, key, value, suggestion(value, known));
}

}  // namespace assay::scorers
