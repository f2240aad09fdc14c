#include "datasets/python_literal.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace assay::datasets {
namespace {

TEST(PythonLiteral, ReadsWhatReprWrites) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({'a': None, 'b': ["x'y", 'q"r'], 'c': True})", R"({"a": null, "b": ["x'y", "q\"r"], "c": true})"},
      {R"('tab\t\\n \'q\' "d"')", R"("tab\t\\n 'q' \"d\"")"},
      {"[1, -2.5, 10000000000.0, (), False, (1,),]", "[1, -2.5, 10000000000.0, [], false, [1]]"},
      {R"('\xe9\x07\u2028\U0001F600\101\q')", R"("é\u0007\u2028😀A\\q")"},
      {" {} ", "{}"},
      {"'a' \"b\"", "\"ab\""},
  };
  for (const auto& [literal, json] : cases) {
    EXPECT_EQ(parse_python_literal(literal, "f:1"), nlohmann::json::parse(json)) << literal;
  }
}

TEST(PythonLiteral, RefusesWhatIsMalformed) {
  const std::string deep(100000, '[');
  for (const std::string& text :
       {std::string("{'a': }"), std::string("{'a' 1}"), std::string("'a"), std::string("[1 2]"), std::string("{1: 2}"),
        std::string("'\\u12'"), std::string("'\\ud800'"), std::string("None None"), std::string(), std::string("'\\"),
        std::string("os.system"), deep}) {
    try {
      parse_python_literal(text, "f.csv:7");
      ADD_FAILURE() << text.substr(0, 40);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_TRUE(std::string(error.what()).starts_with("f.csv:7: ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::datasets
