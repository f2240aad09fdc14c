#include "engine/chat/methods.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "engine/chat/access.h"
#include "engine/chat/arguments.h"
#include "engine/chat/compare.h"
#include "engine/chat/format.h"
#include "engine/chat/text_operations.h"

namespace assay::engine::chat {
namespace {

struct Method {
  std::string_view name;
  Callable::Native native;
};

// An argument that is a text, or none: white space.
std::optional<std::string_view> optional_text(const Taken& taken, size_t parameter) {
  if (!taken.has(parameter) || taken[parameter].is_none()) return std::nullopt;
  return taken.text(parameter).text();
}

template <Side kSide>
Value strip(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("strip", arguments, {"chars"});
  return runtime.text(stripped(self.text(), kSide, optional_text(taken, 0)));
}

Value texts(Runtime& runtime, std::vector<MarkedText> parts, List::Kind kind = List::Kind::kList) {
  std::vector<Value> items;
  for (MarkedText& part : parts) items.push_back(runtime.text(std::move(part)));
  return runtime.list(std::move(items), kind);
}

// Reports the parts that a text may be cut into, at `separator` or at white space, before they are made.
void allocate_parts(Runtime& runtime, const std::string& text, const std::optional<std::string_view>& separator) {
  size_t parts = 1;
  if (separator) {
    for (size_t at = text.find(*separator); at != std::string::npos;
         at = text.find(*separator, at + separator->size())) {
      ++parts;
    }
  } else {
    for (size_t at = 0; at < text.size();) parts += is_python_space(next_code_point(text, at)) ? 1 : 0;
  }
  runtime.allocate(parts * sizeof(MarkedText));
}

template <bool kFromRight>
Value split_method(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("split", arguments, {"sep", "maxsplit"});
  const std::optional<std::string_view> separator = optional_text(taken, 0);
  if (separator && separator->empty()) fail_template("split() is given an empty separator");
  runtime.work(self.text().size());
  allocate_parts(runtime, self.text().text(), separator);
  return texts(runtime, split_text(self.text(), separator, taken.integer(1, -1), kFromRight));
}

Value splitlines(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("splitlines", arguments, {"keepends"});
  runtime.work(self.text().size());
  allocate_parts(runtime, self.text().text(), std::nullopt);
  return texts(runtime, split_lines(self.text(), taken.flag(0, false)));
}

template <bool kFromRight>
Value partition(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("partition", arguments, {"sep"}, 1);
  const MarkedText& separator = taken.text(0);
  if (separator.empty()) fail_template("partition() is given an empty separator");
  const MarkedText& text = self.text();
  const size_t found = kFromRight ? text.text().rfind(separator.text()) : text.text().find(separator.text());
  std::vector<MarkedText> parts;
  if (found != std::string::npos) {
    const size_t end = found + separator.size();
    parts = {text.slice(0, found), text.slice(found, end), text.slice(end, text.size())};
  } else if (kFromRight) {
    parts = {MarkedText(), MarkedText(), text};
  } else {
    parts = {text, MarkedText(), MarkedText()};
  }
  return texts(runtime, std::move(parts), List::Kind::kTuple);
}

// text[begin:end] for the methods that search; `begin` receives how many code points lie before it.
Value searched_part(Runtime& runtime, const Value& self, const Taken& taken, int64_t& begin) {
  begin = 0;
  if (!taken.has(1) && !taken.has(2)) return self;
  const Value none{None{}};
  const int64_t count = length(runtime, self);
  const int64_t from = taken.integer(1, 0);
  begin = std::clamp<int64_t>(from < 0 ? from + count : from, 0, count);
  return get_slice(runtime, self, Value(begin), taken.has(2) ? taken[2] : none, none);
}

template <bool kAtEnd>
Value begins_or_ends(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken(kAtEnd ? "endswith" : "startswith", arguments, {kAtEnd ? "suffix" : "prefix", "start", "end"}, 1);
  int64_t begin = 0;
  const Value part = searched_part(runtime, self, taken, begin);
  const auto holds = [&](const Value& wanted) {
    if (wanted.is_undefined()) fail_undefined(wanted);
    if (!wanted.is_text()) fail_template("startswith() or endswith() is given a {}", type_name(wanted));
    const std::string& text = part.text().text();
    return kAtEnd ? text.ends_with(wanted.text().text()) : text.starts_with(wanted.text().text());
  };
  if (!taken[0].is<List*>()) return Value(holds(taken[0]));
  const std::vector<Value>& several = taken[0].as<List*>()->items;
  return Value(std::any_of(several.begin(), several.end(), holds));
}

// find, rfind, index, rindex: the place in code points; -1 or an error where there is none.
template <bool kFromRight, bool kMustBe>
Value find_method_of_text(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("find", arguments, {"sub", "start", "end"}, 1);
  int64_t begin = 0;
  const Value part = searched_part(runtime, self, taken, begin);
  const std::string& text = part.text().text();
  runtime.work(text.size());
  const size_t found = kFromRight ? text.rfind(taken.text(0).text()) : text.find(taken.text(0).text());
  if (found == std::string::npos) {
    if (kMustBe) fail_template("index() does not find what it looks for");
    return Value(int64_t{-1});
  }
  return Value(begin + static_cast<int64_t>(count_code_points(std::string_view(text).substr(0, found))));
}

Value count_method(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("count", arguments, {"sub", "start", "end"}, 1);
  int64_t begin = 0;
  const Value part = searched_part(runtime, self, taken, begin);
  const std::string& text = part.text().text();
  const std::string& wanted = taken.text(0).text();
  runtime.work(text.size());
  if (wanted.empty()) return Value(static_cast<int64_t>(count_code_points(text)) + 1);
  int64_t count = 0;
  for (size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + wanted.size())) ++count;
  return Value(count);
}

Value replace_method(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("replace", arguments, {"old", "new", "count"}, 2);
  const MarkedText& text = self.text();
  // The most that can come of it, before it is made.
  runtime.allocate(text.size() + (taken.text(0).empty() ? text.size() + 1 : text.size() / taken.text(0).size()) *
                                     taken.text(1).size());
  return runtime.text(replaced(text, taken.text(0).text(), taken.text(1), taken.integer(2, -1)));
}

template <MarkedText (*kConvert)(const MarkedText&)>
Value convert(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("this method", arguments, {});
  runtime.work(self.text().size());
  return runtime.text(kConvert(self.text()));
}

template <bool (*kHolds)(char32_t)>
Value every(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("this method", arguments, {});
  runtime.work(self.text().size());
  return Value(all_characters(self.text().text(), kHolds));
}

template <bool (*kHolds)(std::string_view)>
Value whole(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("this method", arguments, {});
  runtime.work(self.text().size());
  return Value(kHolds(self.text().text()));
}

bool is_letter_or_digit(char32_t c) {
  return is_letter(c) || is_decimal(c);
}

Value join_method(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("join", arguments, {"iterable"}, 1);
  MarkedText out;
  bool first = true;
  for (const Value& item : walk(runtime, taken[0])) {
    if (!item.is_text()) fail_template("join() is given a {} among the texts", type_name(item));
    runtime.allocate(item.text().size() + self.text().size());
    if (!first) out.append(self.text());
    first = false;
    out.append(item.text());
  }
  return runtime.text(std::move(out));
}

template <bool kAtEnd>
Value remove_affix(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("removeprefix or removesuffix", arguments, {"affix"}, 1);
  const MarkedText& text = self.text();
  const std::string& affix = taken.text(0).text();
  if (kAtEnd) {
    return text.text().ends_with(affix) ? runtime.text(text.slice(0, text.size() - affix.size())) : self;
  }
  return text.text().starts_with(affix) ? runtime.text(text.slice(affix.size(), text.size())) : self;
}

Value format_method(Runtime& runtime, const Value& self, const Arguments& arguments) {
  return brace_format(runtime, self.text(), arguments);
}

constexpr Method kTextMethods[] = {
    {"strip", strip<Side::kBoth>},
    {"lstrip", strip<Side::kLeft>},
    {"rstrip", strip<Side::kRight>},
    {"split", split_method<false>},
    {"rsplit", split_method<true>},
    {"splitlines", splitlines},
    {"partition", partition<false>},
    {"rpartition", partition<true>},
    {"startswith", begins_or_ends<false>},
    {"endswith", begins_or_ends<true>},
    {"find", find_method_of_text<false, false>},
    {"rfind", find_method_of_text<true, false>},
    {"index", find_method_of_text<false, true>},
    {"rindex", find_method_of_text<true, true>},
    {"count", count_method},
    {"replace", replace_method},
    {"upper", convert<upper>},
    {"lower", convert<lower>},
    {"capitalize", convert<capitalized>},
    {"title", convert<titled>},
    {"isspace", every<is_python_space>},
    {"isalpha", every<is_letter>},
    {"isdigit", every<is_decimal>},
    {"isdecimal", every<is_decimal>},
    {"isnumeric", every<is_decimal>},
    {"isalnum", every<is_letter_or_digit>},
    {"isupper", whole<is_upper_text>},
    {"islower", whole<is_lower_text>},
    {"join", join_method},
    {"removeprefix", remove_affix<false>},
    {"removesuffix", remove_affix<true>},
    {"format", format_method},
};

Value get(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("get", arguments, {"key", "default"}, 1);
  const Value* found = find_entry(runtime, *self.as<Dict*>(), taken[0]);
  return found != nullptr ? *found : taken.has(1) ? taken[1] : Value(None{});
}

enum class Part { kKeys, kValues, kItems };

template <Part kPart>
Value dict_parts(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("this method", arguments, {});
  std::vector<Value> parts;
  for (const auto& [key, value] : self.as<Dict*>()->entries) {
    parts.push_back(kPart == Part::kKeys     ? key
                    : kPart == Part::kValues ? value
                                             : runtime.list({key, value}, List::Kind::kTuple));
  }
  return runtime.list(std::move(parts));
}

Value copy(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken("copy", arguments, {});
  if (self.is<List*>()) return runtime.list(self.as<List*>()->items);
  Dict* made = runtime.dict();
  runtime.allocate(self.as<Dict*>()->entries.size() * 2 * sizeof(Value));
  *made = *self.as<Dict*>();
  return Value(made);
}

constexpr Method kDictMethods[] = {
    {"get", get},
    {"keys", dict_parts<Part::kKeys>},
    {"values", dict_parts<Part::kValues>},
    {"items", dict_parts<Part::kItems>},
    {"copy", copy},
};

template <bool kCount>
Value find_in_list(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Taken taken(kCount ? "count" : "index", arguments, {"value"}, 1);
  const std::vector<Value>& items = self.as<List*>()->items;
  const auto same = [&](const Value& item) { return equal(runtime, item, taken[0]); };
  if (kCount) return Value(static_cast<int64_t>(std::count_if(items.begin(), items.end(), same)));
  const auto found = std::find_if(items.begin(), items.end(), same);
  if (found == items.end()) fail_template("index() does not find what it looks for");
  return Value(static_cast<int64_t>(found - items.begin()));
}

constexpr Method kListMethods[] = {
    {"index", find_in_list<false>},
    {"count", find_in_list<true>},
    {"copy", copy},
};

template <size_t kCount>
Callable::Native find(const Method (&methods)[kCount], std::string_view name) {
  const auto found =
      std::find_if(std::begin(methods), std::end(methods), [&](const Method& method) { return method.name == name; });
  return found == std::end(methods) ? nullptr : found->native;
}

}  // namespace

Callable::Native find_method(const Value& value, std::string_view name) {
  if (value.is_text()) return find(kTextMethods, name);
  if (value.is<Dict*>()) return find(kDictMethods, name);
  if (value.is<List*>() && value.as<List*>()->kind != List::Kind::kGenerator) return find(kListMethods, name);
  return nullptr;
}

}  // namespace assay::engine::chat
