// JSON objects of files that nobody vouches for: parsed strictly, and read field by field with the type checked.
//
//   const JsonFields config(parse_json(text, "model/config.json"), "model/config.json");
//   const int layers = config.required_size("num_hidden_layers");
//
// A field that is null counts as absent, as Python's libraries write it. Errors: kBadInput that names file and field.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::engine {

// Refuses what is not JSON, objects that name a field twice (a plain parse would hide one of the two) and nesting
// beyond 64 levels. `where` opens the message: the file, or the part of a file.
nlohmann::json parse_json(std::string_view text, const std::string& where);

// Sizes beyond this are damage, and products of two of them stay far from overflow.
inline constexpr int kLargestSize = 1 << 30;

class JsonFields {
 public:
  // Error(kBadInput) where `json` is no object.
  JsonFields(nlohmann::json json, std::string where);
  // Reads the file; it must be there.
  static JsonFields from_file(const std::filesystem::path& path);

  bool has(const char* field) const { return find(field) != nullptr; }
  bool names(const char* field) const { return json_.contains(field); }  // null or not

  std::optional<int> size(const char* field) const;         // an integer in 1 .. kLargestSize
  std::optional<int> count(const char* field) const;        // an integer in 0 .. kLargestSize
  std::optional<double> positive(const char* field) const;  // a finite number above 0
  std::optional<bool> flag(const char* field) const;
  std::optional<std::string> text(const char* field) const;
  std::optional<std::vector<std::string>> texts(const char* field) const;
  std::optional<JsonFields> object(const char* field) const;
  int required_size(const char* field) const;
  double required_positive(const char* field) const;

  // Null where the field is absent.
  const nlohmann::json* find(const char* field) const;
  const std::string& where() const { return where_; }

  [[noreturn]] void fail_field(const char* field, std::string_view reason) const;

 private:
  std::optional<int> integer_from(int least, const char* field, const char* kind) const;

  nlohmann::json json_;
  std::string where_;  // "model/config.json", "model/config.json: rope_scaling"
};

}  // namespace assay::engine
