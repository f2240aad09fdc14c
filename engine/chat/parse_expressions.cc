#include <charconv>

#include "base/text.h"
#include "engine/chat/parser_state.h"

namespace assay::engine::chat {

using Kind = Expression::Kind;

ExpressionPtr Parser::parse_expression(bool with_choice) {
  const Level level(*this);
  ExpressionPtr value = parse_or();
  while (with_choice && now().is_name("if")) {
    ExpressionPtr choice = node(Kind::kChoice, take().line);
    choice->parts.push_back(parse_or());
    choice->parts.push_back(std::move(value));
    choice->parts.push_back(take_if_name("else") ? parse_expression() : nullptr);
    value = complete(std::move(choice));
  }
  return value;
}

ExpressionPtr Parser::parse_tuple(bool with_choice, std::string_view end) {
  ExpressionPtr tuple = node(Kind::kTuple, now().line);
  const auto ended = [&] {
    return now().kind == Token::Kind::kPrintEnd || now().kind == Token::Kind::kBlockEnd || now().is_operator(")") ||
           (!end.empty() && now().is_name(end));
  };
  bool comma = false;
  do {
    if (!tuple->parts.empty() && ended()) break;
    tuple->parts.push_back(parse_expression(with_choice));
    if (!now().is_operator(",")) break;
    comma = true;
  } while (take_if_operator(","));
  if (!comma) return std::move(tuple->parts.front());
  return complete(std::move(tuple));
}

ExpressionPtr Parser::parse_or() {
  ExpressionPtr left = parse_and();
  while (now().is_name("or")) {
    ExpressionPtr both = node(Kind::kOr, take().line);
    both->parts.push_back(std::move(left));
    both->parts.push_back(parse_and());
    left = complete(std::move(both));
  }
  return left;
}

ExpressionPtr Parser::parse_and() {
  ExpressionPtr left = parse_not();
  while (now().is_name("and")) {
    ExpressionPtr both = node(Kind::kAnd, take().line);
    both->parts.push_back(std::move(left));
    both->parts.push_back(parse_not());
    left = complete(std::move(both));
  }
  return left;
}

ExpressionPtr Parser::parse_not() {
  if (!now().is_name("not")) return parse_comparison();
  const Level level(*this);
  ExpressionPtr expression = node(Kind::kNot, take().line);
  expression->parts.push_back(parse_not());
  return complete(std::move(expression));
}

ExpressionPtr Parser::parse_comparison() {
  ExpressionPtr comparison = node(Kind::kCompare, now().line);
  comparison->parts.push_back(parse_sum());
  for (;;) {
    std::string sign;
    for (const std::string_view one : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (now().is_operator(one)) sign = one;
    }
    if (now().is_name("in")) sign = "in";
    if (now().is_name("not") && ahead().is_name("in")) sign = "not in";
    if (sign.empty()) break;
    take();
    if (sign == "not in") take();
    comparison->operators.push_back(sign);
    comparison->parts.push_back(parse_sum());
  }
  if (comparison->operators.empty()) return std::move(comparison->parts.front());
  return complete(std::move(comparison));
}

ExpressionPtr Parser::arithmetic(ExpressionPtr left, std::string sign, ExpressionPtr right, int line) {
  ExpressionPtr both = node(Kind::kArithmetic, line);
  both->operators.push_back(std::move(sign));
  both->parts.push_back(std::move(left));
  both->parts.push_back(std::move(right));
  return complete(std::move(both));
}

ExpressionPtr Parser::parse_sum() {
  ExpressionPtr left = parse_concat();
  while (now().is_operator("+") || now().is_operator("-")) {
    const Token sign = take();
    left = arithmetic(std::move(left), sign.text, parse_concat(), sign.line);
  }
  return left;
}

ExpressionPtr Parser::parse_concat() {
  ExpressionPtr concat = node(Kind::kConcat, now().line);
  do {
    concat->parts.push_back(parse_product());
  } while (take_if_operator("~"));
  if (concat->parts.size() == 1) return std::move(concat->parts.front());
  return complete(std::move(concat));
}

ExpressionPtr Parser::parse_product() {
  ExpressionPtr left = parse_power();
  while (now().is_operator("*") || now().is_operator("/") || now().is_operator("//") || now().is_operator("%")) {
    const Token sign = take();
    left = arithmetic(std::move(left), sign.text, parse_power(), sign.line);
  }
  return left;
}

ExpressionPtr Parser::parse_power() {
  ExpressionPtr left = parse_unary(true);
  while (now().is_operator("**")) {
    const Token sign = take();
    left = arithmetic(std::move(left), sign.text, parse_unary(true), sign.line);
  }
  return left;
}

ExpressionPtr Parser::parse_unary(bool with_filters) {
  ExpressionPtr value;
  if (now().is_operator("-") || now().is_operator("+")) {
    const Level level(*this);
    const Token sign = take();
    value = node(sign.text == "-" ? Kind::kNegative : Kind::kPositive, sign.line);
    value->parts.push_back(parse_unary(false));
    value = complete(std::move(value));
  } else {
    value = parse_primary();
  }
  value = parse_postfix(std::move(value));
  return with_filters ? parse_filters_and_tests(std::move(value)) : std::move(value);
}

ExpressionPtr Parser::parse_primary() {
  const int line = now().line;
  if (now().kind == Token::Kind::kInteger || now().kind == Token::Kind::kFloat) return parse_number();
  if (now().is_operator("(")) return parse_parentheses();
  if (now().is_operator("[")) return parse_list();
  if (now().is_operator("{")) return parse_dict();
  if (now().kind == Token::Kind::kString) {
    ExpressionPtr constant = node(Kind::kConstant, line);
    std::string text;
    while (now().kind == Token::Kind::kString) text += take().text;
    constant->constant = MarkedText(text);
    return constant;
  }
  if (now().kind != Token::Kind::kName) fail_unexpected("a value");
  const std::string name = take().text;
  ExpressionPtr value = node(Kind::kConstant, line);
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    value->constant = name == "true" || name == "True";
  } else if (name != "none" && name != "None") {
    value->kind = Kind::kName;
    value->name = name;
  }
  return value;
}

