#include "engine/chat/globals.h"

#include <algorithm>
#include <array>

#include "engine/chat/access.h"
#include "engine/chat/arguments.h"
#include "engine/chat/compare.h"
#include "engine/chat/print.h"

namespace assay::engine::chat {
namespace {

constexpr int64_t kLongestRange = 100'000;  // that of Jinja's sandbox

Value range(Runtime& runtime, const Value&, const Arguments& arguments) {
  const Taken taken("range", arguments, {"start", "stop", "step"}, 1);
  const int64_t step = taken.integer(2, 1);
  if (step == 0) fail_template("range() is given the step 0");
  const int64_t begin = taken.has(1) ? taken.integer(0, 0) : 0;
  const int64_t end = taken.has(1) ? taken.integer(1, 0) : taken.integer(0, 0);
  std::vector<Value> numbers;
  for (int64_t at = begin; step > 0 ? at < end : at > end;) {
    if (static_cast<int64_t>(numbers.size()) == kLongestRange) {
      fail_template("range() makes more than {} numbers", kLongestRange);
    }
    numbers.emplace_back(at);
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return runtime.list(std::move(numbers));
}

// What dict() and namespace() begin with: the entries of a dict, then the named arguments.
std::vector<std::pair<Value, Value>> entries_of(Runtime& runtime, const char* function, const Arguments& arguments) {
  std::vector<std::pair<Value, Value>> entries;
  if (arguments.positional.size() > 1) fail_template("{}() takes one dict, and named arguments", function);
  if (!arguments.positional.empty()) {
    if (!arguments.positional[0].is<Dict*>()) fail_template("{}() takes a dict, and named arguments", function);
    entries = arguments.positional[0].as<Dict*>()->entries;
  }
  for (const auto& [name, value] : arguments.named) entries.emplace_back(runtime.text(name), value);
  runtime.allocate(entries.size() * 2 * sizeof(Value));
  return entries;
}

Value make_dict(Runtime& runtime, const Value&, const Arguments& arguments) {
  Dict* made = runtime.dict();
  for (const auto& [key, value] : entries_of(runtime, "dict", arguments)) set_entry(runtime, *made, key, value);
  return Value(made);
}

Value make_namespace(Runtime& runtime, const Value&, const Arguments& arguments) {
  Namespace* made = runtime.new_namespace();
  for (const auto& [key, value] : entries_of(runtime, "namespace", arguments)) {
    if (!key.is_text()) fail_template("namespace() is given a {} as a name", type_name(key));
    made->entries.emplace_back(key.text().text(), value);
  }
  return Value(made);
}

Value raise_exception(Runtime& runtime, const Value&, const Arguments& arguments) {
  const Taken taken("raise_exception", arguments, {"message"}, 1);
  throw TemplateError(to_text(runtime, taken[0]).text(), runtime.line, true);
}

// strftime of the C library, in its own language, as Python's.
Value strftime_now(Runtime& runtime, const Value&, const Arguments& arguments) {
  const Taken taken("strftime_now", arguments, {"format"}, 1);
  const std::string format = taken.text(0).text() + " ";  // never empty, so that 0 means that it did not fit
  std::array<char, 1024> buffer{};
  const size_t length = std::strftime(buffer.data(), buffer.size(), format.c_str(), &runtime.date());
  if (length == 0) fail_template("strftime_now() makes more than {} characters", buffer.size());
  return runtime.text(std::string_view(buffer.data(), length - 1));
}

}  // namespace

Scope* global_scope(Runtime& runtime) {
  static constexpr std::pair<const char*, Callable::Native> kGlobals[] = {
      {"range", range},
      {"dict", make_dict},
      {"namespace", make_namespace},
      {"raise_exception", raise_exception},
      {"strftime_now", strftime_now},
  };
  Scope* scope = runtime.scope(nullptr);
  for (const auto& [name, native] : kGlobals) {
    scope->names.emplace_back(name, runtime.callable({name, native, nullptr, nullptr, nullptr}));
  }
  return scope;
}

}  // namespace assay::engine::chat
