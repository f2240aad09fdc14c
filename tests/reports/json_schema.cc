#include "tests/reports/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace assay::testing {
namespace {

using Json = nlohmann::json;

constexpr size_t kMost = 20;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  throw std::invalid_argument("unknown type " + type);
}

class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  void check(const Json& schema, const Json& value, const std::string& place) {
    static const std::set<std::string> kKnown = {"$schema",
                                                 "$defs",
                                                 "$ref",
                                                 "title",
                                                 "description",
                                                 "type",
                                                 "const",
                                                 "enum",
                                                 "anyOf",
                                                 "required",
                                                 "additionalProperties",
                                                 "properties",
                                                 "minimum",
                                                 "maximum",
                                                 "minItems",
                                                 "maxItems",
                                                 "items"};
    for (const auto& [keyword, rule] : schema.items()) {
      if (!kKnown.contains(keyword)) throw std::invalid_argument("unknown keyword " + keyword);
    }
    if (schema.contains("$ref")) check(resolve(schema.at("$ref")), value, place);
    check_value(schema, value, place);
    if (value.is_object()) check_object(schema, value, place);
    if (value.is_array()) check_array(schema, value, place);
    if (value.is_number()) check_number(schema, value, place);
  }

  std::vector<std::string> violations;

 private:
  const Json& resolve(const std::string& reference) const {
    if (!reference.starts_with("#/")) throw std::invalid_argument("unknown reference " + reference);
    return root_.at(Json::json_pointer(reference.substr(1)));
  }

  void complain(const std::string& place, const std::string& what) {
    if (violations.size() < kMost) violations.push_back(fmt::format("{}: {}", place.empty() ? "/" : place, what));
  }

  void check_value(const Json& schema, const Json& value, const std::string& place) {
    if (schema.contains("type")) {
      const Json& wanted = schema.at("type");
      const Json types = wanted.is_array() ? wanted : Json::array({wanted});
      const bool fits =
          std::any_of(types.begin(), types.end(), [&](const Json& type) { return has_type(value, type); });
      if (!fits) complain(place, fmt::format("is a {}, not {}", value.type_name(), wanted.dump()));
    }
    if (schema.contains("const") && value != schema.at("const")) complain(place, "is not the constant");
    if (schema.contains("enum")) {
      const Json& values = schema.at("enum");
      if (std::find(values.begin(), values.end(), value) == values.end()) complain(place, "is none of the enum's");
    }
    if (!schema.contains("anyOf")) return;
    const bool any = std::any_of(schema.at("anyOf").begin(), schema.at("anyOf").end(), [&](const Json& choice) {
      Validator alone(root_);
      alone.check(choice, value, place);
      if (!alone.violations.empty()) of_choices_ = alone.violations.front();
      return alone.violations.empty();
    });
    if (!any) complain(place, "fits none of anyOf; the last: " + of_choices_);
  }

  void check_object(const Json& schema, const Json& value, const std::string& place) {
    for (const std::string name : schema.value("required", Json::array())) {
      if (!value.contains(name)) complain(place, fmt::format("lacks '{}'", name));
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, child] : value.items()) {
      const std::string at = fmt::format("{}/{}", place, name);
      if (properties.contains(name)) {
        check(properties.at(name), child, at);
      } else if (schema.contains("additionalProperties")) {
        const Json& others = schema.at("additionalProperties");
        if (others.is_object()) {
          check(others, child, at);
        } else if (!others.get<bool>()) {
          complain(at, "is not in the schema");
        }
      }
    }
  }

  void check_array(const Json& schema, const Json& value, const std::string& place) {
    if (schema.contains("minItems") && value.size() < schema.at("minItems")) complain(place, "has too few items");
    if (schema.contains("maxItems") && value.size() > schema.at("maxItems")) complain(place, "has too many items");
    if (!schema.contains("items")) return;
    for (size_t i = 0; i < value.size(); ++i) check(schema.at("items"), value[i], fmt::format("{}/{}", place, i));
  }

  void check_number(const Json& schema, const Json& value, const std::string& place) {
    if (schema.contains("minimum") && value < schema.at("minimum")) complain(place, "is below the minimum");
    if (schema.contains("maximum") && value > schema.at("maximum")) complain(place, "is above the maximum");
  }

  const Json& root_;
  std::string of_choices_;
};

}  // namespace

std::vector<std::string> schema_violations(const Json& schema, const Json& value) {
  Validator validator(schema);
  validator.check(schema, value, "");
  return validator.violations;
}

}  // namespace assay::testing
