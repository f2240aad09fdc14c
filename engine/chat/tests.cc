#include "engine/chat/tests.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "engine/chat/arithmetic.h"
#include "engine/chat/compare.h"
#include "engine/chat/filters.h"
#include "engine/chat/text_operations.h"

namespace assay::engine::chat {
namespace {

struct TypeTest {
  std::string_view name;
  bool (*holds)(const Value& value);
};

constexpr TypeTest kTypeTests[] = {
    {"defined", [](const Value& v) { return !v.is_undefined(); }},
    {"undefined", [](const Value& v) { return v.is_undefined(); }},
    {"none", [](const Value& v) { return v.is_none(); }},
    {"boolean", [](const Value& v) { return v.is<bool>(); }},
    {"true", [](const Value& v) { return v.is<bool>() && v.as<bool>(); }},
    {"false", [](const Value& v) { return v.is<bool>() && !v.as<bool>(); }},
    {"integer", [](const Value& v) { return v.is<int64_t>(); }},
    {"float", [](const Value& v) { return v.is<double>(); }},
    {"number", [](const Value& v) { return is_number(v); }},
    {"string", [](const Value& v) { return v.is_text(); }},
    {"mapping", [](const Value& v) { return v.is<Dict*>(); }},
    {"iterable",
     [](const Value& v) { return v.is_undefined() || v.is_text() || v.is<List*>() || v.is<Dict*>() || v.is<Loop*>(); }},
    {"sequence",
     [](const Value& v) {
       return v.is_text() || v.is<Dict*>() || v.is_undefined() ||
              (v.is<List*>() && v.as<List*>()->kind != List::Kind::kGenerator);
     }},
    {"callable", [](const Value& v) { return v.is<const Callable*>() || v.is<Loop*>() || v.is_undefined(); }},
};

struct Comparison {
  std::string_view name;
  std::string_view sign;
};

constexpr Comparison kComparisons[] = {
    {"eq", "=="}, {"equalto", "=="},    {"==", "=="}, {"ne", "!="}, {"!=", "!="}, {"lt", "<"},
    {"<", "<"},   {"lessthan", "<"},    {"le", "<="}, {"<=", "<="}, {"gt", ">"},  {">", ">"},
    {"ge", ">="}, {"greaterthan", ">"}, {">=", ">="}, {"in", "in"},
};

template <typename Entry, size_t kCount>
const Entry* find(const Entry (&entries)[kCount], std::string_view name) {
  const auto found =
      std::find_if(std::begin(entries), std::end(entries), [&](const Entry& e) { return e.name == name; });
  return found == std::end(entries) ? nullptr : &*found;
}

bool divides(Runtime& runtime, const Value& value, const Value& divisor) {
  return equal(runtime, arithmetic(runtime, "%", value, divisor), Value(int64_t{0}));
}

// Python's `is`: the same object, or an equal value of the same simple type.
bool same_object(Runtime& runtime, const Value& a, const Value& b) {
  if (a.data().index() != b.data().index()) return false;
  if (a.is<List*>()) return a.as<List*>() == b.as<List*>();
  if (a.is<Dict*>()) return a.as<Dict*>() == b.as<Dict*>();
  return equal(runtime, a, b);
}

bool is_case(const Value& value, bool (*holds)(std::string_view)) {
  return value.is_text() && holds(value.text().text());
}

}  // namespace

bool apply_test(Runtime& runtime, std::string_view name, const Value& value, const Arguments& arguments) {
  runtime.work();
  if (const TypeTest* test = find(kTypeTests, name)) {
    const Taken taken("this test", arguments, {});
    return test->holds(value);
  }
  if (const Comparison* comparison = find(kComparisons, name)) {
    const Taken taken("this test", arguments, {"other"}, 1);
    return compare(runtime, comparison->sign, value, taken[0]);
  }
  if (name == "sameas") {
    const Taken taken("sameas", arguments, {"other"}, 1);
    return same_object(runtime, value, taken[0]);
  }
  if (name == "divisibleby") {
    const Taken taken("divisibleby", arguments, {"num"}, 1);
    return divides(runtime, value, taken[0]);
  }
  const Taken taken("this test", arguments, {});
  if (name == "even") return divides(runtime, value, Value(int64_t{2}));
  if (name == "odd") return !divides(runtime, value, Value(int64_t{2}));
  if (name == "upper") return is_case(value, is_upper_text);
  if (name == "lower") return is_case(value, is_lower_text);
  if (name == "filter") {
    return value.is_text() &&
           (find_value_filter(value.text().text()) != nullptr || find_list_filter(value.text().text()) != nullptr);
  }
  fail_template("the test `is {}` is not supported here", printable(name));
}

}  // namespace assay::engine::chat
