#include "datasets/csv.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace assay::datasets {
namespace {

struct Case {
  const char* text;
  std::vector<std::vector<std::string>> rows;  // as CPython 3.11's csv.reader gives them, empty rows left out
};

const Case kCases[] = {
    {"a,b\n", {{"a", "b"}}},
    {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
    {"a,b\rc,d", {{"a", "b"}, {"c", "d"}}},
    {"\"a,b\",c\n", {{"a,b", "c"}}},
    {"\"a\"\"b\",c\n", {{"a\"b", "c"}}},
    {"a\"b,c\n", {{"a\"b", "c"}}},
    {"\"a\"b,c\n", {{"ab", "c"}}},
    {"\"a\r\nb\",c\n", {{"a\r\nb", "c"}}},
    {"\"a\nb\"\n\nc\n", {{"a\nb"}, {"c"}}},
    {"a,\n", {{"a", ""}}},
    {",\n", {{"", ""}}},
    {"\"\",\n", {{"", ""}}},
    {" \"a\",b\n", {{" \"a\"", "b"}}},
    {"\"a\" ,b\n", {{"a ", "b"}}},
    {"\"a\"\"\"\n", {{"a\""}}},
    {"a\r\r\nb\n", {{"a"}, {"b"}}},
    {"\n\n", {}},
    {"x", {{"x"}}},
    {"", {}},
};

TEST(Csv, ReadsAsPythonDoes) {
  for (const Case& c : kCases) {
    std::vector<std::vector<std::string>> rows;
    for (const CsvRow& row : parse_csv(c.text, "f")) rows.push_back(row.cells);
    EXPECT_EQ(rows, c.rows) << ::testing::PrintToString(c.text);
  }
}

TEST(Csv, CountsLinesOfTheFile) {
  const auto rows = parse_csv("a\n\"b\r\nb\nb\"\r\nc\rd\n\n\"e\"\n", "f");
  std::vector<int> lines;
  for (const CsvRow& row : rows) lines.push_back(row.line);
  EXPECT_EQ(lines, (std::vector<int>{1, 2, 5, 6, 8}));
}

TEST(Csv, NamesTheLineOfAQuoteThatIsNeverClosed) {
  try {
    parse_csv("a,b\nc,\"d\ne,f\n", "x.csv");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    EXPECT_TRUE(std::string(error.what()).starts_with("x.csv:2: ")) << error.what();
  }
}

}  // namespace
}  // namespace assay::datasets
