#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "engine/chat/access.h"
#include "engine/chat/arithmetic.h"
#include "engine/chat/compare.h"
#include "engine/chat/filters.h"
#include "engine/chat/print.h"
#include "engine/chat/tests.h"
#include "engine/chat/text_operations.h"

namespace assay::engine::chat {
namespace {

// What an item is compared by: its attribute, if one is named, in lower case unless case counts.
Value sort_key(Runtime& runtime, const Value& item, const Value& attribute, bool case_sensitive) {
  const Value key = attribute.is_none() ? item : get_path(runtime, item, attribute);
  return case_sensitive || !key.is_text() ? key : runtime.text(lower(key.text()));
}

Value argument_or_none(const Taken& taken, size_t parameter) {
  return taken.has(parameter) ? taken[parameter] : Value(None{});
}

struct Keyed {
  Value key;
  Value item;
};

std::vector<Keyed> keyed(Runtime& runtime, const Value& value, const Value& attribute, bool case_sensitive) {
  std::vector<Keyed> all;
  for (const Value& item : walk(runtime, value)) {
    all.push_back({sort_key(runtime, item, attribute, case_sensitive), item});
  }
  runtime.allocate(all.size() * sizeof(Keyed));
  return all;
}

// Insertion by bisection keeps equal items in order, and no comparison, however odd its answers, leads it astray.
std::vector<Value> sorted(Runtime& runtime, std::vector<Keyed> all, bool reverse) {
  std::vector<Keyed> in_order;
  for (const Keyed& one : all) {
    size_t low = 0;
    size_t high = in_order.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      const bool before =
          reverse ? less(runtime, in_order[middle].key, one.key) : less(runtime, one.key, in_order[middle].key);
      (before ? high : low) = before ? middle : middle + 1;
    }
    runtime.work(in_order.size());
    in_order.insert(in_order.begin() + static_cast<ptrdiff_t>(low), one);
  }
  std::vector<Value> items;
  for (const Keyed& one : in_order) items.push_back(one.item);
  return items;
}

Value sort(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("sort", arguments, {"reverse", "case_sensitive", "attribute"});
  const Value attribute = argument_or_none(taken, 2);
  return runtime.list(sorted(runtime, keyed(runtime, value, attribute, taken.flag(1, false)), taken.flag(0, false)));
}

Value dictsort(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("dictsort", arguments, {"case_sensitive", "by", "reverse"});
  if (!value.is<Dict*>()) fail_template("dictsort is asked to sort a {}", type_name(value));
  const bool by_value = taken.has(1) && taken.text(1).text() == "value";
  std::vector<Value> items;
  for (const auto& [key, entry] : value.as<Dict*>()->entries) {
    items.push_back(runtime.list({key, entry}, List::Kind::kTuple));
  }
  const Value pairs = runtime.list(std::move(items));
  const Value place{int64_t{by_value ? 1 : 0}};
  return runtime.list(sorted(runtime, keyed(runtime, pairs, place, taken.flag(0, false)), taken.flag(2, false)));
}

Value unique(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("unique", arguments, {"case_sensitive", "attribute"});
  std::vector<Value> keys;
  std::vector<Value> items;
  for (const Keyed& one : keyed(runtime, value, argument_or_none(taken, 1), taken.flag(0, false))) {
    const auto same = [&](const Value& key) { return equal(runtime, key, one.key); };
    if (std::any_of(keys.begin(), keys.end(), same)) continue;
    keys.push_back(one.key);
    items.push_back(one.item);
  }
  return runtime.list(std::move(items), List::Kind::kGenerator);
}

template <bool kLargest>
Value extreme(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken(kLargest ? "max" : "min", arguments, {"case_sensitive", "attribute"});
  const std::vector<Keyed> all = keyed(runtime, value, argument_or_none(taken, 1), taken.flag(0, false));
  if (all.empty()) return runtime.undefined("No aggregated item, sequence was empty.");
  const Keyed* best = &all.front();
  for (const Keyed& one : all) {
    if (kLargest ? less(runtime, best->key, one.key) : less(runtime, one.key, best->key)) best = &one;
  }
  return best->item;
}

Value first(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("first", arguments, {});
  const std::vector<Value> items = walk(runtime, value);
  return items.empty() ? runtime.undefined("No first item, sequence was empty.") : items.front();
}

Value last(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("last", arguments, {});
  if (value.is<List*>() && value.as<List*>()->kind == List::Kind::kGenerator) {
    fail_template("a generator, which filters such as select give, has no last item; make it a list first");
  }
  const std::vector<Value> items = walk(runtime, value);
  return items.empty() ? runtime.undefined("No last item, sequence was empty.") : items.back();
}

Value join(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("join", arguments, {"d", "attribute"});
  const MarkedText between = taken.has(0) ? to_text(runtime, taken[0]) : MarkedText();
  const Value attribute = argument_or_none(taken, 1);
  MarkedText out;
  bool begun = false;
  for (const Value& item : walk(runtime, value)) {
    runtime.allocate(between.size());
    if (begun) out.append(between);
    begun = true;
    append_text(runtime, attribute.is_none() ? item : get_path(runtime, item, attribute), out);
  }
  return runtime.text(std::move(out));
}

Value list(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("list", arguments, {});
  return runtime.list(walk(runtime, value));
}

Value items(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("items", arguments, {});
  std::vector<Value> pairs;
  if (!value.is_undefined()) {
    if (!value.is<Dict*>()) fail_template("items is asked of a {}, which is no dict", type_name(value));
    for (const auto& [key, entry] : value.as<Dict*>()->entries) {
      pairs.push_back(runtime.list({key, entry}, List::Kind::kTuple));
    }
  }
  return runtime.list(std::move(pairs), List::Kind::kGenerator);
}

Value reverse(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("reverse", arguments, {});
  std::vector<Value> all = walk(runtime, value);
  std::reverse(all.begin(), all.end());
  if (!value.is_text()) return runtime.list(std::move(all), List::Kind::kGenerator);
  MarkedText text;
  for (const Value& character : all) text.append(character.text());
  return runtime.text(std::move(text));
}

Value sum(Runtime& runtime, const Value& value, const Arguments& arguments) {
  const Taken taken("sum", arguments, {"attribute", "start"});
  const Value attribute = argument_or_none(taken, 0);
  Value total = taken.has(1) ? taken[1] : Value(int64_t{0});
  for (const Value& item : walk(runtime, value)) {
    total = arithmetic(runtime, "+", total, attribute.is_none() ? item : get_path(runtime, item, attribute));
  }
  return total;
}

// The arguments without the first `count`.
Arguments without_first(const Arguments& arguments, size_t count) {
  Arguments rest = arguments;
  rest.positional.erase(rest.positional.begin(), rest.positional.begin() + static_cast<ptrdiff_t>(count));
  return rest;
}

const std::string& name_argument(const char* filter, const Arguments& arguments, size_t place) {
  if (arguments.positional.size() <= place || !arguments.positional[place].is_text()) {
    fail_template("{}() lacks a name among its arguments", filter);
  }
  return arguments.positional[place].text().text();
}

// map(attribute='a', default=x) or map('filter', arguments...)
Value map(Runtime& runtime, const Value& value, const Arguments& arguments) {
  std::vector<Value> results;
  if (arguments.positional.empty()) {
    const Taken taken("map", {{}, arguments.named}, {"attribute", "default"}, 1);
    for (const Value& item : walk(runtime, value)) {
      Value found = get_path(runtime, item, taken[0]);
      if (found.is_undefined() && taken.has(1)) found = taken[1];
      results.push_back(found);
    }
  } else {
    const std::string& filter = name_argument("map", arguments, 0);
    const Arguments rest = without_first(arguments, 1);
    for (const Value& item : walk(runtime, value)) results.push_back(apply_filter(runtime, filter, item, rest));
  }
  return runtime.list(std::move(results), List::Kind::kGenerator);
}

// select and reject: by a test of the item, or of its attribute; by its truth where no test is named.
template <bool kWanted, bool kOfAttribute>
Value select(Runtime& runtime, const Value& value, const Arguments& arguments) {
  constexpr size_t kTestPlace = kOfAttribute ? 1 : 0;
  Value attribute{None{}};
  if (kOfAttribute) {
    if (arguments.positional.empty()) fail_template("selectattr() or rejectattr() lacks the attribute");
    attribute = arguments.positional[0];
  }
  const bool has_test = arguments.positional.size() > kTestPlace;
  const Arguments rest = has_test ? without_first(arguments, kTestPlace + 1) : Arguments();
  std::vector<Value> kept;
  for (const Value& item : walk(runtime, value)) {
    runtime.work();
    const Value asked = kOfAttribute ? get_path(runtime, item, attribute) : item;
    const bool holds =
        has_test ? apply_test(runtime, name_argument("select", arguments, kTestPlace), asked, rest) : truth(asked);
    if (holds == kWanted) kept.push_back(item);
  }
  return runtime.list(std::move(kept), List::Kind::kGenerator);
}

constexpr Filter kListFilters[] = {
    {"dictsort", dictsort},
    {"first", first},
    {"items", items},
    {"join", join},
    {"last", last},
    {"list", list},
    {"map", map},
    {"max", extreme<true>},
    {"min", extreme<false>},
    {"reject", select<false, false>},
    {"rejectattr", select<false, true>},
    {"reverse", reverse},
    {"select", select<true, false>},
    {"selectattr", select<true, true>},
    {"sort", sort},
    {"sum", sum},
    {"unique", unique},
};

}  // namespace

Callable::Native find_list_filter(std::string_view name) {
  const auto found = std::find_if(std::begin(kListFilters), std::end(kListFilters),
                                  [&](const Filter& one) { return one.name == name; });
  return found == std::end(kListFilters) ? nullptr : found->native;
}

}  // namespace assay::engine::chat
