#include "engine/chat/access.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "engine/chat/compare.h"
#include "engine/chat/loop_object.h"
#include "engine/chat/methods.h"
#include "engine/chat/text_operations.h"

namespace assay::engine::chat {
namespace {

void check_listed(const List& list, const char* what) {
  if (list.kind == List::Kind::kGenerator) {
    fail_template("a generator, which filters such as select give, has no {}; make it a list first", what);
  }
}

Value missing_item(Runtime& runtime, const Value& value, const Value& key) {
  if (key.is_text()) {
    return runtime.undefined(
        fmt::format("'{}' object has no attribute '{}'", type_name(value), printable(key.text().text())));
  }
  const std::string place = key.is<int64_t>() ? fmt::format("{}", key.as<int64_t>()) : std::string(type_name(key));
  return runtime.undefined(fmt::format("{} object has no element {}", type_name(value), place));
}

// One item by its place, counted from the end where it is negative.
Value item_at(Runtime& runtime, const Value& value, int64_t place) {
  const int64_t count = length(runtime, value);
  const int64_t at = place < 0 ? place + count : place;
  if (at < 0 || at >= count) return missing_item(runtime, value, Value(place));
  if (value.is<List*>()) return value.as<List*>()->items[static_cast<size_t>(at)];
  const MarkedText& text = value.text();
  const size_t begin = byte_offset(text.text(), static_cast<size_t>(at));
  size_t end = begin;
  next_code_point(text.text(), end);
  return runtime.text(text.slice(begin, end));
}

// Nothing where the value has no such entry, as value[key] would find it.
const Value* own_entry(Runtime& runtime, const Value& value, const Value& key) {
  if (value.is<Dict*>()) return find_entry(runtime, *value.as<Dict*>(), key);
  if (value.is<Namespace*>() && key.is_text()) {
    for (const auto& [name, entry] : value.as<Namespace*>()->entries) {
      if (name == key.text().text()) return &entry;
    }
  }
  return nullptr;
}

struct SliceRange {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t step = 1;
};

// Python's slice.indices: a place before the start or behind the end is taken for it.
int64_t bounded(const Value& place, int64_t count, int64_t lowest, int64_t highest, int64_t otherwise) {
  if (place.is_none()) return otherwise;
  if (place.is_undefined()) fail_undefined(place);
  if (!is_integer(place)) fail_template("a slice is given a {} instead of an integer", type_name(place));
  const int64_t at = integer_of(place);
  return std::clamp(at < 0 ? std::max(at, -count - 1) + count : at, lowest, highest);
}

int64_t step_of(const Value& step) {
  if (step.is_none()) return 1;
  if (step.is_undefined()) fail_undefined(step);
  if (!is_integer(step)) fail_template("a slice is given a {} instead of an integer", type_name(step));
  if (integer_of(step) == 0) fail_template("the step of a slice is zero");
  return std::clamp<int64_t>(integer_of(step), -INT32_MAX, INT32_MAX);
}

SliceRange slice_range(const Value& begin, const Value& end, const Value& step, int64_t count) {
  SliceRange range;
  range.step = step_of(step);
  const bool forward = range.step > 0;
  const int64_t lowest = forward ? 0 : -1;
  const int64_t highest = forward ? count : count - 1;
  range.begin = bounded(begin, count, lowest, highest, forward ? 0 : count - 1);
  range.end = bounded(end, count, lowest, highest, forward ? count : -1);
  return range;
}

}  // namespace

int64_t length(Runtime& runtime, const Value& value) {
  if (value.is_undefined()) return 0;
  if (value.is_text()) {
    runtime.work(value.text().size());
    return static_cast<int64_t>(count_code_points(value.text().text()));
  }
  if (value.is<List*>()) {
    check_listed(*value.as<List*>(), "length");
    return static_cast<int64_t>(value.as<List*>()->items.size());
  }
  if (value.is<Dict*>()) return static_cast<int64_t>(value.as<Dict*>()->entries.size());
  fail_template("a {} has no length", type_name(value));
}

std::vector<Value> walk(Runtime& runtime, const Value& value) {
  std::vector<Value> items;
  if (value.is_undefined()) return items;
  if (value.is<List*>()) {
    List& list = *value.as<List*>();
    if (list.walked) return items;
    list.walked = list.kind == List::Kind::kGenerator;
    runtime.work(list.items.size());
    runtime.allocate(list.items.size() * sizeof(Value));
    return list.items;
  }
  if (value.is<Dict*>()) {
    for (const auto& [key, entry] : value.as<Dict*>()->entries) items.push_back(key);
    runtime.work(items.size());
    runtime.allocate(items.size() * sizeof(Value));
    return items;
  }
  if (!value.is_text()) fail_template("a {} cannot be walked over", type_name(value));
  const MarkedText& text = value.text();
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    next_code_point(text.text(), at);
    items.push_back(runtime.text(text.slice(begin, at)));
  }
  return items;
}

