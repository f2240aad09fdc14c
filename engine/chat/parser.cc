#include "engine/chat/parser.h"

#include <algorithm>

#include "base/text.h"
#include "engine/chat/parser_state.h"

namespace assay::engine::chat {

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (parser_.level_ >= kDeepestTree) {
    parser_.fail_at(fmt::format("expressions or blocks are nested more than {} deep", kDeepestTree));
  }
  ++parser_.level_;
}

Token Parser::take() {
  Token token = now();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool Parser::take_if_name(std::string_view name) {
  if (!now().is_name(name)) return false;
  take();
  return true;
}

bool Parser::take_if_operator(std::string_view sign) {
  if (!now().is_operator(sign)) return false;
  take();
  return true;
}

void Parser::expect_operator(std::string_view sign) {
  if (!take_if_operator(sign)) fail_unexpected(fmt::format("'{}'", sign));
}

std::string Parser::expect_name(std::string_view what) {
  if (now().kind != Token::Kind::kName) fail_unexpected(what);
  return take().text;
}

void Parser::expect_block_end() {
  if (now().kind != Token::Kind::kBlockEnd) fail_unexpected("%}");
  take();
}

void Parser::fail_at(std::string message) const {
  throw TemplateError(message, now().line);
}

void Parser::fail_unexpected(std::string_view wanted) const {
  fail_at(fmt::format("{} stands where {} should be", describe(now()), wanted));
}

std::string Parser::describe(const Token& token) const {
  switch (token.kind) {
    case Token::Kind::kText:
      return "text";
    case Token::Kind::kPrintBegin:
      return "{{";
    case Token::Kind::kPrintEnd:
      return "}}";
    case Token::Kind::kBlockBegin:
      return "{%";
    case Token::Kind::kBlockEnd:
      return "%}";
    case Token::Kind::kString:
      return "a string";
    case Token::Kind::kEnd:
      return "the end of the template";
    default:
      return fmt::format("'{}'", printable(token.text));
  }
}

ExpressionPtr Parser::node(Expression::Kind kind, int line) const {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->line = line;
  return expression;
}

ExpressionPtr Parser::complete(ExpressionPtr expression) const {
  int deepest = 0;
  for (const ExpressionPtr& part : expression->parts) {
    if (part) deepest = std::max(deepest, part->depth);
  }
  for (const Expression::Keyword& keyword : expression->keywords) deepest = std::max(deepest, keyword.value->depth);
  expression->depth = deepest + 1;
  if (expression->depth > kDeepestTree) {
    throw TemplateError(fmt::format("an expression is nested more than {} deep", kDeepestTree), expression->line);
  }
  return expression;
}

Block parse_template(std::string_view source) {
  return Parser(read_tokens(source)).parse_block({});
}

}  // namespace assay::engine::chat
