#include <algorithm>

#include "base/text.h"
#include "engine/chat/access.h"
#include "engine/chat/arithmetic.h"
#include "engine/chat/compare.h"
#include "engine/chat/filters.h"
#include "engine/chat/interpreter.h"
#include "engine/chat/print.h"
#include "engine/chat/tests.h"
#include "engine/chat/within.h"

namespace assay::engine::chat {

using Kind = Expression::Kind;

Value Interpreter::evaluate(const Expression& expression) {
  runtime_.work();
  runtime_.line = expression.line;
  const Runtime::Deeper deeper(runtime_);
  return evaluate_node(expression);
}

Value Interpreter::evaluate_node(const Expression& expression) {
  const auto part = [&](size_t i) { return evaluate(*expression.parts[i]); };
  switch (expression.kind) {
    case Kind::kConstant:
      return constant(expression);
    case Kind::kName:
      return look_up(expression.name);
    case Kind::kTuple:
      return runtime_.list(evaluate_all(expression.parts, 0), List::Kind::kTuple);
    case Kind::kList:
      return runtime_.list(evaluate_all(expression.parts, 0));
    case Kind::kDict:
      return evaluate_dict(expression);
    case Kind::kItem: {
      const Value object = part(0);
      return get_item(runtime_, object, part(1));
    }
    case Kind::kSlice:
      return evaluate_slice(expression);
    case Kind::kAttribute:
      return get_attribute(runtime_, part(0), expression.name);
    case Kind::kCall: {
      const Value callee = part(0);
      return call(callee, arguments_of(expression));
    }
    case Kind::kFilter: {
      const Value value = part(0);
      return apply_filter(runtime_, expression.name, value, arguments_of(expression));
    }
    case Kind::kTest: {
      const Value value = part(0);
      return Value(apply_test(runtime_, expression.name, value, arguments_of(expression)));
    }
    case Kind::kNot:
      return Value(!truth(part(0)));
    case Kind::kNegative:
      return negative(part(0));
    case Kind::kPositive:
      return positive(part(0));
    case Kind::kAnd: {
      const Value left = part(0);
      return truth(left) ? part(1) : left;
    }
    case Kind::kOr: {
      const Value left = part(0);
      return truth(left) ? left : part(1);
    }
    case Kind::kChoice:
      return evaluate_choice(expression);
    case Kind::kCompare:
      return evaluate_comparison(expression);
    case Kind::kConcat:
      return evaluate_concat(expression);
    case Kind::kArithmetic: {
      const Value left = part(0);
      return arithmetic(runtime_, expression.operators.front(), left, part(1));
    }
  }
  fail_template("an expression is of no kind");
}

// A text belongs to the tree, which outlives the rendering: it is not copied.
Value Interpreter::constant(const Expression& expression) {
  const auto value = [](const auto& held) {
    if constexpr (std::is_same_v<decltype(held), const MarkedText&>) {
      return Value(&held);
    } else {
      return Value(held);
    }
  };
  return std::visit(value, expression.constant);
}

Value Interpreter::look_up(const std::string& name) {
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    runtime_.work(scope->names.size());
    for (const auto& [known, value] : scope->names) {
      if (known == name) return value;
    }
  }
  return runtime_.undefined(fmt::format("'{}' is undefined", printable(name)));
}

std::vector<Value> Interpreter::evaluate_all(const std::vector<ExpressionPtr>& parts, size_t first) {
  std::vector<Value> values;
  for (size_t i = first; i < parts.size(); ++i) values.push_back(evaluate(*parts[i]));
  return values;
}

Value Interpreter::evaluate_slice(const Expression& expression) {
  const Value object = evaluate(*expression.parts[0]);
  const auto bound = [&](size_t i) { return expression.parts[i] ? evaluate(*expression.parts[i]) : Value(None{}); };
  const Value begin = bound(1);
  const Value end = bound(2);
  return get_slice(runtime_, object, begin, end, bound(3));
}

Value Interpreter::evaluate_dict(const Expression& expression) {
  Dict* dict = runtime_.dict();
  for (size_t i = 0; i < expression.parts.size(); i += 2) {
    const Value key = evaluate(*expression.parts[i]);
    set_entry(runtime_, *dict, key, evaluate(*expression.parts[i + 1]));
  }
  return Value(dict);
}

