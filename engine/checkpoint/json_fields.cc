#include "engine/checkpoint/json_fields.h"

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace assay::engine {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 64;

// What a field holds, for messages; long values are cut.
std::string shown(const Json& value) {
  return printable(value.dump(-1, ' ', true, Json::error_handler_t::replace));
}

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  std::vector<std::set<std::string, std::less<>>> names;  // of the open objects
  const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kDeepest) fail_input("{}: is nested more than {} levels deep", where, kDeepest);
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second) {
      fail_input("{}: names {} twice in one object", where, printable(value.get<std::string>()));
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::parse_error& error) {
    fail_input("{}: is not valid JSON at byte {}; fetch the file again", where, error.byte);
  } catch (const Json::exception&) {
    fail_input("{}: holds a number that is out of range", where);
  }
}

JsonFields::JsonFields(Json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {
  if (!json_.is_object()) fail_input("{}: must be a JSON object", where_);
}

JsonFields JsonFields::from_file(const std::filesystem::path& path) {
  return {parse_json(MappedFile(path).bytes(), path.string()), path.string()};
}

void JsonFields::fail_field(const char* field, std::string_view reason) const {
  fail_input("{}: {} {}", where_, field, reason);
}

const Json* JsonFields::find(const char* field) const {
  const auto found = json_.find(field);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<int> JsonFields::integer_from(int least, const char* field, const char* kind) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  // A number above 2^63 is unsigned to the parser; its signed reading is negative and refused as well.
  if (!value->is_number_integer() || value->get<int64_t>() < least || value->get<int64_t>() > kLargestSize) {
    fail_field(field, fmt::format("must be a {} integer up to {}, it is {}", kind, kLargestSize, shown(*value)));
  }
  return value->get<int>();
}

std::optional<int> JsonFields::size(const char* field) const {
  return integer_from(1, field, "positive");
}

std::optional<int> JsonFields::count(const char* field) const {
  return integer_from(0, field, "non-negative");
}

std::optional<double> JsonFields::positive(const char* field) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() <= 0) {
    fail_field(field, fmt::format("must be a positive number, it is {}", shown(*value)));
  }
  return value->get<double>();
}

std::optional<bool> JsonFields::flag(const char* field) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_boolean()) fail_field(field, fmt::format("must be true or false, it is {}", shown(*value)));
  return value->get<bool>();
}

std::optional<std::string> JsonFields::text(const char* field) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_string()) fail_field(field, fmt::format("must be a string, it is {}", shown(*value)));
  return value->get<std::string>();
}

std::optional<std::vector<std::string>> JsonFields::texts(const char* field) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  std::vector<std::string> texts;
  for (const Json& element : value->is_array() ? *value : Json::array({nullptr})) {
    if (!element.is_string()) fail_field(field, fmt::format("must be a list of strings, it is {}", shown(*value)));
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::optional<JsonFields> JsonFields::object(const char* field) const {
  const Json* value = find(field);
  if (value == nullptr) return {};
  return JsonFields(*value, fmt::format("{}: {}", where_, field));
}

int JsonFields::required_size(const char* field) const {
  const std::optional<int> value = size(field);
  if (!value) fail_field(field, "is missing");
  return *value;
}

double JsonFields::required_positive(const char* field) const {
  const std::optional<double> value = positive(field);
  if (!value) fail_field(field, "is missing");
  return *value;
}

}  // namespace assay::engine
