// Who is given what: balance under concurrency, shares of repeats and gold, leases, the same again from the seed.
#include "harness/rating/assign.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>
#include <set>

#include "base/error.h"

namespace assay::harness {
namespace {

using store::Assignment;
using store::Rating;

// A round without a database: raters who take and vote.
struct Table {
  AssignState state;
  int64_t now = 1000;
  std::map<int64_t, int64_t> had;  // ordinals of raters

  Table(int prompts, int raters, AssignRules rules, int categories = 2) {
    state.rules = rules;
    for (int i = 0; i < prompts; ++i) {
      state.items.push_back({fmt::format("p-{}", i), fmt::format("c-{}", i % categories), 0, 1});
    }
    for (int i = 0; i < raters; ++i) state.raters.push_back({i + 1, fmt::format("rater {}", i), false, 0, 0});
  }

  store::Rater& rater(int64_t id) { return state.raters[static_cast<size_t>(id - 1)]; }

  // Its place in state.given.
  std::optional<size_t> take(int64_t id) {
    const std::optional<store::NewAssignment> next = next_assignment(state, rater(id), now);
    if (!next) return std::nullopt;
    EXPECT_EQ(next->rater, id);
    state.given.push_back({static_cast<int64_t>(state.given.size() + 1), had[id]++, now, false, *next});
    return state.given.size() - 1;
  }

