// A value inside a JSON file together with the path that leads to it, so that every error can name file and field.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/request.h"

namespace assay::engine {

// Refers to the document; valid as long as that lives.
class JsonField {
 public:
  JsonField(const nlohmann::json& value, std::string source, std::string path);

  // The member of an object. Error(kBadInput) where this is no object or has no such member.
  JsonField at(const char* key) const;
  // The element of an array.
  JsonField at(size_t index) const;
  // Absent and null are the same.
  bool has(const char* key) const;

  // The bare value, for long lists: a field for each element costs a path.
  const nlohmann::json& value() const { return *value_; }
  static bool is_id(const nlohmann::json& value);  // 0 to 2^31 - 2

  const std::string& text() const;
  bool flag() const;
  int count() const;  // 0 to 2^31 - 2, as an id is
  size_t array_size() const;
  const nlohmann::json::object_t& object() const;

  // The member, or a default where it is absent.
  std::string text_or(const char* key, std::string_view otherwise) const;
  bool flag_or(const char* key, bool otherwise) const;

  // Error(kBadInput): "<file>: <field> <problem>".
  [[noreturn]] void fail(std::string_view problem) const;
  // The `type` member is one that this program does not read.
  [[noreturn]] void refuse_type() const;

 private:
  const nlohmann::json* value_;
  std::string source_;
  std::string path_;
};

}  // namespace assay::engine
