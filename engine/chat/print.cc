#include "engine/chat/print.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "engine/chat/compare.h"

namespace assay::engine::chat {
namespace {

// repr(float): the shortest digits that read back to the same number, with a point or an exponent.
std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// str.isprintable of one character.
bool is_printable(char32_t c) {
  if (c == ' ') return true;
  if (c >= 0xd800 && c <= 0xdfff) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

std::string escaped_for_repr(char32_t c, char quote) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  if (c == static_cast<char32_t>(quote)) return fmt::format("\\{}", quote);
  if (is_printable(c)) return "";
  const auto number = static_cast<uint32_t>(c);
  return number < 0x100     ? fmt::format("\\x{:02x}", number)
         : number < 0x10000 ? fmt::format("\\u{:04x}", number)
                            : fmt::format("\\U{:08x}", number);
}

std::string escaped_for_json(char32_t c, bool ensure_ascii) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      break;
  }
  const auto number = static_cast<uint32_t>(c);
  if (number >= 0x20 && (number < 0x7f || !ensure_ascii)) return "";
  if (number < 0x10000) return fmt::format("\\u{:04x}", number);
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((number - 0x10000) >> 10U),
                     0xdc00 + ((number - 0x10000) & 0x3ffU));
}

// Appends `source` with some characters replaced by what `escape` gives for them; "" keeps one.
template <typename Escape>
void append_escaped(const MarkedText& source, const Escape& escape, MarkedText& out) {
  for (size_t at = 0; at < source.size();) {
    const size_t begin = at;
    const std::string escaped = escape(next_code_point(source.text(), at));
    if (escaped.empty()) {
      out.append(source, begin, at);
    } else {
      out.append(escaped, source.literal_at(begin));
    }
  }
}

void append_text_repr(const MarkedText& text, MarkedText& out) {
  const bool single = text.text().find('\'') != std::string::npos;
  const char quote = single && text.text().find('"') == std::string::npos ? '"' : '\'';
  out.append(std::string(1, quote));
  append_escaped(
      text, [&](char32_t c) { return escaped_for_repr(c, quote); }, out);
  out.append(std::string(1, quote));
}

void append_list_repr(Runtime& runtime, const List& list, MarkedText& out) {
  const bool tuple = list.kind == List::Kind::kTuple;
  out.append(tuple ? "(" : "[");
  for (size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out.append(", ");
    append_repr(runtime, list.items[i], out);
  }
  if (tuple && list.items.size() == 1) out.append(",");
  out.append(tuple ? ")" : "]");
}

void append_dict_repr(Runtime& runtime, const Dict& dict, MarkedText& out) {
  out.append("{");
  bool first = true;
  for (const auto& [key, value] : dict.entries) {
    if (!first) out.append(", ");
    first = false;
    append_repr(runtime, key, out);
    out.append(": ");
    append_repr(runtime, value, out);
  }
  out.append("}");
}

class JsonWriter {
 public:
  JsonWriter(Runtime& runtime, const JsonStyle& style, MarkedText& out) : runtime_(runtime), style_(style), out_(out) {}

  void write(const Value& value, int level) {
    runtime_.work();
    const Runtime::Deeper deeper(runtime_);
    if (value.is_text()) {
      write_text(value.text());
    } else if (value.is<List*>() && value.as<List*>()->kind != List::Kind::kGenerator) {
      write_list(*value.as<List*>(), level);
    } else if (value.is<Dict*>()) {
      write_dict(*value.as<Dict*>(), level);
    } else {
      out_.append(scalar(value));
    }
  }

 private:
  std::string scalar(const Value& value) const {
    if (value.is_none()) return "null";
    if (value.is<bool>()) return value.as<bool>() ? "true" : "false";
    if (value.is<int64_t>()) return fmt::format("{}", value.as<int64_t>());
    if (!value.is<double>()) fail_template("tojson is asked for a {}, which JSON does not have", type_name(value));
    const double number = value.as<double>();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    return real_text(number);
  }

  void write_text(const MarkedText& text) {
    runtime_.work(text.size());
    out_.append("\"");
    append_escaped(
        text, [&](char32_t c) { return escaped_for_json(c, style_.ensure_ascii); }, out_);
    out_.append("\"");
  }

  void new_line(int level) {
    if (style_.indent < 0) return;
    const size_t spaces = static_cast<size_t>(style_.indent) * static_cast<size_t>(level);
    runtime_.work(spaces);
    runtime_.allocate(spaces);
    out_.append("\n");
    out_.append(std::string(spaces, ' '));
  }

  void write_list(const List& list, int level) {
    out_.append("[");
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) out_.append(style_.item_separator);
      new_line(level + 1);
      write(list.items[i], level + 1);
    }
    if (!list.items.empty()) new_line(level);
    out_.append("]");
  }

  void write_dict(const Dict& dict, int level) {
    std::vector<std::pair<Value, Value>> entries = dict.entries;
    if (style_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(),
                       [&](const auto& a, const auto& b) { return less(runtime_, a.first, b.first); });
    }
    out_.append("{");
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_.append(style_.item_separator);
      new_line(level + 1);
      const Value& key = entries[i].first;
      write_text(key.is_text() ? key.text() : MarkedText(scalar(key)));
      out_.append(style_.key_separator);
      write(entries[i].second, level + 1);
    }
    if (!entries.empty()) new_line(level);
    out_.append("}");
  }

  Runtime& runtime_;
  const JsonStyle& style_;
  MarkedText& out_;
};

}  // namespace

void append_repr(Runtime& runtime, const Value& value, MarkedText& out) {
  const Runtime::Deeper deeper(runtime);
  if (value.is_text()) {
    runtime.work(value.text().size());
    runtime.allocate(value.text().size());
    append_text_repr(value.text(), out);
  } else {
    append_text(runtime, value, out);
  }
}

void append_text(Runtime& runtime, const Value& value, MarkedText& out) {
  runtime.work();
  const Runtime::Deeper deeper(runtime);
  if (value.is_text()) {
    runtime.work(value.text().size());
    runtime.allocate(value.text().size());
    return out.append(value.text());
  }
  if (value.is<List*>()) {
    const List& list = *value.as<List*>();
    if (list.kind == List::Kind::kGenerator) fail_template("a generator is printed; make it a list first");
    return append_list_repr(runtime, list, out);
  }
  if (value.is<Dict*>()) return append_dict_repr(runtime, *value.as<Dict*>(), out);
  if (value.is_none()) return out.append("None");
  if (value.is<bool>()) return out.append(value.as<bool>() ? "True" : "False");
  if (value.is<int64_t>()) return out.append(fmt::format("{}", value.as<int64_t>()));
  if (value.is<double>()) return out.append(real_text(value.as<double>()));
  if (!value.is_undefined()) fail_template("a {} is printed, which has no text", type_name(value));
}

MarkedText to_text(Runtime& runtime, const Value& value) {
  if (value.is_text()) return value.text();
  MarkedText text;
  append_text(runtime, value, text);
  return text;
}

MarkedText to_json(Runtime& runtime, const Value& value, const JsonStyle& style) {
  MarkedText text;
  JsonWriter(runtime, style, text).write(value, 0);
  return text;
}

}  // namespace assay::engine::chat