const Value* find_entry(Runtime& runtime, const Dict& dict, const Value& key) {
  const auto found = std::find_if(dict.entries.begin(), dict.entries.end(),
                                  [&](const auto& entry) { return equal(runtime, entry.first, key); });
  return found == dict.entries.end() ? nullptr : &found->second;
}

void set_entry(Runtime& runtime, Dict& dict, const Value& key, const Value& value) {
  if (key.is<Dict*>() || (key.is<List*>() && key.as<List*>()->kind == List::Kind::kList)) {
    fail_template("a {} cannot be the key of a dict", type_name(key));
  }
  for (auto& [known, entry] : dict.entries) {
    if (!equal(runtime, known, key)) continue;
    entry = value;
    return;
  }
  runtime.allocate(2 * sizeof(Value));
  dict.entries.emplace_back(key, value);
}

Value get_item(Runtime& runtime, const Value& value, const Value& key) {
  runtime.work();
  if (value.is_undefined()) fail_undefined(value);
  if (const Value* entry = own_entry(runtime, value, key)) return *entry;
  const bool has_places = value.is_text() || value.is<List*>();
  if (has_places && is_integer(key)) return item_at(runtime, value, integer_of(key));
  if (key.is_text()) return get_attribute(runtime, value, key.text().text());
  return missing_item(runtime, value, key);
}

Value get_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  runtime.work();
  if (value.is_undefined()) fail_undefined(value);
  if (value.is<Loop*>()) return loop_attribute(runtime, *value.as<Loop*>(), name);
  if (const Callable::Native method = find_method(value, name)) return runtime.method(name, method, value);
  const MarkedText key(name);
  const Value key_value(&key);
  if (const Value* entry = own_entry(runtime, value, key_value)) return *entry;
  return missing_item(runtime, value, key_value);
}

Value get_path(Runtime& runtime, Value value, const Value& path) {
  if (!path.is_text()) return get_item(runtime, value, path);
  for (const std::string& part : split(path.text().text(), '.')) {
    int64_t place = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), place);
    const bool number = error == std::errc() && end == part.data() + part.size() && place >= 0 && part[0] != '-';
    value = get_item(runtime, value, number ? Value(place) : runtime.text(part));
  }
  return value;
}

Value get_slice(Runtime& runtime, const Value& value, const Value& begin, const Value& end, const Value& step) {
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_text() && !value.is<List*>()) fail_template("a {} has no slices", type_name(value));
  const SliceRange range = slice_range(begin, end, step, length(runtime, value));
  const auto inside = [&](int64_t at) { return range.step > 0 ? at < range.end : at > range.end; };
  if (value.is<List*>()) {
    std::vector<Value> items;
    for (int64_t at = range.begin; inside(at); at += range.step) {
      items.push_back(value.as<List*>()->items[static_cast<size_t>(at)]);
    }
    return runtime.list(std::move(items), value.as<List*>()->kind);
  }
  const MarkedText& text = value.text();
  if (range.step == 1) {
    const size_t from = byte_offset(text.text(), static_cast<size_t>(range.begin));
    const size_t to = byte_offset(text.text(), static_cast<size_t>(std::max(range.begin, range.end)));
    return runtime.text(text.slice(from, to));
  }
  runtime.allocate(text.size() * sizeof(size_t));
  std::vector<size_t> offsets;
  for (size_t at = 0; at < text.size(); next_code_point(text.text(), at)) offsets.push_back(at);
  offsets.push_back(text.size());
  MarkedText picked;
  for (int64_t at = range.begin; inside(at); at += range.step) {
    picked.append(text, offsets[static_cast<size_t>(at)], offsets[static_cast<size_t>(at) + 1]);
  }
  return runtime.text(std::move(picked));
}

}  // namespace assay::engine::chat
