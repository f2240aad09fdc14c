#include "engine/tokenizer/json_field.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {

JsonField::JsonField(const nlohmann::json& value, std::string source, std::string path)
    : value_(&value), source_(std::move(source)), path_(std::move(path)) {}

void JsonField::fail(std::string_view problem) const {
  fail_input("{}: {} {}", source_, path_, problem);
}

void JsonField::refuse_type() const {
  fail(fmt::format("has the type \"{}\", which is not supported", printable(at("type").text())));
}

const nlohmann::json::object_t& JsonField::object() const {
  if (!value_->is_object()) fail("is not an object");
  return value_->get_ref<const nlohmann::json::object_t&>();
}

bool JsonField::has(const char* key) const {
  const auto member = object().find(key);
  return member != object().end() && !member->second.is_null();
}

JsonField JsonField::at(const char* key) const {
  const auto member = object().find(key);
  if (member == object().end()) fail(fmt::format("lacks the field \"{}\"", key));
  return {member->second, source_, path_.empty() ? key : path_ + "." + key};
}

JsonField JsonField::at(size_t index) const {
  if (index >= array_size()) fail(fmt::format("has no element {}", index));
  return {(*value_)[index], source_, fmt::format("{}[{}]", path_, index)};
}

size_t JsonField::array_size() const {
  if (!value_->is_array()) fail("is not an array");
  return value_->size();
}

const std::string& JsonField::text() const {
  if (!value_->is_string()) fail("is not a string");
  return value_->get_ref<const std::string&>();
}

bool JsonField::flag() const {
  if (!value_->is_boolean()) fail("is neither true nor false");
  return value_->get<bool>();
}

bool JsonField::is_id(const nlohmann::json& value) {
  // Negative numbers are the signed kind, so an unsigned one is at least 0.
  return value.is_number_unsigned() && value.get<uint64_t>() < std::numeric_limits<int32_t>::max();
}

int JsonField::count() const {
  if (!is_id(*value_)) fail("is not a whole number from 0 to 2147483646");
  return value_->get<int>();
}

std::string JsonField::text_or(const char* key, std::string_view otherwise) const {
  return has(key) ? at(key).text() : std::string(otherwise);
}

bool JsonField::flag_or(const char* key, bool otherwise) const {
  return has(key) ? at(key).flag() : otherwise;
}

}  // namespace assay::engine
