#include "reports/json_report.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/report_formats.h"
#include "tests/reports/json_schema.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using assay::testing::schema_violations;
using Json = nlohmann::json;

Json published_schema() {
  return Json::parse(read_file("docs/report.schema.json"));
}

TEST(JsonSchema, TheValidatorFindsWhatIsWrong) {
  const Json schema = Json::parse(R"({
    "type": "object", "required": ["a"], "additionalProperties": false,
    "properties": {
      "a": {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
      "b": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"$ref": "#/$defs/word"}},
      "c": {"anyOf": [{"const": 1}, {"type": "null"}]},
      "d": {"type": "object", "additionalProperties": {"type": "boolean"}}
    },
    "$defs": {"word": {"enum": ["x", "y"]}}
  })");
  for (const char* valid : {R"({"a":3})", R"({"a":null,"b":["x"]})", R"({"a":0,"b":["x","y"],"c":1})",
                            R"({"a":9,"c":null,"d":{"e":true}})"}) {
    EXPECT_TRUE(schema_violations(schema, Json::parse(valid)).empty()) << valid;
  }
  const struct {
    const char* value;
    const char* violation;
  } cases[] = {
      {"[]", "/: is a array"},
      {"{}", "/: lacks 'a'"},
      {R"({"a":"3"})", "/a: is a string"},
      {R"({"a":1.5})", "/a: is a number"},
      {R"({"a":-1})", "/a: is below the minimum"},
      {R"({"a":10})", "/a: is above the maximum"},
      {R"({"a":1,"z":1})", "/z: is not in the schema"},
      {R"({"a":1,"b":[]})", "/b: has too few items"},
      {R"({"a":1,"b":["x","x","x"]})", "/b: has too many items"},
      {R"({"a":1,"b":["z"]})", "/b/0: is none of the enum's"},
      {R"({"a":1,"c":2})", "/c: fits none of anyOf"},
      {R"({"a":1,"d":{"e":1}})", "/d/e: is a number"},
  };
  for (const auto& [value, violation] : cases) {
    const std::vector<std::string> found = schema_violations(schema, Json::parse(value));
    ASSERT_EQ(found.size(), 1U) << value;
    EXPECT_TRUE(found[0].starts_with(violation)) << found[0];
  }
  EXPECT_THROW(schema_violations(Json::parse(R"({"pattern":"x"})"), 1), std::invalid_argument);
}

TEST(JsonReport, IsAsTheSchemaSays) {
  const Json schema = published_schema();
  EXPECT_EQ(schema.at("properties").at("schema").at("const"), kReportSchema);
  for (const auto& [name, report] : testing::golden_reports()) {
    const std::string text = json_report_text(report);
    EXPECT_TRUE(is_valid_utf8(text)) << name;
    EXPECT_EQ(schema_violations(schema, Json::parse(text)), std::vector<std::string>()) << name;
  }
}

// Every verdict, and every part that a report may lack, is met by the schema's words.
TEST(JsonReport, EveryVerdictIsInTheSchema) {
  const Json schema = published_schema();
  size_t verdicts = 0;
  for (int i = 0; i <= static_cast<int>(ReportVerdict::kScored); ++i, ++verdicts) {
    Report report;
    report.runs.resize(1);
    report.runs[0].run.info.number = 1;
    report.runs[0].run.manifest = store::Json::object();
    report.runs[0].verdict = report.verdict = static_cast<ReportVerdict>(i);
    report.runs[0].cost = {std::nullopt, std::nullopt, 0, 0};
    if (i > 0) report.runs[0].cost.batch.emplace().computed_by = {"cpu"};
    if (i > 1) report.runs[0].cost.batch->peak_share = 0.25;
    report.runs[0].executions = {2, {{"passed", 1}, {"timeout", 1}}, {"HumanEval/0"}, {{"seccomp"}}};
    EXPECT_EQ(schema_violations(schema, Json::parse(json_report_text(report))), std::vector<std::string>());
  }
  EXPECT_EQ(schema.at("$defs").at("verdict").at("enum").size(), verdicts);
}

TEST(JsonReport, ADamagedReportIsNotValid) {
  const Json schema = published_schema();
  const Json whole = json_report(testing::golden_reports().front().report);
  const auto breaks = [&](const char* pointer, const Json& value) {
    Json damaged = whole;
    damaged[Json::json_pointer(pointer)] = value;
    return !schema_violations(schema, damaged).empty();
  };
  EXPECT_FALSE(breaks("/baseline", nullptr));
  EXPECT_TRUE(breaks("/verdict", "fine"));
  EXPECT_TRUE(breaks("/runs/0/n", -1));
  EXPECT_TRUE(breaks("/runs/0/metrics/0/value", "0.5"));
  EXPECT_TRUE(breaks("/runs/0/comparison/scores/0/p", 2));
  EXPECT_TRUE(breaks("/runs/0/gate/verdict", "worse"));
  EXPECT_TRUE(breaks("/runs/0/unexpected", 1));
}

TEST(ReportFormats, ByEndingOrByName) {
  EXPECT_STREQ(report_format("a.md", "").name, "markdown");
  EXPECT_STREQ(report_format("dir.x/a.XML", "").name, "junit");
  EXPECT_STREQ(report_format("a.json", "").name, "json");
  EXPECT_STREQ(report_format("a.html", "").name, "html");
  EXPECT_STREQ(report_format("a.txt", "junit").name, "junit");
  EXPECT_STREQ(report_format("-", "markdown").name, "markdown");
  const struct {
    const char* file;
    const char* format;
    const char* says;
  } cases[] = {
      {"a.txt", "", "its ending names no format; there are markdown (.md), junit (.xml), json (.json), html (.html)"},
      {"-", "", "or say --format"}};
  for (const auto& each : cases) {
    try {
      report_format(each.file, each.format);
      ADD_FAILURE() << each.file;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_NE(std::string(error.what()).find(each.says), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::reports