  // How many raters each pair has.
  std::vector<int> counts() const {
    std::vector<int> counts(state.items.size(), 0);
    for (const Assignment& each : state.given) {
      if (each.what.kind == Rating::kPair && each.voted) ++counts[static_cast<size_t>(each.what.item)];
    }
    return counts;
  }
};

// Raters come in any order, and several hold a pair while others vote.
void rate_all(Table& table, uint32_t seed) {
  std::mt19937 random(seed);
  std::map<int64_t, size_t> open;
  std::vector<int64_t> active;
  for (const store::Rater& rater : table.state.raters) active.push_back(rater.id);
  while (!active.empty()) {
    const size_t at = random() % active.size();
    const int64_t id = active[at];
    if (const auto held = open.find(id); held != open.end()) {
      table.state.given[held->second].voted = true;
      open.erase(held);
    } else if (const std::optional<size_t> taken = table.take(id)) {
      open[id] = *taken;
    } else {
      active.erase(active.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

TEST(Assign, EveryPairGetsItsRatersUnderEightAtOnce) {
  for (const int overlap : {1, 2, 3, 8}) {
    for (uint32_t seed = 0; seed < 10; ++seed) {
      Table table(40, 8, {.overlap = overlap, .seed = seed});
      rate_all(table, seed);
      for (const int count : table.counts()) EXPECT_EQ(count, overlap) << "seed " << seed;
    }
  }
}

TEST(Assign, WhoIsFirstHasNoMoreThanAShare) {
  Table table(40, 8, {.overlap = 2, .repeats = 0, .gold = 0, .seed = 3});
  // After every full turn of all raters no pair is two ahead of another.
  for (int turn = 0; turn < 10; ++turn) {
    for (int64_t id = 1; id <= 8; ++id) table.state.given[*table.take(id)].voted = true;
    const std::vector<int> counts = table.counts();
    EXPECT_LE(*std::max_element(counts.begin(), counts.end()) - *std::min_element(counts.begin(), counts.end()), 1);
  }
}

TEST(Assign, NobodyGetsAPairTwiceButAsARepeat) {
  Table table(60, 5, {.overlap = 3, .repeats = 0.2, .gold = 0.1, .seed = 11});
  rate_all(table, 5);
  std::map<int64_t, std::set<int64_t>> seen;
  std::map<Rating::Kind, int> kinds;
  for (const Assignment& each : table.state.given) {
    ++kinds[each.what.kind];
    if (each.what.kind != Rating::kRepeat) {
      EXPECT_TRUE(seen[each.what.rater].insert(each.what.item).second);
      EXPECT_FALSE(each.what.repeats.has_value());
      continue;
    }
    const Assignment& before = table.state.given[static_cast<size_t>(*each.what.repeats - 1)];
    EXPECT_EQ(before.what.rater, each.what.rater);
    EXPECT_EQ(before.what.item, each.what.item);
    EXPECT_EQ(before.what.kind, Rating::kPair);
    EXPECT_NE(before.what.first_is_left, each.what.first_is_left) << "the sides are exchanged";
    EXPECT_GE(each.ordinal - before.ordinal, kRepeatAfter);
    EXPECT_TRUE(seen[each.what.rater].insert(-before.id).second) << "repeated once";
  }
  EXPECT_GT(kinds[Rating::kRepeat], 10);
  EXPECT_GT(kinds[Rating::kGold], 5);
}

TEST(Assign, SharesAndSidesAreAsAskedFor) {
  Table table(3000, 1, {.overlap = 1, .repeats = 0.05, .gold = 0.03, .seed = 2});
  table.state.raters.push_back({2, "not here yet", false, 0, 0});  // so that pairs can be spared
  std::map<Rating::Kind, int> kinds;
  int left = 0, taken = 0;
  for (; taken < 2000; ++taken) {
    const std::optional<size_t> place = table.take(1);
    ASSERT_TRUE(place);
    table.state.given[*place].voted = true;
    ++kinds[table.state.given[*place].what.kind];
    left += table.state.given[*place].what.first_is_left ? 1 : 0;
  }
  EXPECT_NEAR(kinds[Rating::kRepeat] / 2000.0, 0.05, 0.015);
  EXPECT_NEAR(kinds[Rating::kGold] / 2000.0, 0.03, 0.012);
  EXPECT_NEAR(left / 2000.0, 0.5, 0.04);
}

TEST(Assign, GoldIsAnotherPromptOfTheCategoryWhoseTextDiffers) {
  Table table(40, 3, {.overlap = 2, .repeats = 0, .gold = 0.4, .seed = 5});
  table.state.is_decoy = [](const store::RoundItem&, const std::string& decoy) { return decoy != "p-4"; };
  rate_all(table, 1);
  int gold = 0;
  for (const Assignment& each : table.state.given) {
    if (each.what.kind != Rating::kGold) continue;
    ++gold;
    const store::RoundItem& item = table.state.items[static_cast<size_t>(each.what.item)];
    EXPECT_NE(each.what.decoy, item.prompt);
    EXPECT_NE(each.what.decoy, "p-4");
    const int number = std::stoi(each.what.decoy.substr(2));
    EXPECT_EQ(table.state.items[static_cast<size_t>(number)].category, item.category);
  }
  EXPECT_GT(gold, 5);
  for (const int count : table.counts()) EXPECT_EQ(count, 2) << "gold takes no pair from its raters";
}

TEST(Assign, GoldSparesPairsThatNeedEverybody) {
  Table table(30, 4, {.overlap = 4, .repeats = 0, .gold = 0.4, .seed = 5});
  rate_all(table, 1);
  for (const Assignment& each : table.state.given) EXPECT_EQ(each.what.kind, Rating::kPair);
  for (const int count : table.counts()) EXPECT_EQ(count, 4);
}

TEST(Assign, OrderAndSidesComeFromTheSeedAndDifferBetweenRaters) {
  const auto order = [](uint64_t seed, int64_t id) {
    Table table(30, 2, {.overlap = 2, .seed = seed});
    std::string text;
    while (const std::optional<size_t> place = table.take(id)) {
      table.state.given[*place].voted = true;
      const store::NewAssignment& what = table.state.given[*place].what;
      text += fmt::format("{}{}{} ", what.item, what.first_is_left ? "l" : "r", static_cast<int>(what.kind));
    }
    return text;
  };
  EXPECT_EQ(order(1, 1), order(1, 1));
  EXPECT_NE(order(1, 1), order(2, 1));
  EXPECT_NE(order(1, 1), order(1, 2));
}

TEST(Assign, APairThatIsNotVotedOnGoesToAnotherAfterItsLease) {
  Table table(1, 3, {.overlap = 1, .seed = 1, .lease_s = 600});
  const size_t first = *table.take(1);
  EXPECT_FALSE(table.take(2)) << "it is held";
  table.now += 601;
  const size_t second = *table.take(2);
  EXPECT_EQ(table.state.given[second].what.item, table.state.given[first].what.item);
  table.state.given[first].voted = true;  // late
  table.state.given[second].voted = true;
  EXPECT_EQ(table.counts()[0], 2) << "both count";
  EXPECT_FALSE(table.take(3));
}

TEST(Assign, WhatARevokedRaterHoldsIsFree) {
  Table table(1, 2, {.overlap = 1, .seed = 1});
  ASSERT_TRUE(table.take(1));
  EXPECT_FALSE(table.take(2));
  table.rater(1).revoked = true;
  EXPECT_FALSE(table.take(1)) << "and they get nothing";
  EXPECT_TRUE(table.take(2));
}

TEST(Assign, ALimitOfItemsHolds) {
  Table table(50, 2, {.overlap = 2, .repeats = 0.2, .items = 12, .seed = 4});
  rate_all(table, 3);
  EXPECT_EQ(table.had[1], 12);
  EXPECT_EQ(table.had[2], 12);
  EXPECT_FALSE(table.take(1));
}

TEST(Assign, TheExpectedNumberOfItemsIsNearWhatItBecomes) {
  Table table(100, 4, {.overlap = 2, .repeats = 0.05, .gold = 0.03, .seed = 9});
  const int64_t expected = expected_items(table.state, table.rater(1), table.now);
  rate_all(table, 3);
  EXPECT_NEAR(static_cast<double>(expected), 50 / 0.92, 2);
  EXPECT_NEAR(static_cast<double>(table.had[1]), static_cast<double>(expected), 12);
  EXPECT_EQ(expected_items(table.state, table.rater(1), table.now), table.had[1]);
}

}  // namespace
}  // namespace assay::harness
