// Reads a scorer's table (TOML as JSON) key by key and then refuses what nobody asked for, so that a typing error in a
// task file is an error with a suggestion and not a default.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::scorers {

// Error(kBadInput) names `where` (the file and table), the key, and what belongs there. Not thread-safe. `table` must
// outlive the reader.
class SpecReader {
 public:
  SpecReader(const nlohmann::json& table, std::string where);

  const std::string& where() const { return where_; }

  bool has(const std::string& key);
  std::string text(const std::string& key);                                // required
  std::string text_or(const std::string& key, const std::string& absent);  // default where the key is absent
  bool flag_or(const std::string& key, bool absent);
  int integer_or(const std::string& key, int absent);
  std::vector<std::string> texts_or(const std::string& key, const std::vector<std::string>& absent);
  // One reader for each table of a list; empty where the key is absent.
  std::vector<SpecReader> tables(const std::string& key);
  // name -> reader of a table of tables; empty where the key is absent.
  std::vector<std::pair<std::string, SpecReader>> named_tables(const std::string& key);

  // Refuses every key that was not asked for, with the nearest that was.
  void finish() const;
  // Fails with "WHERE: KEY = VALUE is unknown; did you mean ...", listing `known`.
  [[noreturn]] void unknown_value(const std::string& key, const std::string& value,
                                  const std::vector<std::string>& known) const;
  [[noreturn]] void wrong(const std::string& key, const std::string& expected) const;

 private:
  const nlohmann::json* find(const std::string& key);

  const nlohmann::json* table_;
  std::string where_;
  std::vector<std::string> asked_;
};

}  // namespace assay::scorers
