// When a checkpoint's turn has come. Times are made up.
#include "harness/watch/tracker.h"

#include <gtest/gtest.h>

namespace assay::harness {
namespace {

using std::chrono::seconds;

CheckpointEntry entry(const std::string& name, uint64_t size) {
  return {name, "/" + name, "/" + name, std::nullopt, {{"model.safetensors", size, 0, 0, 0}}, ""};
}

class Tracker : public ::testing::Test {
 protected:
  std::vector<std::string> due() {
    std::vector<std::string> names;
    for (const TrackedCheckpoint* each : tracker_.due(now_)) names.push_back(each->entry.name);
    return names;
  }
  std::vector<std::string> look(std::vector<CheckpointEntry> entries) {
    std::vector<std::string> gone;
    for (const CheckpointEntry& each : tracker_.update(std::move(entries), now_)) gone.push_back(each.name);
    return gone;
  }
  using Names = std::vector<std::string>;

  WatchClock::time_point now_{seconds(1000)};
  CheckpointTracker tracker_{seconds(10)};
};

TEST_F(Tracker, WaitsUntilNothingHasChangedForAWhile) {
  look({entry("a", 1)});
  EXPECT_EQ(due(), Names{});
  now_ += seconds(9);
  look({entry("a", 2)});
  now_ += seconds(9);
  look({entry("a", 2), entry("b", 1)});
  EXPECT_EQ(due(), Names{});
  now_ += seconds(1);
  EXPECT_EQ(due(), Names{"a"});
  now_ += seconds(10);
  EXPECT_EQ(due(), (Names{"a", "b"}));
}

TEST_F(Tracker, WhatIsDoneOrBrokenIsLeftAloneUntilItChanges) {
  for (const Standing standing : {Standing::kScored, Standing::kBroken}) {
    look({entry("a", 1)});
    now_ += seconds(10);
    ASSERT_EQ(due(), Names{"a"});
    TrackedCheckpoint& checkpoint = *tracker_.all().front();
    checkpoint.standing = standing;
    checkpoint.inspected = Inspected{"x", "y"};
    checkpoint.told = "something";
    now_ += seconds(100);
    look({entry("a", 1)});
    EXPECT_EQ(due(), Names{});
    look({entry("a", 2)});
    EXPECT_EQ(due(), Names{});
    EXPECT_FALSE(tracker_.all().front()->inspected.has_value());
    EXPECT_EQ(tracker_.all().front()->told, "something");
    now_ += seconds(10);
    EXPECT_EQ(due(), Names{"a"});
    look({});
  }
}

TEST_F(Tracker, TellsWhatVanishedBeforeItWasScored) {
  look({entry("a", 1), entry("b", 1)});
  tracker_.all()[0]->standing = Standing::kScored;
  EXPECT_EQ(look({}), Names{"b"});
  EXPECT_EQ(look({}), Names{});
  // One that comes back is new.
  look({entry("a", 1)});
  EXPECT_EQ(tracker_.all()[0]->standing, Standing::kOpen);
}

TEST_F(Tracker, FailuresAreTriedAgainLessAndLessOften) {
  look({entry("a", 1)});
  now_ += seconds(10);
  for (const int pause : {5, 10, 20, 40, 80, 160, 320, 600, 600}) {
    ASSERT_EQ(due(), Names{"a"});
    CheckpointTracker::postpone(*tracker_.all()[0], now_, seconds(5));
    now_ += seconds(pause - 1);
    EXPECT_EQ(due(), Names{}) << pause;
    now_ += seconds(1);
  }
}

TEST_F(Tracker, KeepsTheOrderOfTheLook) {
  look({entry("z", 1), entry("a", 1)});
  now_ += seconds(10);
  EXPECT_EQ(due(), (Names{"z", "a"}));
}

}  // namespace
}  // namespace assay::harness
