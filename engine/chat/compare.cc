#include "engine/chat/compare.h"

#include <algorithm>

namespace assay::engine::chat {
namespace {

bool equal_lists(Runtime& runtime, const List& a, const List& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  runtime.work(a.items.size());
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!equal(runtime, a.items[i], b.items[i])) return false;
  }
  return true;
}

bool equal_dicts(Runtime& runtime, const Dict& a, const Dict& b) {
  if (a.entries.size() != b.entries.size()) return false;
  for (const auto& [key, value] : a.entries) {
    const auto& others = b.entries;
    const auto found = std::find_if(others.begin(), others.end(), [&, &wanted = key](const auto& entry) {
      return equal(runtime, entry.first, wanted);
    });
    if (found == others.end() || !equal(runtime, found->second, value)) return false;
  }
  return true;
}

}  // namespace

std::string_view type_name(const Value& value) {
  struct Names {
    std::string_view operator()(Undefined) const { return "undefined"; }
    std::string_view operator()(None) const { return "None"; }
    std::string_view operator()(bool) const { return "bool"; }
    std::string_view operator()(int64_t) const { return "int"; }
    std::string_view operator()(double) const { return "float"; }
    std::string_view operator()(const MarkedText*) const { return "str"; }
    std::string_view operator()(const List* list) const {
      return list->kind == List::Kind::kList ? "list" : list->kind == List::Kind::kTuple ? "tuple" : "generator";
    }
    std::string_view operator()(const Dict*) const { return "dict"; }
    std::string_view operator()(const Namespace*) const { return "namespace"; }
    std::string_view operator()(const Callable*) const { return "function"; }
    std::string_view operator()(const Loop*) const { return "loop"; }
  };
  return std::visit(Names{}, value.data());
}

void fail_undefined(const Value& value) {
  const std::string* message = value.as<Undefined>().message;
  throw TemplateError(message != nullptr ? *message : "a value is undefined");
}

bool is_integer(const Value& value) {
  return value.is<int64_t>() || value.is<bool>();
}

bool is_number(const Value& value) {
  return is_integer(value) || value.is<double>();
}

int64_t integer_of(const Value& value) {
  return value.is<bool>() ? static_cast<int64_t>(value.as<bool>()) : value.as<int64_t>();
}

double real_of(const Value& value) {
  return value.is<double>() ? value.as<double>() : static_cast<double>(integer_of(value));
}

bool truth(const Value& value) {
  if (value.is_undefined() || value.is_none()) return false;
  if (value.is<double>()) return value.as<double>() != 0;
  if (is_integer(value)) return integer_of(value) != 0;
  if (value.is_text()) return !value.text().empty();
  if (value.is<List*>()) {
    const List& list = *value.as<List*>();
    return list.kind == List::Kind::kGenerator || !list.items.empty();
  }
  if (value.is<Dict*>()) return !value.as<Dict*>()->entries.empty();
  return true;
}

bool equal(Runtime& runtime, const Value& a, const Value& b) {
  runtime.work();
  if (is_integer(a) && is_integer(b)) return integer_of(a) == integer_of(b);
  if (is_number(a) && is_number(b)) return real_of(a) == real_of(b);
  if (a.data().index() != b.data().index()) return false;
  const Runtime::Deeper deeper(runtime);
  if (a.is_undefined() || a.is_none()) return true;
  if (a.is_text()) {
    runtime.work(std::min(a.text().size(), b.text().size()));
    return a.text().text() == b.text().text();
  }
  if (a.is<List*>()) {
    const List& list = *a.as<List*>();
    if (list.kind == List::Kind::kGenerator) return a.as<List*>() == b.as<List*>();
    return equal_lists(runtime, list, *b.as<List*>());
  }
  if (a.is<Dict*>()) return equal_dicts(runtime, *a.as<Dict*>(), *b.as<Dict*>());
  if (a.is<Namespace*>()) return a.as<Namespace*>() == b.as<Namespace*>();
  if (a.is<Loop*>()) return a.as<Loop*>() == b.as<Loop*>();
  return a.as<const Callable*>() == b.as<const Callable*>();
}

bool less(Runtime& runtime, const Value& a, const Value& b) {
  runtime.work();
  const Runtime::Deeper deeper(runtime);
  if (is_integer(a) && is_integer(b)) return integer_of(a) < integer_of(b);
  if (is_number(a) && is_number(b)) return real_of(a) < real_of(b);
  if (a.is_text() && b.is_text()) {
    runtime.work(std::min(a.text().size(), b.text().size()));
    return a.text().text() < b.text().text();  // the order of UTF-8 is that of code points
  }
  if (a.is<List*>() && b.is<List*>() && a.as<List*>()->kind == b.as<List*>()->kind &&
      a.as<List*>()->kind != List::Kind::kGenerator) {
    const std::vector<Value>& left = a.as<List*>()->items;
    const std::vector<Value>& right = b.as<List*>()->items;
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      if (!equal(runtime, left[i], right[i])) return less(runtime, left[i], right[i]);
    }
    return left.size() < right.size();
  }
  for (const Value* one : {&a, &b}) {
    if (one->is_undefined()) fail_undefined(*one);
  }
  fail_template("{} and {} cannot be ordered", type_name(a), type_name(b));
}

bool contains(Runtime& runtime, const Value& container, const Value& item) {
  if (container.is_text()) {
    if (item.is_undefined()) fail_undefined(item);
    if (!item.is_text()) fail_template("`in` looks for a {} in a str, where only a str can be", type_name(item));
    runtime.work(container.text().size());
    return container.text().text().find(item.text().text()) != std::string::npos;
  }
  const auto same = [&](const Value& other) { return equal(runtime, other, item); };
  if (container.is<List*>()) {
    List& list = *container.as<List*>();
    if (list.walked) return false;
    list.walked = list.kind == List::Kind::kGenerator;
    return std::any_of(list.items.begin(), list.items.end(), same);
  }
  if (container.is<Dict*>()) {
    const auto& entries = container.as<Dict*>()->entries;
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return same(entry.first); });
  }
  if (container.is_undefined()) return false;
  fail_template("`in` looks into a {}, which holds nothing", type_name(container));
}

bool compare(Runtime& runtime, std::string_view sign, const Value& a, const Value& b) {
  if (sign == "==") return equal(runtime, a, b);
  if (sign == "!=") return !equal(runtime, a, b);
  if (sign == "in") return contains(runtime, b, a);
  if (sign == "not in") return !contains(runtime, b, a);
  if (sign == "<") return less(runtime, a, b);
  if (sign == ">") return less(runtime, b, a);
  // Not the inverse of the other order: nothing is at most or at least a float that is not a number.
  const Value& smaller = sign == "<=" ? a : b;
  const Value& larger = sign == "<=" ? b : a;
  return less(runtime, smaller, larger) || equal(runtime, smaller, larger);
}

}  // namespace assay::engine::chat