// a < b < c asks both, and c only where the first holds.
Value Interpreter::evaluate_comparison(const Expression& expression) {
  Value left = evaluate(*expression.parts[0]);
  for (size_t i = 0; i < expression.operators.size(); ++i) {
    const Value right = evaluate(*expression.parts[i + 1]);
    if (!compare(runtime_, expression.operators[i], left, right)) return Value(false);
    left = right;
  }
  return Value(true);
}

Value Interpreter::evaluate_concat(const Expression& expression) {
  MarkedText text;
  for (const ExpressionPtr& part : expression.parts) append_text(runtime_, evaluate(*part), text);
  return runtime_.text(std::move(text));
}

Value Interpreter::evaluate_choice(const Expression& expression) {
  if (truth(evaluate(*expression.parts[0]))) return evaluate(*expression.parts[1]);
  if (expression.parts[2]) return evaluate(*expression.parts[2]);
  return runtime_.undefined("a choice with `if` has no `else`, and its condition is false");
}

Arguments Interpreter::arguments_of(const Expression& expression) {
  Arguments arguments;
  arguments.positional = evaluate_all(expression.parts, 1);
  for (const Expression::Keyword& keyword : expression.keywords) {
    arguments.named.emplace_back(keyword.name, evaluate(*keyword.value));
  }
  return arguments;
}

// The filters of {% set x | f | g %} and {% filter f | g %}: the innermost has no value of its own.
Value Interpreter::filtered(const Expression* filter, const Value& value) {
  if (filter == nullptr) return value;
  const Value inner = filtered(filter->parts.front().get(), value);
  runtime_.line = filter->line;
  return apply_filter(runtime_, filter->name, inner, arguments_of(*filter));
}

Value Interpreter::call(const Value& callee, const Arguments& arguments) {
  runtime_.work();
  const Runtime::Deeper deeper(runtime_);
  if (callee.is_undefined()) fail_undefined(callee);
  if (callee.is<Loop*>()) return call_loop(*callee.as<Loop*>(), arguments);
  if (!callee.is<const Callable*>()) fail_template("a {} is called, which is no function", type_name(callee));
  const Callable& callable = *callee.as<const Callable*>();
  if (callable.macro != nullptr) return call_macro(callable, arguments);
  return callable.native(runtime_, callable.self != nullptr ? *callable.self : Value(), arguments);
}

Value Interpreter::call_macro(const Callable& callable, const Arguments& arguments) {
  const Statement& macro = *callable.macro;
  const size_t count = macro.parameters.size();
  if (arguments.positional.size() > count) {
    fail_template("the macro {} takes at most {} arguments and is given {}", macro.name, count,
                  arguments.positional.size());
  }
  const Within within(scope_, runtime_.scope(callable.scope));
  for (size_t i = 0; i < arguments.positional.size(); ++i) {
    set_name(runtime_, *scope_, macro.parameters[i].name, arguments.positional[i]);
  }
  for (const auto& [name, value] : arguments.named) {
    const auto known = std::any_of(macro.parameters.begin(), macro.parameters.end(),
                                   [&, &wanted = name](const auto& parameter) { return parameter.name == wanted; });
    if (!known && name != "caller") fail_template("the macro {} has no argument {}", macro.name, printable(name));
    set_name(runtime_, *scope_, name, value);
  }
  for (size_t i = arguments.positional.size(); i < count; ++i) {
    const Statement::Parameter& parameter = macro.parameters[i];
    const auto given = std::any_of(arguments.named.begin(), arguments.named.end(),
                                   [&](const auto& named) { return named.first == parameter.name; });
    if (given) continue;
    set_name(runtime_, *scope_, parameter.name,
             parameter.value ? evaluate(*parameter.value)
                             : runtime_.undefined(fmt::format("parameter '{}' was not provided", parameter.name)));
  }
  MarkedText out;
  run(macro.body, out);
  return runtime_.text(std::move(out));
}

// loop(items) within a {% for ... recursive %}: its body once more, one level deeper.
Value Interpreter::call_loop(const Loop& loop, const Arguments& arguments) {
  const Taken taken("loop", arguments, {"iterable"}, 1);
  if (!loop.statement->recursive) fail_template("loop() is called in a loop that is not recursive");
  MarkedText out;
  run_loop(*loop.statement, taken[0], loop.depth0 + 1, loop.scope, out);
  return runtime_.text(std::move(out));
}

}  // namespace assay::engine::chat
