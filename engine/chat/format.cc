#include "engine/chat/format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "engine/chat/arguments.h"
#include "engine/chat/compare.h"
#include "engine/chat/print.h"

namespace assay::engine::chat {
namespace {

constexpr size_t kWidest = 1000;

struct Conversion {
  bool left = false;
  bool zeros = false;
  size_t width = 0;
  int precision = -1;
  char kind = '\0';
};

size_t read_size(std::string_view text, size_t& at) {
  size_t value = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    value = std::min(kWidest + 1, value * 10 + static_cast<size_t>(text[at] - '0'));
  }
  if (value > kWidest) fail_template("a format asks for more than {} characters", kWidest);
  return value;
}

// Behind the %, moves `at` behind the conversion.
Conversion read_conversion(std::string_view text, size_t& at) {
  Conversion conversion;
  for (; at < text.size() && (text[at] == '-' || text[at] == '0'); ++at) {
    (text[at] == '-' ? conversion.left : conversion.zeros) = true;
  }
  conversion.width = read_size(text, at);
  if (at < text.size() && text[at] == '.') conversion.precision = static_cast<int>(read_size(text, ++at));
  if (at == text.size()) fail_template("a format ends within a % conversion");
  conversion.kind = text[at++];
  if (std::string_view("srdifx%").find(conversion.kind) == std::string_view::npos) {
    fail_template("the conversion %{} is not supported", printable(std::string(1, conversion.kind)));
  }
  return conversion;
}

MarkedText converted(Runtime& runtime, const Conversion& conversion, const Value& value) {
  MarkedText text;
  if (conversion.kind == 's' || conversion.kind == 'r') {
    if (conversion.precision >= 0) fail_template("a precision of %{} is not supported", conversion.kind);
    conversion.kind == 's' ? append_text(runtime, value, text) : append_repr(runtime, value, text);
    return text;
  }
  if (!is_number(value)) fail_template("%{} is given a {} instead of a number", conversion.kind, type_name(value));
  if (conversion.kind == 'f') {
    return MarkedText(fmt::format("{:.{}f}", real_of(value), conversion.precision < 0 ? 6 : conversion.precision));
  }
  const double real = real_of(value);
  if (!is_integer(value) && (!std::isfinite(real) || std::abs(real) >= 9e18)) {
    fail_template("%{} is given the number {}, which is no integer of 64 bits", conversion.kind, real);
  }
  if (conversion.kind == 'x' && !is_integer(value)) fail_template("%x is given a float");
  const int64_t integer = is_integer(value) ? integer_of(value) : static_cast<int64_t>(real);
  return MarkedText(conversion.kind == 'x' ? fmt::format("{:x}", integer) : fmt::format("{}", integer));
}

void append_padded(const MarkedText& text, const Conversion& conversion, MarkedText& out) {
  const size_t length = count_code_points(text.text());
  const size_t missing = conversion.width > length ? conversion.width - length : 0;
  const bool number = conversion.kind != 's' && conversion.kind != 'r';
  if (!conversion.left && conversion.zeros && number) {
    const size_t sign = text.text().starts_with('-') ? 1 : 0;
    out.append(text, 0, sign);
    out.append(std::string(missing, '0'));
    return out.append(text, sign, text.size());
  }
  if (!conversion.left) out.append(std::string(missing, ' '));
  out.append(text);
  if (conversion.left) out.append(std::string(missing, ' '));
}

// The value that a field in braces names: nothing (the next one), a number or a name.
const Value& field_value(std::string_view field, const Arguments& values, size_t& next) {
  size_t place = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), place);
  if (field.empty()) {
    place = next++;
  } else if (error != std::errc() || end != field.data() + field.size()) {
    for (const auto& [name, value] : values.named) {
      if (name == field) return value;
    }
    fail_template("format() finds no value for {{{}}}", printable(field));
  }
  if (place >= values.positional.size()) fail_template("format() has too few values");
  return values.positional[place];
}

}  // namespace

Value percent_format(Runtime& runtime, const MarkedText& format, const std::vector<Value>& values) {
  const std::string_view text = format.text();
  MarkedText out;
  size_t next = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t percent = std::min(text.find('%', at), text.size());
    out.append(format, at, percent);
    if (percent == text.size()) break;
    runtime.work();
    at = percent + 1;
    const Conversion conversion = read_conversion(text, at);
    runtime.allocate(conversion.width + static_cast<size_t>(std::max(conversion.precision, 0)));
    if (conversion.kind == '%') {
      out.append("%");
      continue;
    }
    if (next == values.size()) fail_template("a format has more conversions than values");
    append_padded(converted(runtime, conversion, values[next++]), conversion, out);
  }
  if (next < values.size()) fail_template("a format has fewer conversions than values");
  return runtime.text(std::move(out));
}

Value brace_format(Runtime& runtime, const MarkedText& format, const Arguments& values) {
  const std::string_view text = format.text();
  MarkedText out;
  size_t next = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t brace = std::min(text.find_first_of("{}", at), text.size());
    out.append(format, at, brace);
    if (brace == text.size()) break;
    runtime.work();
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
      out.append(format, brace, brace + 1);
      at = brace + 2;
      continue;
    }
    const size_t end = text.find('}', brace);
    if (text[brace] == '}' || end == std::string_view::npos) fail_template("format() has a single brace");
    const std::string_view field = text.substr(brace + 1, end - brace - 1);
    if (field.find_first_of(":!.[{") != std::string_view::npos) {
      fail_template("the field {{{}}} of format() is not supported", printable(field));
    }
    append_text(runtime, field_value(field, values, next), out);
    at = end + 1;
  }
  return runtime.text(std::move(out));
}

}  // namespace assay::engine::chat