ExpressionPtr Parser::parse_number() {
  const Token token = take();
  ExpressionPtr number = node(Kind::kConstant, token.line);
  const char* begin = token.text.data();
  const char* end = begin + token.text.size();
  if (token.kind == Token::Kind::kInteger) {
    int64_t value = 0;
    if (std::from_chars(begin, end, value).ec != std::errc()) {
      throw TemplateError(fmt::format("the number {} is too large", printable(token.text)), token.line);
    }
    number->constant = value;
  } else {
    double value = 0;
    if (std::from_chars(begin, end, value).ec != std::errc()) {
      throw TemplateError(fmt::format("the number {} is out of range", printable(token.text)), token.line);
    }
    number->constant = value;
  }
  return number;
}

ExpressionPtr Parser::parse_parentheses() {
  const int line = take().line;
  if (take_if_operator(")")) return node(Kind::kTuple, line);
  ExpressionPtr value = parse_tuple(true);
  expect_operator(")");
  return value;
}

ExpressionPtr Parser::parse_list() {
  ExpressionPtr list = node(Kind::kList, take().line);
  while (!now().is_operator("]")) {
    if (!list->parts.empty()) expect_operator(",");
    if (now().is_operator("]")) break;
    list->parts.push_back(parse_expression());
  }
  expect_operator("]");
  return complete(std::move(list));
}

ExpressionPtr Parser::parse_dict() {
  ExpressionPtr dict = node(Kind::kDict, take().line);
  while (!now().is_operator("}")) {
    if (!dict->parts.empty()) expect_operator(",");
    if (now().is_operator("}")) break;
    dict->parts.push_back(parse_expression());
    expect_operator(":");
    dict->parts.push_back(parse_expression());
  }
  expect_operator("}");
  return complete(std::move(dict));
}

ExpressionPtr Parser::parse_postfix(ExpressionPtr value) {
  for (;;) {
    if (now().is_operator(".")) {
      value = parse_attribute(std::move(value));
    } else if (now().is_operator("[")) {
      value = parse_item(std::move(value));
    } else if (now().is_operator("(")) {
      value = parse_call(std::move(value));
    } else {
      return value;
    }
  }
}

