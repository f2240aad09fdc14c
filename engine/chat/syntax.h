// A template as a tree: what the parser makes and the interpreter walks.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/chat/marked_text.h"
#include "engine/chat/value.h"

namespace assay::engine::chat {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  enum class Kind {
    kConstant,
    kName,        // name
    kTuple,       // parts: the items
    kList,        // parts: the items
    kDict,        // parts: key, value, key, value ...
    kItem,        // parts: the object and the key
    kSlice,       // parts: the object, begin, end, step; null where one is left out
    kAttribute,   // parts: the object; name
    kCall,        // parts: what is called, then the arguments; keywords
    kFilter,      // parts: the value (null in {% filter %} and {% set x | f %}), then the arguments; name, keywords
    kTest,        // parts: the value, then the arguments; name, keywords
    kNot,         // parts: one
    kNegative,    // parts: one
    kPositive,    // parts: one
    kAnd,         // parts: two
    kOr,          // parts: two
    kChoice,      // parts: condition, value, other value (null where there is no else)
    kCompare,     // parts: the operands; operators between them
    kConcat,      // parts: two or more
    kArithmetic,  // parts: two; one operator
  };
  struct Keyword {
    std::string name;
    ExpressionPtr value;
  };
  using Constant = std::variant<None, bool, int64_t, double, MarkedText>;

  Kind kind = Kind::kConstant;
  int line = 0;
  int depth = 1;  // levels of the tree below and with this one
  std::string name;
  Constant constant;
  std::vector<ExpressionPtr> parts;
  std::vector<Keyword> keywords;
  std::vector<std::string> operators;
};

struct Statement;
using Block = std::vector<Statement>;

struct Statement {
  enum class Kind {
    kText,         // text
    kPrint,        // value
    kIf,           // branches
    kFor,          // target, value (what is walked), condition; body; otherwise; recursive
    kSet,          // target, value
    kSetBlock,     // target, value (filters, or null); body
    kMacro,        // name, parameters, body
    kCallBlock,    // value (the call), parameters (of caller), body
    kFilterBlock,  // value, body
    kWith,         // parameters (all with values), body
    kGroup,        // body: {% generation %}, which marks what an assistant wrote and prints it
    kBreak,
    kContinue,
  };
  struct Branch {
    ExpressionPtr condition;  // null: else
    Block body;
  };
  struct Parameter {
    std::string name;
    ExpressionPtr value;  // its default; null where there is none
  };

  Kind kind = Kind::kText;
  int line = 0;
  std::string name;
  MarkedText text;
  ExpressionPtr target;  // kName, kTuple of them, or kAttribute of a name: a namespace's entry
  ExpressionPtr value;
  ExpressionPtr condition;
  std::vector<Branch> branches;
  std::vector<Parameter> parameters;
  Block body;
  Block otherwise;
  bool recursive = false;
};

}  // namespace assay::engine::chat
