// What a template computes with: Python's values, as far as templates meet them. A Value is small and is copied; what
// it points to belongs to the Runtime of the rendering and lives as long as that.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/chat/marked_text.h"

namespace assay::engine::chat {

class Runtime;
class Value;
struct Arguments;
struct Expression;
struct Scope;
struct Statement;

// A name or an attribute that is not there. Harmless until something is asked of it: then `message` is the error.
struct Undefined {
  const std::string* message = nullptr;
};
struct None {};

struct List {
  // A tuple differs in how it is printed and compared. What filters such as `select` give is a generator: it is true
  // even if it has no items, has no length and no places, and can be walked once.
  enum class Kind { kList, kTuple, kGenerator };
  std::vector<Value> items;
  Kind kind = Kind::kList;
  bool walked = false;  // of a generator
};

// In the order in which the keys came.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
};

// namespace(...): what a template may assign to from within a loop.
struct Namespace {
  std::vector<std::pair<std::string, Value>> entries;
};

struct Loop;

// A function, a method bound to its object (`self`), or a macro with the names that it sees.
struct Callable {
  using Native = Value (*)(Runtime& runtime, const Value& self, const Arguments& arguments);
  std::string name;
  Native native = nullptr;
  const Value* self = nullptr;
  const Statement* macro = nullptr;
  Scope* scope = nullptr;
};

class Value {
 public:
  using Data = std::variant<Undefined, None, bool, int64_t, double, const MarkedText*, List*, Dict*, Namespace*,
                            const Callable*, Loop*>;

  Value() = default;
  template <typename T>
  explicit Value(T data) : data_(data) {}

  template <typename T>
  bool is() const {
    return std::holds_alternative<T>(data_);
  }
  template <typename T>
  T as() const {
    return std::get<T>(data_);
  }
  bool is_undefined() const { return is<Undefined>(); }
  bool is_none() const { return is<None>(); }
  bool is_text() const { return is<const MarkedText*>(); }
  const MarkedText& text() const { return *as<const MarkedText*>(); }
  const Data& data() const { return data_; }

 private:
  Data data_;
};

// `loop` inside a {% for %}.
struct Loop {
  // Takes the next item that meets the loop's condition into `items`; false where none is left. They are taken one by
  // one, since the condition may depend on what the body did.
  std::function<bool()> take;
  std::vector<Value> items;
  int64_t index0 = -1;  // of the current one
  int depth0 = 0;
  const Statement* statement = nullptr;
  Scope* scope = nullptr;      // that the loop stands in
  std::vector<Value> changed;  // what loop.changed was given last
  bool asked_changed = false;  // whether it was given anything yet
};

// The names of a template, a macro or one turn of a loop; those of `parent` are seen through it.
struct Scope {
  Scope* parent = nullptr;
  std::vector<std::pair<std::string, Value>> names;
};

}  // namespace assay::engine::chat
