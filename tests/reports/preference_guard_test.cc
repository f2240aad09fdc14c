// What is printed for an analyst tells nothing of a small cell: neither by subtraction nor otherwise, and no text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <iostream>

#include "reports/preference_json.h"
#include "reports/preference_text.h"
#include "tests/reports/made_round.h"

namespace assay::reports {
namespace {

using store::Json;
using testing::drawn_round;
using testing::MadeRound;
using testing::MadeVote;

std::string printed(const MadeRound& made, const PreferenceOptions& options = {}) {
  const PreferenceReport report = made.report(options);
  return preference_text(report) + preference_json(report).dump(1);
}

bool is_hidden(const Json& row) {
  return row.at("hidden").is_string();
}

// What an analyst gets for the hidden rows of `rows` together: the total less what is shown.
struct Attack {
  int64_t min_count = 5;
  int hidden = 0;
  int found_out = 0;

  void subtract(const Json& total, const Json& rows, const std::function<int64_t(const Json&)>& count) {
    int64_t rest = count(total);
    bool any = false;
    for (const Json& row : rows) {
      const int64_t shown = count(row);
      if (shown < 0) {
        any = true;
        ++hidden;
      } else {
        EXPECT_GE(shown, min_count) << row;
        rest -= shown;
      }
    }
    EXPECT_GE(rest, 0);
    const bool small = rest > 0 && rest < min_count;
    found_out += any && small ? 1 : 0;
    EXPECT_FALSE(!any && rest > 0) << "nothing is hidden, and something is missing";
  }
};

// -1: hidden.
int64_t votes_of(const Json& row) {
  return is_hidden(row) ? -1 : row.at("votes").get<int64_t>();
}

auto part_of(const char* part) {
  return [part](const Json& row) -> int64_t {
    return is_hidden(row) || row.at(part).is_null() ? -1 : row.at(part).at("asked").get<int64_t>();
  };
}

Json raters_who_count(const Json& report) {
  Json raters = Json::array();
  for (const Json& rater : report.at("raters")) {
    if (!rater.at("left_out")) raters.push_back(rater);
  }
  return raters;
}

TEST(PreferenceGuard, SubtractionFindsNoSmallCell) {
  int rounds = 0;
  Attack attack;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    MadeRound made = drawn_round({.models = seed % 3 == 0 ? 3 : 2,
                                  .prompts = static_cast<int>(6 + seed % 25),
                                  .raters = {"a", "b", "c", "d", "e", "f", "g"},
                                  .overlap = static_cast<int>(1 + seed % 2),
                                  .categories = {"q", "r", "s", "t", "u", "v"},
                                  .seed = seed});
    // A category that nearly nobody has seen, and a rater who has hardly begun.
    for (uint64_t i = 0; i < seed % 5; ++i) {
      made.add({.prompt = fmt::format("z{}", i), .rater = "late", .choice = 2, .category = "z"});
    }
    PreferenceOptions options;
    options.min_count = attack.min_count = seed % 4 == 0 ? 8 : 5;
    if (seed % 5 == 0) options.without = {"b"};
    const Json report = preference_json(made.report(options));
    for (const Json& pair : report.at("pairs")) {
      if (!is_hidden(pair)) attack.subtract(pair, pair.at("categories"), votes_of);
    }
    const Json& all = report.at("all_raters");
    if (is_hidden(all)) continue;
    attack.subtract(all, raters_who_count(report), votes_of);
    for (const char* part : {"left", "repeats", "gold"}) {
      if (!all.at(part).is_null()) attack.subtract(all, raters_who_count(report), part_of(part));
    }
    ++rounds;
  }
  EXPECT_GE(rounds, 50);
  EXPECT_GE(attack.hidden, 300);
  EXPECT_EQ(attack.found_out, 0);
  std::cout << fmt::format("{} rounds, {} hidden cells, {} found out\n", rounds, attack.hidden, attack.found_out);
}

TEST(PreferenceGuard, OneSmallCategoryHidesASecond) {
  MadeRound made = drawn_round({.prompts = 40, .categories = {"advice", "coding"}});
  for (int i = 0; i < 3; ++i) made.add({.prompt = fmt::format("r{}", i), .choice = 2, .category = "rare"});
  const PreferenceReport report = made.report();
  const std::vector<PreferenceRow>& rows = report.pairs[0].categories;
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[2].hidden);
  EXPECT_NE(rows[0].hidden, rows[1].hidden) << "one of the large ones guards it";
  EXPECT_NE(preference_text(report).find("fewer than 5 votes, or hidden to guard such a row"), std::string::npos);
  for (const PreferenceRow& row : rows) {
    if (!row.hidden) continue;
    EXPECT_EQ(row.votes + row.win.count + row.tie.count + row.loss.count, 0);
    EXPECT_TRUE(std::isnan(row.p));
  }
}