ExpressionPtr Parser::parse_filters_and_tests(ExpressionPtr value) {
  for (;;) {
    if (take_if_operator("|")) {
      value = parse_filter(std::move(value));
    } else if (take_if_name("is")) {
      value = parse_test(std::move(value));
    } else if (now().is_operator("(")) {
      value = parse_call(std::move(value));
    } else {
      return value;
    }
  }
}

ExpressionPtr Parser::parse_attribute(ExpressionPtr object) {
  const int line = take().line;
  if (now().kind == Token::Kind::kInteger) {  // x.0 is x[0]
    ExpressionPtr item = node(Kind::kItem, line);
    item->parts.push_back(std::move(object));
    item->parts.push_back(parse_number());
    return complete(std::move(item));
  }
  ExpressionPtr attribute = node(Kind::kAttribute, line);
  attribute->name = expect_name("the name of an attribute");
  attribute->parts.push_back(std::move(object));
  return complete(std::move(attribute));
}

ExpressionPtr Parser::parse_item(ExpressionPtr object) {
  ExpressionPtr item = node(Kind::kItem, take().line);
  item->parts.push_back(std::move(object));
  item->parts.push_back(now().is_operator(":") ? nullptr : parse_expression());
  if (now().is_operator(":")) {
    item->kind = Kind::kSlice;
    while (item->parts.size() < 4) {
      const bool colon = take_if_operator(":");
      const bool left_out = !colon || now().is_operator(":") || now().is_operator("]");
      item->parts.push_back(left_out ? nullptr : parse_expression());
    }
  }
  if (now().is_operator(",")) fail_at("an index of several parts is not supported");
  expect_operator("]");
  return complete(std::move(item));
}

void Parser::parse_arguments(Expression& call) {
  expect_operator("(");
  bool first = true;
  while (!now().is_operator(")")) {
    if (!first) expect_operator(",");
    first = false;
    if (now().is_operator(")")) break;
    if (now().is_operator("*") || now().is_operator("**")) fail_at("arguments with * or ** are not supported");
    if (now().kind == Token::Kind::kName && ahead().is_operator("=")) {
      std::string name = take().text;
      take();
      call.keywords.push_back({std::move(name), parse_expression()});
    } else {
      if (!call.keywords.empty()) fail_at("an argument without a name follows one with a name");
      call.parts.push_back(parse_expression());
    }
  }
  expect_operator(")");
}

ExpressionPtr Parser::parse_call(ExpressionPtr callee) {
  ExpressionPtr call = node(Kind::kCall, now().line);
  call->parts.push_back(std::move(callee));
  parse_arguments(*call);
  return complete(std::move(call));
}

ExpressionPtr Parser::parse_filter(ExpressionPtr value) {
  ExpressionPtr filter = node(Kind::kFilter, now().line);
  filter->name = expect_name("the name of a filter");
  filter->parts.push_back(std::move(value));
  if (now().is_operator("(")) parse_arguments(*filter);
  return complete(std::move(filter));
}

ExpressionPtr Parser::parse_test(ExpressionPtr value) {
  const bool negated = take_if_name("not");
  ExpressionPtr test = node(Kind::kTest, now().line);
  test->name = expect_name("the name of a test");
  test->parts.push_back(std::move(value));
  const Token& token = now();
  const bool is_word = token.kind == Token::Kind::kName && token.text != "else" && token.text != "or" &&
                       token.text != "and" && token.text != "is";
  if (token.is_operator("(")) {
    parse_arguments(*test);
  } else if (token.is_name("is")) {
    fail_at("tests with `is` cannot follow each other");
  } else if (is_word || token.kind == Token::Kind::kString || token.kind == Token::Kind::kInteger ||
             token.kind == Token::Kind::kFloat || token.is_operator("[") || token.is_operator("{")) {
    const Level level(*this);
    test->parts.push_back(parse_postfix(parse_primary()));
  }
  test = complete(std::move(test));
  if (!negated) return test;
  ExpressionPtr inverse = node(Kind::kNot, test->line);
  inverse->parts.push_back(std::move(test));
  return complete(std::move(inverse));
}

}  // namespace assay::engine::chat
