// A template's text as tokens, with white space removed where the tags ask for it. The rules are Jinja's ("Template
// Designer Documentation", whitespace control) with trim_blocks and lstrip_blocks, as Hugging Face's library sets them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::engine::chat {

struct Token {
  enum class Kind {
    kText,        // between tags; `text` is what is left of it
    kPrintBegin,  // {{
    kPrintEnd,    // }}
    kBlockBegin,  // {%
    kBlockEnd,    // %}
    kName,
    kString,  // `text`: its value
    kInteger,
    kFloat,
    kOperator,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;
  int line = 0;

  bool is_name(std::string_view name) const { return kind == Kind::kName && text == name; }
  bool is_operator(std::string_view sign) const { return kind == Kind::kOperator && text == sign; }
};

// Ends with kEnd. TemplateError names the line of a tag, string or comment that is not closed, and of a character that
// means nothing.
std::vector<Token> read_tokens(std::string_view source);

}  // namespace assay::engine::chat