// Three votes of `rare` and as many of the row that guards it change places: nobody can tell.
TEST(PreferenceGuard, WhichHiddenRowHasWhichVotesIsNotToBeSeen) {
  const auto made = [](const std::string& won, const std::string& lost) {
    MadeRound round = drawn_round({.prompts = 40, .categories = {"coding", "extraction"}});
    for (int i = 0; i < 3; ++i) {
      round.add({.prompt = fmt::format("w{}", i), .choice = 2, .category = won});
      round.add({.prompt = fmt::format("l{}", i), .choice = -2, .category = lost});
    }
    return printed(round);
  };
  EXPECT_EQ(made("rare", "seldom"), made("seldom", "rare"));
}

// What people said of a pair that is hidden moves nothing anywhere.
TEST(PreferenceGuard, AHiddenPairIsInNoNumber) {
  const auto made = [](int choice, int64_t active_ms, const std::vector<std::string>& flags) {
    MadeRound round = drawn_round({.models = 2, .prompts = 30});
    PreferenceRound& inner = round.round();
    inner.round.runs.push_back(12);
    inner.models.emplace_back("model-c");
    for (int i = 0; i < 4; ++i) {
      MadeVote vote{
          .prompt = fmt::format("prompt-{}", i), .choice = choice, .second = 2, .flags = flags, .active_ms = active_ms};
      const int64_t assignment = round.add(vote);
      vote.kind = store::Rating::kRepeat;
      vote.repeats = assignment;
      vote.choice = -choice;
      round.add(vote);
    }
    return printed(round);
  };
  const std::string all_won = made(2, 1000, {"first_unsafe"});
  EXPECT_EQ(all_won, made(-1, 900000, {"both_bad", "second_broken"}));
  EXPECT_NE(all_won.find("A against C: fewer than 5 votes"), std::string::npos);
  EXPECT_NE(all_won.find("\"flags\": null"), std::string::npos) << "nothing is said of C";
}

TEST(PreferenceGuard, ARaterWhoHardlyVotedIsInNoRow) {
  const auto made = [](bool left) {
    MadeRound round = drawn_round({.prompts = 50});
    for (int i = 0; i < 4; ++i) {
      round.add({.prompt = fmt::format("n{}", i), .rater = "new", .choice = 1, .first_is_left = left});
    }
    return round.report();
  };
  const PreferenceReport report = made(true);
  ASSERT_EQ(report.raters.size(), 6U);
  EXPECT_TRUE(report.raters[5].hidden);
  EXPECT_EQ(report.raters[5].votes, 0);
  int hidden = 0;
  for (const RaterQuality& rater : report.raters) hidden += rater.hidden ? 1 : 0;
  EXPECT_EQ(hidden, 2) << "a second one guards the first";
}

TEST(PreferenceGuard, AMinimumOfOneHidesNothing) {
  MadeRound made;
  made.add({.prompt = "p", .choice = 2});
  PreferenceOptions all;
  all.min_count = 1;
  const PreferenceReport report = made.report(all);
  EXPECT_EQ(report.votes, 1);
  EXPECT_FALSE(report.pairs[0].categories[0].hidden);
  EXPECT_FALSE(report.raters[0].hidden);
}

TEST(PreferenceGuard, NoTextAndNoIdIsPrinted) {
  MadeRound made = drawn_round({.models = 3});
  for (const int64_t min_count : {1, 5}) {
    PreferenceOptions options;
    options.min_count = min_count;
    const std::string text = printed(made, options);
    EXPECT_EQ(text.find("prompt-"), std::string::npos);
    EXPECT_EQ(text.find("secret comment"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::reports
