// What reaches a browser: the page and its libraries, hostile texts as they are, and nothing of who wrote what.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/file.h"
#include "harness/rating/assets.h"
#include "tests/harness/rating/served_round.h"

namespace assay::testing {
namespace {

using Json = nlohmann::json;

TEST(Blind, NoRunModelKindOrSideReachesTheBrowser) {
  harness::RoundRequest request;
  request.repeats = 0.2;
  request.gold = 0.2;
  request.overlap = 1;
  ServedRound served({.categories = 2, .prompts = 25}, request);
  served.add_rater("somebody who never comes");
  Client ann(served.port());
  std::string everything;
  const auto keep = [&](const Answer& answer) {
    everything += answer.head + answer.body + "\n";
    return answer;
  };
  const std::string token = served.add_rater("ann");
  keep(ann.post("/api/session", {{"token", token}}));
  ASSERT_TRUE(ann.log_in(token));
  const std::set<std::string> fields = {"assignment", "number", "category", "prompt", "left",    "right",
                                        "note",       "vote",   "done",     "total",  "can_undo"};
  bool undone = false;
  for (Json item = keep(ann.item()).json(); !item.contains("finished"); item = keep(ann.item()).json()) {
    for (const auto& [field, value] : item.items()) EXPECT_TRUE(fields.contains(field)) << field;
    EXPECT_EQ(item.size(), fields.size());
    keep(ann.vote(item["assignment"], fresh_key(), 1));
    if (item["number"] == 20 && !std::exchange(undone, true)) keep(ann.undo(fresh_key()));
  }
  for (const char* path : {"/nothing", "/api/none", "/api/vote"}) keep(ann.get(path));
  std::set<store::Rating::Kind> kinds;
  for (const store::Rating& rating : served.ratings()) kinds.insert(rating.kind);
  EXPECT_EQ(kinds.size(), 3u) << "repeats and gold were among them";
  for (const char* word : {"hush", "model", "run\"", "first", "second", "gold", "repeat", "decoy", "kind", "side",
                           "advice-0", "coding-0", "overlap", "seed", "somebody"}) {
    EXPECT_EQ(everything.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(everything.find(token), std::string::npos) << "not the link either";
}

TEST(Blind, TheNumbersOfAssignmentsDoNotTellGoldFromPairs) {
  // What is shown of gold has the same fields and its answer is one that the model gave.
  harness::RoundRequest request;
  request.repeats = 0;
  request.gold = 0.4;
  ServedRound served({.categories = 1, .prompts = 30}, request);
  served.add_rater("somebody who never comes");
  Client ann(served.port());
  ASSERT_TRUE(ann.log_in(served.add_rater("ann")));
  std::map<int64_t, Json> shown;
  for (Json item = ann.item().json(); !item.contains("finished"); item = ann.item().json()) {
    shown[item["assignment"]] = item;
    ann.vote(item["assignment"], fresh_key(), 0);
  }
  int gold = 0;
  for (const store::Rating& rating : served.ratings()) {
    if (rating.kind != store::Rating::kGold) continue;
    ++gold;
    const Json& item = shown.at(rating.assignment);
    EXPECT_EQ(item[rating.first_is_left ? "left" : "right"], made_answer(0, rating.prompt));
    const std::string other = item[rating.first_is_left ? "right" : "left"];
    int found = 0;
    for (int i = 1; i <= 30; ++i) {
      const std::string prompt = fmt::format("advice-{:03}", i);
      found += prompt != rating.prompt && other == made_answer(1, prompt) ? 1 : 0;
    }
    EXPECT_EQ(found, 1) << "the same model's answer to another prompt";
  }
  EXPECT_GT(gold, 3);
}

TEST(Blind, HostileTextArrivesAsItIsAndAlwaysAsJson) {
  const std::vector<std::string> texts = {"<script>alert(1)</script><img src=x onerror=alert(1)>",
                                          "</script>\"'\\u003c",
                                          std::string(100000, 'w'),
                                          "\u202Eright to left\u202C \u0645\u0631\u062D\u0628\u0627",
                                          std::string("nul \0 inside", 12),
                                          "\x1b[31mred",
                                          "$\\href{javascript:alert(1)}{x}$",
                                          "\xff\xfe not UTF-8 \xc3"};
  ServedRound served(
      {.categories = 1, .prompts = static_cast<int>(texts.size()), .answer = [&](int run, const std::string& prompt) {
         return texts[static_cast<size_t>(std::stoi(prompt.substr(7)) - 1)] + (run == 0 ? "" : " ");
       }});
  Client ann(served.port());
  ASSERT_TRUE(ann.log_in(served.add_rater("ann")));
  int same = 0;
  size_t items = 0;
  for (Answer answer = ann.item(); !answer.json().contains("finished"); answer = ann.item()) {
    EXPECT_EQ(answer.header("content-type"), "application/json");
    const Json item = answer.json();
    ASSERT_TRUE(item.is_object());
    std::string shorter = item["left"], longer = item["right"];
    if (shorter.size() > longer.size()) std::swap(shorter, longer);
    same += std::find(texts.begin(), texts.end(), shorter) != texts.end() ? 1 : 0;
    ++items;
    ASSERT_EQ(ann.vote(item["assignment"], fresh_key(), 0, {}, "<b>\u202E</b>").status, 200);
  }
  EXPECT_EQ(items, texts.size());
  EXPECT_EQ(same, static_cast<int>(texts.size()) - 1) << "all but the one that is no UTF-8, which JSON cannot hold";
}

TEST(Blind, ThePageAndEverythingThatItUsesIsServedFromHere) {
  ServedRound served;
  Client browser(served.port());
  const Answer page = browser.get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  for (const char* name :
       {"marked.min.js", "katex.min.js", "katex.min.css", "page.js", "fonts/KaTeX_Main-Regular.woff2"}) {
    const Answer asset = browser.get(fmt::format("/assets/{}", name));
    EXPECT_EQ(asset.status, 200) << name;
    EXPECT_GT(asset.body.size(), 5u) << name;
  }
  const Answer font = browser.get("/assets/fonts/KaTeX_Main-Regular.woff2");
  EXPECT_EQ(font.header("content-type"), "font/woff2");
  EXPECT_EQ(font.body, read_file("/usr/share/fonts/truetype/katex/KaTeX_Main-Regular.woff2"));
  EXPECT_EQ(browser.get("/assets/katex.min.js").body, read_file("/usr/share/javascript/katex/katex.min.js"));
  size_t bytes = 0;
  for (const EmbeddedFile& file : harness::rating_page_files()) bytes += file.text.size();
  std::cout << harness::rating_page_files().size() << " files, " << bytes / 1024 << " KB, in the program\n";
}

}  // namespace
}  // namespace assay::testing
