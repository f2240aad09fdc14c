#include "engine/chat/interpreter.h"

#include "base/text.h"
#include "engine/chat/access.h"
#include "engine/chat/compare.h"
#include "engine/chat/print.h"
#include "engine/chat/within.h"

namespace assay::engine::chat {

MarkedText Interpreter::render(const Block& block) {
  MarkedText out;
  run_in_new_scope(block, out);
  return out;
}

Interpreter::Flow Interpreter::run(const Block& block, MarkedText& out) {
  for (const Statement& statement : block) {
    const Flow flow = run(statement, out);
    if (flow != Flow::kOn) return flow;
  }
  return Flow::kOn;
}

Interpreter::Flow Interpreter::run_in_new_scope(const Block& block, MarkedText& out) {
  const Within within(scope_, runtime_.scope(scope_));
  return run(block, out);
}

Interpreter::Flow Interpreter::run(const Statement& statement, MarkedText& out) {
  runtime_.work();
  runtime_.line = statement.line;
  const Runtime::Deeper deeper(runtime_);
  switch (statement.kind) {
    case Statement::Kind::kText:
      runtime_.allocate(statement.text.size());
      out.append(statement.text);
      break;
    case Statement::Kind::kPrint:
      append_text(runtime_, evaluate(*statement.value), out);
      break;
    case Statement::Kind::kIf:
      return run_if(statement, out);
    case Statement::Kind::kFor:
      run_loop(statement, evaluate(*statement.value), 0, scope_, out);
      break;
    case Statement::Kind::kSet:
      assign(*statement.target, evaluate(*statement.value));
      break;
    case Statement::Kind::kSetBlock:
    case Statement::Kind::kFilterBlock:
      return run_captured(statement, out);
    case Statement::Kind::kMacro:
      set_name(runtime_, *scope_, statement.name,
               runtime_.callable({statement.name, nullptr, nullptr, &statement, scope_}));
      break;
    case Statement::Kind::kCallBlock:
      run_call_block(statement, out);
      break;
    case Statement::Kind::kWith:
      return run_with(statement, out);
    case Statement::Kind::kGroup:
      return run_in_new_scope(statement.body, out);
    case Statement::Kind::kBreak:
      return Flow::kBreak;
    case Statement::Kind::kContinue:
      return Flow::kContinue;
  }
  return Flow::kOn;
}

Interpreter::Flow Interpreter::run_if(const Statement& statement, MarkedText& out) {
  for (const Statement::Branch& branch : statement.branches) {
    if (!branch.condition || truth(evaluate(*branch.condition))) return run(branch.body, out);
  }
  return Flow::kOn;
}

Interpreter::Flow Interpreter::run_with(const Statement& statement, MarkedText& out) {
  Scope* inner = runtime_.scope(scope_);
  for (const Statement::Parameter& parameter : statement.parameters) {
    set_name(runtime_, *inner, parameter.name, evaluate(*parameter.value));
  }
  const Within within(scope_, inner);
  return run(statement.body, out);
}

// {% set %} and {% filter %} with a body.
Interpreter::Flow Interpreter::run_captured(const Statement& statement, MarkedText& out) {
  MarkedText captured;
  const Flow flow = run_in_new_scope(statement.body, captured);
  if (flow != Flow::kOn) return flow;
  const Value value = filtered(statement.value.get(), runtime_.text(std::move(captured)));
  if (statement.kind == Statement::Kind::kSetBlock) {
    assign(*statement.target, value);
  } else {
    append_text(runtime_, value, out);
  }
  return Flow::kOn;
}

void Interpreter::run_loop(const Statement& statement, const Value& items, int depth0, Scope* scope, MarkedText& out) {
  const std::vector<Value> source = walk(runtime_, items);
  size_t next = 0;
  Loop* loop = runtime_.loop();
  loop->depth0 = depth0;
  loop->statement = &statement;
  loop->scope = scope;
  loop->take = [&] {
    while (next < source.size()) {
      const Value item = source[next++];
      if (statement.condition) {
        const Within within(scope_, runtime_.scope(scope));
        assign(*statement.target, item);
        if (!truth(evaluate(*statement.condition))) continue;
      }
      runtime_.allocate(sizeof item);
      loop->items.push_back(item);
      return true;
    }
    return false;
  };
  Flow flow = Flow::kOn;
  while (flow != Flow::kBreak) {
    const auto taken = static_cast<int64_t>(loop->items.size());
    if (loop->index0 + 1 >= taken && !loop->take()) break;
    ++loop->index0;
    runtime_.work();
    const Within within(scope_, runtime_.scope(scope));
    set_name(runtime_, *scope_, "loop", Value(loop));
    assign(*statement.target, loop->items[static_cast<size_t>(loop->index0)]);
    flow = run(statement.body, out);
  }
  loop->take = [] { return false; };  // what it refers to ends here; the loop may be kept in a namespace
  if (loop->index0 >= 0) return;
  const Within within(scope_, runtime_.scope(scope));
  run(statement.otherwise, out);
}

void Interpreter::run_call_block(const Statement& statement, MarkedText& out) {
  const Expression& called = *statement.value;
  Arguments arguments = arguments_of(called);
  arguments.named.emplace_back("caller", runtime_.callable({"caller", nullptr, nullptr, &statement, scope_}));
  append_text(runtime_, call(evaluate(*called.parts.front()), arguments), out);
}

void Interpreter::assign(const Expression& target, const Value& value) {
  if (target.kind == Expression::Kind::kName) return set_name(runtime_, *scope_, target.name, value);
  if (target.kind == Expression::Kind::kTuple) {
    const std::vector<Value> items = walk(runtime_, value);
    if (items.size() != target.parts.size()) {
      fail_template("{} values are assigned to {} names", items.size(), target.parts.size());
    }
    for (size_t i = 0; i < items.size(); ++i) assign(*target.parts[i], items[i]);
    return;
  }
  const Value object = look_up(target.parts.front()->name);
  if (!object.is<Namespace*>()) {
    fail_template("{}.{} is assigned to, but {} is no namespace", printable(target.parts.front()->name),
                  printable(target.name), printable(target.parts.front()->name));
  }
  set_entry_of(runtime_, object.as<Namespace*>()->entries, target.name, value);
}

}  // namespace assay::engine::chat
