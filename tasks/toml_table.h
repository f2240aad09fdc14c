// Strict reading of TOML: every key is known, every value has the type that is asked for, and every message names file,
// line and key and, for an unknown key, the nearest right one.
#pragma once

#include <toml++/toml.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::tasks {

// Error(kBadInput) with file, line and column for text that is not TOML.
toml::table parse_toml(std::string_view text, const std::string& file);

// A view of one table; the table and the strings given must outlive it. Every Error is kBadInput.
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string file, std::string path)
      : table_(&table), file_(std::move(file)), path_(std::move(path)) {}

  void only_keys(const std::vector<std::string>& known) const;
  bool has(std::string_view key) const { return table_->contains(key); }
  std::vector<std::string> keys() const;  // in the file's order

  // Without a default the key must be there.
  std::string text(std::string_view key) const;
  std::string text(std::string_view key, const std::string& otherwise) const;
  int integer(std::string_view key, int least, int most = std::numeric_limits<int>::max()) const;
  int integer(std::string_view key, int least, int most, int otherwise) const;
  bool boolean(std::string_view key, bool otherwise) const;
  // One text or a list of texts; empty where the key is missing.
  std::vector<std::string> texts(std::string_view key) const;
  // The same, where numbers from 0 (of columns) may stand for texts.
  std::vector<std::string> places(std::string_view key) const;
  // One of `choices`; the first where the key is missing.
  std::string choice(std::string_view key, const std::vector<std::string>& choices) const;
  TomlTable table(std::string_view key) const;
  bool holds_table(std::string_view key) const { return has(key) && table_->get(key)->is_table(); }
  nlohmann::json as_json() const;

  // "file:line: key" of a key that is there, else of this table: the beginning of a message.
  std::string where(std::string_view key) const;
  const toml::table& raw() const { return *table_; }
  const std::string& path() const { return path_; }

 private:
  const toml::node& node(std::string_view key) const;
  std::string full(std::string_view key) const;
  [[noreturn]] void wrong_type(std::string_view key, std::string_view wanted, const toml::node& found) const;
  void append_text(std::vector<std::string>& texts, std::string_view key, const toml::node& node, bool numbers) const;
  std::vector<std::string> list(std::string_view key, bool numbers) const;

  const toml::table* table_;
  std::string file_;
  std::string path_;  // dotted; empty: the whole file
};

// `changes` laid over `base`: tables are merged, everything else is replaced.
toml::table merged(const toml::table& base, const toml::table& changes);

}  // namespace assay::tasks
