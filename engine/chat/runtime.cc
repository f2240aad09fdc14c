#include "engine/chat/runtime.h"

namespace assay::engine::chat {

void Runtime::work(size_t amount) {
  steps_ += 1 + static_cast<int64_t>(amount / 256);
  if (steps_ > limits_.steps) {
    fail_template("it takes more than {} steps; the template loops without end, or the dialogue is too long for it",
                  limits_.steps);
  }
}

void Runtime::allocate(size_t bytes) {
  memory_ += bytes;
  if (memory_ > limits_.memory || bytes > limits_.memory) {
    fail_template("it makes more than {} MiB of text and values", limits_.memory >> 20U);
  }
}

Runtime::Deeper::Deeper(Runtime& runtime) : runtime_(runtime) {
  if (runtime_.depth_ >= runtime_.limits_.depth) {
    fail_template("calls or values are nested more than {} deep", runtime_.limits_.depth);
  }
  ++runtime_.depth_;
}

Value Runtime::text(MarkedText text) {
  work(text.size());
  allocate(text.size() + sizeof text);
  return Value(static_cast<const MarkedText*>(&texts_.emplace_back(std::move(text))));
}

Value Runtime::list(std::vector<Value> items, List::Kind kind) {
  work(items.size());
  allocate(items.size() * sizeof(Value) + sizeof(List));
  return Value(&lists_.emplace_back(List{std::move(items), kind, false}));
}

Dict* Runtime::dict() {
  allocate(sizeof(Dict));
  return &dicts_.emplace_back();
}

Namespace* Runtime::new_namespace() {
  allocate(sizeof(Namespace));
  return &namespaces_.emplace_back();
}

Value Runtime::callable(Callable callable) {
  allocate(sizeof callable);
  return Value(static_cast<const Callable*>(&callables_.emplace_back(std::move(callable))));
}

Value Runtime::method(std::string_view name, Callable::Native native, const Value& self) {
  allocate(sizeof self);
  return callable({std::string(name), native, &selves_.emplace_back(self), nullptr, nullptr});
}

Value Runtime::undefined(std::string message) {
  allocate(message.size() + sizeof message);
  return Value(Undefined{&messages_.emplace_back(std::move(message))});
}

Loop* Runtime::loop() {
  allocate(sizeof(Loop));
  return &loops_.emplace_back();
}

Scope* Runtime::scope(Scope* parent) {
  allocate(sizeof(Scope));
  return &scopes_.emplace_back(Scope{parent, {}});
}

}  // namespace assay::engine::chat
