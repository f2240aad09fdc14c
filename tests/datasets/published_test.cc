#include "datasets/published.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/support/golden.h"

namespace assay::datasets {
namespace {

constexpr const char* kHeader =
    "system,variant,task,metric,value,unit,shots,setting,reported_by,source,source_date,confidence,notes\n";

TEST(Published, EveryRowIsReadAndRecalledOnesAreNotShown) {
  const std::string text = read_file("datasets/published/published.csv");
  std::map<std::string, int> confidence;
  for (const PublishedNumber& number : parse_published(text, "published.csv")) ++confidence[number.confidence];
  EXPECT_EQ(confidence, (std::map<std::string, int>{{"primary", 121}, {"copy", 295}, {"memory", 2}}));
  const std::vector<PublishedNumber> shown = published_numbers();
  EXPECT_EQ(shown.size(), 416u);
  for (const PublishedNumber& number : shown) EXPECT_NE(number.confidence, "memory") << number.system;
  std::cout << shown.size() << " numbers shown of " << confidence["primary"] + confidence["copy"] + confidence["memory"]
            << "\n";
}

TEST(Published, IsTheCollectedTable) {
  ASSAY_REQUIRE_SHARED(collected, "datasets/published/published.csv");
  EXPECT_EQ(read_file("datasets/published/published.csv"), read_file(collected));
}

TEST(Published, KeepsTheDigitsOfTheSource) {
  for (const PublishedNumber& number : published_numbers()) {
    if (number.system != "Llama 3 70B" || number.task != "agieval_en" || number.source_date != "2024-04-18") continue;
    EXPECT_EQ(number.printed, "63.0");
    EXPECT_EQ(number.value, 63.0);
    EXPECT_EQ(number.shots, "3-5");
    return;
  }
  FAIL() << "the row is missing";
}

TEST(Published, BadRowsAreNamed) {
  const std::string good = "S,pretrained,mmlu,accuracy,12.5,percent,5,,Me,here,2024,primary,\n";
  EXPECT_EQ(parse_published(kHeader + good, "f").size(), 1u);
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"12.5", "nan", "f:2: value is \"nan\", not a number from 0 to 100"},
      {"12.5", "100.1", "f:2: value is \"100.1\""},
      {"12.5", "12.5x", "f:2: value is \"12.5x\""},
      {"12.5", "", "f:2: value is empty"},
      {"S,", ",", "f:2: system is empty"},
      {"primary", "hearsay", "f:2: confidence is \"hearsay\"; it must be primary, copy, memory"},
      {"pretrained", "base", "f:2: variant is \"base\""},
      {"percent", "share", "f:2: unit is \"share\""},
      {",primary,", ",primary", "f:2: has 12 cells instead of 13"},
  };
  for (const auto& each : cases) {
    std::string row = good;
    row.replace(row.find(each.from), std::string(each.from).size(), each.to);
    try {
      parse_published(kHeader + row, "f");
      ADD_FAILURE() << row;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_NE(std::string(error.what()).find(each.message), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(parse_published("", "f"), Error);
  EXPECT_THROW(parse_published("system,task\n", "f"), Error);
}

}  // namespace
}  // namespace assay::datasets
