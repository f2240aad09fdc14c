#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "base/text.h"
#include "engine/chat/access.h"
#include "engine/chat/arithmetic.h"
#include "engine/chat/compare.h"
#include "engine/chat/filters.h"
#include "engine/chat/format.h"
#include "engine/chat/print.h"
#include "engine/chat/text_operations.h"

namespace assay::engine::chat {
namespace {

template <MarkedText (*kConvert)(const MarkedText&)>
Value convert(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("this filter", arguments, {});
  return runtime.text(kConvert(to_text(runtime, value)));
}

Value trim(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("trim", arguments, {"chars"});
  std::optional<std::string_view> characters;
  if (taken.has(0) && !taken[0].is_none()) characters = taken.text(0).text();
  return runtime.text(stripped(to_text(runtime, value), Side::kBoth, characters));
}

Value string(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("string", arguments, {});
  return value.is_text() ? value : runtime.text(to_text(runtime, value));
}

Value replace(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("replace", arguments, {"old", "new", "count"}, 2);
  const MarkedText text = to_text(runtime, value);
  const MarkedText from = to_text(runtime, taken[0]);
  const MarkedText to = to_text(runtime, taken[1]);
  // The most that can come of it, before it is made.
  runtime.allocate(text.size() + (from.empty() ? text.size() + 1 : text.size() / from.size()) * to.size());
  return runtime.text(replaced(text, from.text(), to, taken.integer(2, -1)));
}

Value indent(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("indent", arguments, {"width", "first", "blank"});
  MarkedText margin;
  if (taken.has(0) && taken[0].is_text()) {
    margin = taken[0].text();
  } else {
    margin = MarkedText(std::string(static_cast<size_t>(std::clamp<int64_t>(taken.integer(0, 4), 0, 1000)), ' '));
  }
  MarkedText text = to_text(runtime, value);
  text.append("\n");  // so that a last line that is empty counts as one
  MarkedText out;
  bool first = true;
  for (const MarkedText& line : split_lines(text, false)) {
    runtime.allocate(margin.size() + line.size() + 1);
    if (!first) out.append("\n");
    const bool indented = first ? taken.flag(1, false) : !line.empty() || taken.flag(2, false);
    if (indented) out.append(margin);
    out.append(line);
    first = false;
  }
  return runtime.text(std::move(out));
}

Value format(Runtime& runtime, const Value& value, const Arguments& arguments) {
  if (!arguments.named.empty()) fail_template("format() with named values is not supported");
  return percent_format(runtime, to_text(runtime, value), arguments.positional);
}

Value default_value(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("default", arguments, {"default_value", "boolean"});
  if (!value.is_undefined() && (!taken.flag(1, false) || truth(value))) return value;
  return taken.has(0) ? taken[0] : runtime.text("");
}

Value tojson(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ensure_ascii = taken.flag(0, false);
  style.indent = static_cast<int>(std::clamp<int64_t>(taken.integer(1, -1), -1, 1000));
  if (style.indent >= 0) style.item_separator = std::string(1, ',');
  if (taken.has(2) && !taken[2].is_none()) {
    const std::vector<Value> pair = walk(runtime, taken[2]);
    if (pair.size() != 2 || !pair[0].is_text() || !pair[1].is_text()) {
      fail_template("tojson() is given separators that are not two texts");
    }
    style.item_separator = pair[0].text().text();
    style.key_separator = pair[1].text().text();
  }
  style.sort_keys = taken.flag(3, false);
  return runtime.text(to_json(runtime, value, style));
}

// The whole text as a number, white space around it allowed; nothing where it is none.
template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  text = python_strip(text);
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value to_integer(Runtime&, const Value& value, const Arguments& arguments) {
  const Taken taken("int", arguments, {"default"});
  const Value otherwise = taken.has(0) ? taken[0] : Value(int64_t{0});
  if (value.is_undefined()) fail_undefined(value);
  if (is_integer(value)) return Value(integer_of(value));
  std::optional<double> real;
  if (value.is_text()) {
    if (const auto integer = read_number<int64_t>(value.text().text())) return Value(*integer);
    real = read_number<double>(value.text().text());
  } else if (value.is<double>()) {
    real = value.as<double>();
  }
  if (!real || !std::isfinite(*real)) return otherwise;
  if (std::abs(*real) >= 9e18) fail_template("int() makes an integer beyond 64 bits");
  return Value(static_cast<int64_t>(*real));
}

Value to_real(Runtime&, const Value& value, const Arguments& arguments) {
  const Taken taken("float", arguments, {"default"});
  if (value.is_undefined()) fail_undefined(value);
  if (is_number(value)) return Value(real_of(value));
  const std::optional<double> real = value.is_text() ? read_number<double>(value.text().text()) : std::nullopt;
  if (real) return Value(*real);
  return taken.has(0) ? taken[0] : Value(0.0);
}

Value absolute(Runtime&, const Value& value, const Arguments& arguments) {
  const Taken taken("abs", arguments, {});
  if (value.is_undefined()) fail_undefined(value);
  if (!is_number(value)) fail_template("a {} has no absolute value", type_name(value));
  return real_of(value) < 0 ? negative(value) : positive(value);
}

Value round_number(Runtime&, const Value& value, const Arguments& arguments) {
  const Taken taken("round", arguments, {"precision", "method"});
  if (value.is_undefined()) fail_undefined(value);
  if (!is_number(value)) fail_template("a {} cannot be rounded", type_name(value));
  const std::string method = taken.has(1) ? taken.text(1).text() : "common";
  const auto precision = static_cast<int>(std::clamp<int64_t>(taken.integer(0, 0), -300, 300));
  const double number = real_of(value);
  if (method == "common") {
    if (is_integer(value) && precision >= 0) return Value(integer_of(value));
    if (precision < 0) fail_template("round() to tens and hundreds is not supported");
    if (!std::isfinite(number)) return value;
    // Decimal digits rounded exactly, and read again: what Python does.
    const auto rounded = read_number<double>(fmt::format("{:.{}f}", number, precision));
    return Value(rounded.value_or(number));
  }
  if (method != "ceil" && method != "floor") fail_template("round() knows no method {}", printable(method));
  const double scale = std::pow(10.0, precision);
  return Value((method == "ceil" ? std::ceil(number * scale) : std::floor(number * scale)) / scale);
}

Value count(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("length", arguments, {});
  return Value(length(runtime, value));
}

Value unchanged(Runtime&, const Value& value, const Arguments& arguments) {
  const Taken taken("safe", arguments, {});
  return value;
}

Value attribute(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("attr", arguments, {"name"}, 1);
  if (value.is<Dict*>() && find_entry(runtime, *value.as<Dict*>(), taken[0]) != nullptr) {
    return runtime.undefined(fmt::format("dict has no attribute '{}'", printable(taken.text(0).text())));
  }
  return get_attribute(runtime, value, taken.text(0).text());
}

constexpr Filter kValueFilters[] = {
    {"abs", absolute},
    {"attr", attribute},
    {"capitalize", convert<capitalized>},
    {"count", count},
    {"d", default_value},
    {"default", default_value},
    {"float", to_real},
    {"format", format},
    {"indent", indent},
    {"int", to_integer},
    {"length", count},
    {"lower", convert<lower>},
    {"replace", replace},
    {"round", round_number},
    {"safe", unchanged},
    {"string", string},
    {"title", convert<titled_words>},
    {"tojson", tojson},
    {"trim", trim},
    {"upper", convert<upper>},
};

}  // namespace

Callable::Native find_value_filter(std::string_view name) {
  const auto found = std::find_if(std::begin(kValueFilters), std::end(kValueFilters),
                                  [&](const Filter& one) { return one.name == name; });
  return found == std::end(kValueFilters) ? nullptr : found->native;
}

}  // namespace assay::engine::chat
