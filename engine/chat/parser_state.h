// Inside of the parser: the tokens, and the two halves of the grammar, expressions and statements. Precedence and forms
// follow Jinja 3.1 ("Template Designer Documentation", expressions; list of control structures).
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/chat/lexer.h"
#include "engine/chat/runtime.h"
#include "engine/chat/syntax.h"

namespace assay::engine::chat {

// Deeper trees are refused, since all that walks them is recursive.
inline constexpr int kDeepestTree = 150;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // Statements up to the end, or up to a tag that begins with one of `ends`, which becomes the current token.
  Block parse_block(std::initializer_list<std::string_view> ends);

 private:
  // parse_expressions.cc
  ExpressionPtr parse_expression(bool with_choice = true);
  // An expression, or several with commas: a tuple. `end`: a name that may follow a last comma.
  ExpressionPtr parse_tuple(bool with_choice, std::string_view end = "");
  ExpressionPtr parse_or();
  ExpressionPtr parse_and();
  ExpressionPtr parse_not();
  ExpressionPtr parse_comparison();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concat();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool with_filters);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_number();
  ExpressionPtr parse_parentheses();
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  ExpressionPtr parse_postfix(ExpressionPtr expression);
  ExpressionPtr parse_filters_and_tests(ExpressionPtr expression);
  ExpressionPtr parse_attribute(ExpressionPtr object);
  ExpressionPtr parse_item(ExpressionPtr object);
  ExpressionPtr parse_call(ExpressionPtr callee);
  ExpressionPtr parse_filter(ExpressionPtr value);  // behind the |
  ExpressionPtr parse_test(ExpressionPtr value);    // behind `is`
  void parse_arguments(Expression& call);
  ExpressionPtr arithmetic(ExpressionPtr left, std::string sign, ExpressionPtr right, int line);

  // parse_statements.cc
  Statement parse_statement();
  void parse_if(Statement& statement);
  void parse_for(Statement& statement);
  void parse_set(Statement& statement);
  void parse_macro(Statement& statement);
  void parse_call_block(Statement& statement);
  void parse_filter_block(Statement& statement);
  void parse_with(Statement& statement);
  void parse_parameters(Statement& statement);
  Block parse_body(std::initializer_list<std::string_view> ends);
  ExpressionPtr parse_target(bool with_attribute);
  ExpressionPtr parse_one_target(bool with_attribute);

  // parser.cc
  const Token& now() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  Token take();
  bool take_if_name(std::string_view name);
  bool take_if_operator(std::string_view sign);
  void expect_operator(std::string_view sign);
  std::string expect_name(std::string_view what);
  void expect_block_end();
  [[noreturn]] void fail_at(std::string message) const;
  [[noreturn]] void fail_unexpected(std::string_view wanted) const;
  std::string describe(const Token& token) const;
  ExpressionPtr node(Expression::Kind kind, int line) const;
  // Sets the depth of an expression from its parts; call it when they are complete.
  ExpressionPtr complete(ExpressionPtr expression) const;

  // While one lives, the parser is one level deeper.
  class Level {
   public:
    explicit Level(Parser& parser);
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int level_ = 0;
  int loops_ = 0;  // that {% break %} may end
};

}  // namespace assay::engine::chat
