#include "reports/manifest_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/display_width.h"
#include "base/text.h"
#include "reports/manifest_fields.h"
#include "reports/shorten.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

using store::Json;

constexpr size_t kLongestField = 24;   // columns of a name
constexpr size_t kLongestValue = 400;  // columns on all lines together
constexpr size_t kDeepest = 8;         // sections within each other; what is deeper is JSON on a line

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string value_text(const Json& value, const TextStyle& style) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    return is_hash(text) ? text.substr(0, 12) + style.ellipsis() : text.empty() ? "\"\"" : text;
  }
  const bool list = value.is_array() && !value.empty();
  if (!list || std::any_of(value.begin(), value.end(), [](const Json& each) { return !each.is_string(); })) {
    return value.is_null() ? "none" : json_text(value);
  }
  return join(value.get<std::vector<std::string>>(), ", ");
}

bool is_section(const Json& value, size_t depth) {
  return value.is_object() && !value.empty() && depth < kDeepest;
}

std::string fields_text(const Json& section, size_t depth, const TextStyle& style) {
  const std::string indent(2 * depth, ' ');
  size_t widest = 0;
  for (const auto& [field, value] : section.items()) {
    const bool alone = is_section(value, depth);
    widest = std::max(widest, alone ? 0 : std::min(kLongestField, display_width(harmless(field))));
  }
  std::string text;
  for (const auto& [field, value] : section.items()) {
    const std::string name = shortened(field, kLongestField, Cut::kMiddle, style);
    if (is_section(value, depth)) {
      text += fmt::format("{}{}\n{}", indent, name, fields_text(value, depth + 1, style));
      continue;
    }
    const std::string begin = indent + name + std::string(widest - display_width(name) + 2, ' ');
    const std::string lines = wrapped(shortened(value_text(value, style), kLongestValue, Cut::kEnd, style),
                                      std::string(indent.size() + widest + 2, ' '));
    text += begin + lines.substr(indent.size() + widest + 2);
  }
  return text;
}

}  // namespace

std::string manifest_text(const store::Run& run, const TextStyle& style) {
  if (!run.manifest.is_object()) return wrapped("manifest " + value_text(run.manifest, style));
  return fmt::format("manifest (in full: assay show {} --json)\n{}", run.info.number,
                     fields_text(run.manifest, 1, style));
}

}  // namespace assay::reports
