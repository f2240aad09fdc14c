#include "base/text.h"
#include "engine/chat/parser_state.h"

namespace assay::engine::chat {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  for (const std::string_view one : names) {
    if (one == name) return true;
  }
  return false;
}

}  // namespace

Block Parser::parse_block(std::initializer_list<std::string_view> ends) {
  const Level level(*this);
  Block block;
  for (;;) {
    const int line = now().line;
    switch (now().kind) {
      case Token::Kind::kEnd:
        if (ends.size() == 0) return block;
        fail_at(fmt::format("the template ends where a tag {{% {} %}} should be", *(ends.end() - 1)));
      case Token::Kind::kText: {
        Statement& text = block.emplace_back();
        text.line = line;
        text.text = MarkedText(take().text);
        break;
      }
      case Token::Kind::kPrintBegin: {
        take();
        Statement print;
        print.kind = Statement::Kind::kPrint;
        print.line = line;
        print.value = parse_tuple(true);
        if (now().kind != Token::Kind::kPrintEnd) fail_unexpected("}}");
        take();
        block.push_back(std::move(print));
        break;
      }
      default:
        take();  // {%: nothing else comes between statements
        if (now().kind == Token::Kind::kName && is_one_of(now().text, ends)) return block;
        block.push_back(parse_statement());
        expect_block_end();
    }
  }
}

// Behind the tag's own words: to its end, and on to the tag that ends the body, whose first word becomes current.
Block Parser::parse_body(std::initializer_list<std::string_view> ends) {
  take_if_operator(":");
  expect_block_end();
  return parse_block(ends);
}

Statement Parser::parse_statement() {
  Statement statement;
  statement.line = now().line;
  const std::string tag = expect_name("the name of a tag");
  if (tag == "if") {
    parse_if(statement);
  } else if (tag == "for") {
    parse_for(statement);
  } else if (tag == "set") {
    parse_set(statement);
  } else if (tag == "macro") {
    parse_macro(statement);
  } else if (tag == "call") {
    parse_call_block(statement);
  } else if (tag == "filter") {
    parse_filter_block(statement);
  } else if (tag == "with") {
    parse_with(statement);
  } else if (tag == "generation") {
    statement.kind = Statement::Kind::kGroup;
    statement.body = parse_body({"endgeneration"});
    take();
  } else if (tag == "break" || tag == "continue") {
    if (loops_ == 0) throw TemplateError(fmt::format("{{% {} %}} stands in no loop", tag), statement.line);
    statement.kind = tag == "break" ? Statement::Kind::kBreak : Statement::Kind::kContinue;
  } else {
    throw TemplateError(fmt::format("the tag {{% {} %}} is not supported here", printable(tag)), statement.line);
  }
  return statement;
}

void Parser::parse_if(Statement& statement) {
  statement.kind = Statement::Kind::kIf;
  for (bool more = true; more;) {
    ExpressionPtr condition = parse_tuple(false);
    statement.branches.push_back({std::move(condition), parse_body({"elif", "else", "endif"})});
    const std::string tag = take().text;
    more = tag == "elif";
    if (tag == "else") {
      statement.branches.push_back({nullptr, parse_body({"endif"})});
      take();
    }
  }
}

void Parser::parse_for(Statement& statement) {
  statement.kind = Statement::Kind::kFor;
  statement.target = parse_target(false);
  if (!take_if_name("in")) fail_unexpected("`in`");
  statement.value = parse_tuple(false, "recursive");
  if (take_if_name("if")) statement.condition = parse_expression();
  statement.recursive = take_if_name("recursive");
  ++loops_;
  statement.body = parse_body({"else", "endfor"});
  --loops_;
  if (take().text == "else") {
    statement.otherwise = parse_body({"endfor"});
    take();
  }
}

void Parser::parse_set(Statement& statement) {
  statement.target = parse_target(true);
  if (take_if_operator("=")) {
    statement.kind = Statement::Kind::kSet;
    statement.value = parse_tuple(true);
    return;
  }
  statement.kind = Statement::Kind::kSetBlock;
  while (take_if_operator("|")) statement.value = parse_filter(std::move(statement.value));
  statement.body = parse_body({"endset"});
  take();
}

ExpressionPtr Parser::parse_one_target(bool with_attribute) {
  if (take_if_operator("(")) {
    const Level level(*this);
    ExpressionPtr inner = parse_target(with_attribute);
    expect_operator(")");
    return inner;
  }
  ExpressionPtr name = node(Expression::Kind::kName, now().line);
  name->name = expect_name("a name");
  if (is_one_of(name->name, {"true", "false", "none", "True", "False", "None"})) {
    throw TemplateError(fmt::format("nothing can be assigned to {}", name->name), name->line);
  }
  if (!with_attribute || !take_if_operator(".")) return name;
  ExpressionPtr attribute = node(Expression::Kind::kAttribute, name->line);
  attribute->name = expect_name("the name of an attribute");
  attribute->parts.push_back(std::move(name));
  return complete(std::move(attribute));
}

ExpressionPtr Parser::parse_target(bool with_attribute) {
  ExpressionPtr first = parse_one_target(with_attribute);
  if (!now().is_operator(",")) return first;
  ExpressionPtr tuple = node(Expression::Kind::kTuple, first->line);
  tuple->parts.push_back(std::move(first));
  while (take_if_operator(",")) {
    if (now().kind != Token::Kind::kName && !now().is_operator("(")) break;
    if (now().is_name("in")) break;
    tuple->parts.push_back(parse_one_target(with_attribute));
  }
  return complete(std::move(tuple));
}

void Parser::parse_parameters(Statement& statement) {
  expect_operator("(");
  while (!now().is_operator(")")) {
    if (!statement.parameters.empty()) expect_operator(",");
    std::string name = expect_name("the name of a parameter");
    ExpressionPtr value = take_if_operator("=") ? parse_expression() : nullptr;
    if (!value && !statement.parameters.empty() && statement.parameters.back().value) {
      fail_at("a parameter without a default follows one with a default");
    }
    statement.parameters.push_back({std::move(name), std::move(value)});
  }
  expect_operator(")");
}

void Parser::parse_macro(Statement& statement) {
  statement.kind = Statement::Kind::kMacro;
  statement.name = expect_name("the name of a macro");
  parse_parameters(statement);
  const int outer_loops = std::exchange(loops_, 0);
  statement.body = parse_body({"endmacro"});
  loops_ = outer_loops;
  take();
}

void Parser::parse_call_block(Statement& statement) {
  statement.kind = Statement::Kind::kCallBlock;
  statement.name = "caller";
  if (now().is_operator("(")) parse_parameters(statement);
  statement.value = parse_expression();
  if (statement.value->kind != Expression::Kind::kCall) fail_at("{% call %} names no call");
  const int outer_loops = std::exchange(loops_, 0);
  statement.body = parse_body({"endcall"});
  loops_ = outer_loops;
  take();
}

void Parser::parse_filter_block(Statement& statement) {
  statement.kind = Statement::Kind::kFilterBlock;
  do {
    statement.value = parse_filter(std::move(statement.value));
  } while (take_if_operator("|"));
  statement.body = parse_body({"endfilter"});
  take();
}

void Parser::parse_with(Statement& statement) {
  statement.kind = Statement::Kind::kWith;
  while (now().kind != Token::Kind::kBlockEnd) {
    if (!statement.parameters.empty()) expect_operator(",");
    std::string name = expect_name("a name");
    expect_operator("=");
    statement.parameters.push_back({std::move(name), parse_expression()});
  }
  statement.body = parse_body({"endwith"});
  take();
}

}  // namespace assay::engine::chat
