// Walks a template's tree. Scopes are Jinja's: loops, macros, {% with %} and blocks that are set or filtered have names
// of their own and see those around them; {% if %} has not.
#pragma once

#include "engine/chat/arguments.h"
#include "engine/chat/syntax.h"

namespace assay::engine::chat {

class Interpreter {
 public:
  // `names`: the variables given to the template. The tree, the runtime and the names outlive the interpreter.
  Interpreter(Runtime& runtime, Scope* names) : runtime_(runtime), scope_(names) {}

  // TemplateError, whose line may be missing: it is then Runtime::line.
  MarkedText render(const Block& block);

 private:
  // What a {% break %} or {% continue %} leaves to its loop.
  enum class Flow { kOn, kBreak, kContinue };

  // While one lives, assignments go to `scope`.
  class Within;

  // interpreter.cc: statements
  Flow run(const Block& block, MarkedText& out);
  Flow run(const Statement& statement, MarkedText& out);
  Flow run_in_new_scope(const Block& block, MarkedText& out);
  Flow run_if(const Statement& statement, MarkedText& out);
  Flow run_with(const Statement& statement, MarkedText& out);
  Flow run_captured(const Statement& statement, MarkedText& out);
  void run_loop(const Statement& statement, const Value& items, int depth0, Scope* scope, MarkedText& out);
  void run_call_block(const Statement& statement, MarkedText& out);
  void assign(const Expression& target, const Value& value);

  // evaluate.cc: expressions
  Value evaluate(const Expression& expression);
  Value evaluate_node(const Expression& expression);
  Value constant(const Expression& expression);
  Value look_up(const std::string& name);
  Value evaluate_slice(const Expression& expression);
  Value evaluate_dict(const Expression& expression);
  Value evaluate_comparison(const Expression& expression);
  Value evaluate_concat(const Expression& expression);
  Value evaluate_choice(const Expression& expression);
  std::vector<Value> evaluate_all(const std::vector<ExpressionPtr>& parts, size_t first);
  Arguments arguments_of(const Expression& expression);
  Value filtered(const Expression* filter, const Value& value);
  Value call(const Value& callee, const Arguments& arguments);
  Value call_macro(const Callable& macro, const Arguments& arguments);
  Value call_loop(const Loop& loop, const Arguments& arguments);

  Runtime& runtime_;
  Scope* scope_;
};

}  // namespace assay::engine::chat
