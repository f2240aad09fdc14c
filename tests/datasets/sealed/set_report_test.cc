#include "datasets/sealed/set_report.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "datasets/sealed/personal_data.h"
#include "datasets/sealed/shingles.h"
#include "tests/datasets/sealed/made_set.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

HiddenPrompt prompt_of(const std::string& id, const std::string& text) {
  return {id, "advice", "easy", "en", {}, text, ""};
}

TEST(Shingles, WordsOfEveryScript) {
  struct Case {
    const char* text;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"", {}},
      {"Don't panic: it's 3.5 km!", {"don", "t", "panic", "it", "s", "3", "5", "km"}},
      {"Ärger über ÉCOLE", {"ärger", "über", "école"}},
      {"東京タワー", {"東", "京", "タ", "ワ", "ー"}},
      {"हिन्दी में", {"हिन्दी", "में"}},
  };
  for (const Case& c : cases) EXPECT_EQ(words_of(c.text), c.words) << c.text;
}

TEST(Shingles, JaccardOfRuns) {
  const auto shingles = [](const char* text) { return shingles_of(words_of(text), 2); };
  EXPECT_EQ(jaccard(shingles("a b c d"), shingles("a b c d")), 1);
  EXPECT_EQ(jaccard(shingles("a b c d"), shingles("a b c e")), 0.5);
  EXPECT_EQ(jaccard(shingles("a b"), shingles("b a")), 0);
  EXPECT_EQ(jaccard(shingles("a"), shingles("a")), 0);
}

TEST(SetReport, NearDuplicatesAndSharedBeginnings) {
  const std::string long_text =
      "My neighbour keeps bees on the balcony above mine and I am allergic to their sting, what may I ask of her?";
  const SetReport report = report_on({prompt_of("a", long_text), prompt_of("b", "Listen. " + long_text),
                                      prompt_of("c", "My neighbour keeps bees on Sundays."), prompt_of("d", "Why?")},
                                     "");
  ASSERT_EQ(report.near_duplicates.size(), 1U);
  EXPECT_EQ(report.near_duplicates[0].a + report.near_duplicates[0].b, "ab");
  EXPECT_GT(report.nearest.jaccard, 0.9);
  ASSERT_EQ(report.same_beginning.size(), 1U);
  EXPECT_EQ(report.same_beginning[0].a + report.same_beginning[0].b, "ac");
  EXPECT_FALSE(report.clean());
  EXPECT_EQ(report.all.prompts, 4);
  EXPECT_EQ(report.all.words, (std::array<int, 5>{1, 1, 6, 22, 23}));
}

TEST(SetReport, CopiesOfPublicPrompts) {
  const testing::TemporaryFolder folder;
  const std::string known = "one two three four five six seven eight nine ten eleven twelve thirteen";
  folder.write("known/set.jsonl", "{\"turns\": [\"x\", {\"y\": \"Well: " + known + ".\"}]}\n\n");
  const std::vector<HiddenPrompt> prompts = {prompt_of("copied", "So " + known + " it is"),
                                             prompt_of("own", known.substr(4) + " and more words")};
  const SetReport report = report_on(prompts, folder.path());
  EXPECT_EQ(report.public_files, 1);
  EXPECT_EQ(report.public_texts, 2);
  ASSERT_EQ(report.public_overlaps.size(), 1U);
  EXPECT_EQ(report.public_overlaps[0].id, "copied");
  EXPECT_EQ(report.public_overlaps[0].what, "known/set.jsonl");
  EXPECT_THROW(report_on(prompts, folder / "missing"), Error);
  folder.write("known/bad.jsonl", "{");
  EXPECT_THROW(report_on(prompts, folder.path()), Error);
}

TEST(PersonalData, FoundInItsUsualForms) {
  struct Case {
    const char* text;
    std::vector<std::string> kinds;
  };
  const Case cases[] = {
      {"Call me at 10:30 on 2024-05-06, room 555.", {}},
      {"Write to jo.doe@gmail.com now", {"e-mail address"}},
      {"Write to jo@example.com or a@mail.example.org", {}},
      {"+49 170 1234567", {"telephone number"}},
      {"(555) 010-9999 or 555-010-9999", {"telephone number"}},
      {"Order 4111 1111 1111 1111", {"card number"}},
      {"Order 4111 1111 1111 1112", {}},
      {"DE89 3704 0044 0532 0130 00", {"bank account"}},
      {"SSN 078-05-1120", {"identity number"}},
      {"ping 8.8.8.8", {"network address"}},
      {"ping 192.168.0.7 and 203.0.113.9, version 1.2.3.4.5", {}},
      {"see https://www.wikipedia.org/x", {"web address"}},
      {"see https://shop.example.com/x and http://localhost:80", {}},
      {"1,234,567,890,123,456 stars and 9007199254740993", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(personal_data_in(c.text), c.kinds) << c.text;
}

}  // namespace
}  // namespace assay::datasets
