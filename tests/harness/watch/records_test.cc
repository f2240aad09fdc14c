// What is found again in the database.
#include "harness/watch/records.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace assay::harness {
namespace {

using store::State;

class WatchRecords : public ::testing::Test {
 protected:
  store::Batch add(const std::string& name, const std::map<std::string, std::string>& tags, State state = State::kDone,
                   const store::Json& options = {{"model", "/m"}, {"limit", 3}, {"threads", 2}}) {
    const store::Batch batch = store_.create_batch({name, options, tags}, {});
    if (state != State::kRunning) store_.finish_batch(batch.id, state);
    return batch;
  }
  static CheckpointEntry named(const std::string& name) {
    return {name, "/" + name, "/" + name, step_of_name(name), {}, ""};
  }

  testing::TemporaryFolder folder_;
  store::Store store_{folder_ / "a.db", store::Store::Mode::kCreate};
};

TEST_F(WatchRecords, BatchNamesAreFreeAndAllowed) {
  EXPECT_EQ(free_batch_name(store_.batches(), named("checkpoint-5"), "w"), "checkpoint-5");
  add("checkpoint-5", {});
  EXPECT_EQ(free_batch_name(store_.batches(), named("checkpoint-5"), "w"), "checkpoint-5~2");
  add("checkpoint-5~2", {});
  EXPECT_EQ(free_batch_name(store_.batches(), named("checkpoint-5"), "w"), "checkpoint-5~3");
  for (const std::string& name :
       {std::string("500"), std::string("latest"), std::string("a\nb\xff"), std::string("-x"), std::string(300, 'y')}) {
    add(free_batch_name(store_.batches(), named(name), "w/x"), {});  // the store refuses what is no name
  }
  EXPECT_EQ(store_.find_batch("w-x-500").name, "w-x-500");
}

TEST_F(WatchRecords, BelongToAWatchThatAsksTheSame) {
  add("a", {{"watch", "w"}});
  add("other name", {{"watch", "v"}});
  add("no watch", {});
  add("other limit", {{"watch", "w"}}, State::kDone, {{"model", "/m"}, {"limit", 4}});
  add("other place", {{"watch", "w"}}, State::kDone, {{"model", "/n"}, {"limit", 3}, {"threads", 9}});
  std::vector<std::string> names;
  for (const auto& batch : batches_of_watch(store_.batches(), "w", {{"limit", 3}})) names.push_back(batch.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "other place"}));
}

TEST_F(WatchRecords, WhatWasConcludedIsWorthMost) {
  const auto interrupted = add("interrupted", {{"k", "x"}}, State::kInterrupted);
  const auto best = [&](const std::set<int64_t>& without = {}) {
    const auto batches = store_.batches();
    const store::Batch* found = best_with_tag(batches, "k", "x", without);
    return found == nullptr ? "" : found->name;
  };
  EXPECT_EQ(best(), "interrupted");
  EXPECT_EQ(best({interrupted.id}), "");
  add("newer", {{"k", "x"}}, State::kInterrupted);
  EXPECT_EQ(best(), "newer");
  add("done and not looked at", {{"k", "x"}});
  EXPECT_EQ(best(), "done and not looked at");
  add("running", {{"k", "x"}}, State::kRunning);
  EXPECT_EQ(best(), "running");
  add("done", {{"k", "x"}, {kWatchVerdictTag, "passed"}});
  add("later", {{"k", "x"}}, State::kInterrupted);
  add("other", {{"k", "y"}});
  EXPECT_EQ(best(), "done");
}

TEST_F(WatchRecords, OneTrainingAWatch) {
  std::filesystem::create_directories(folder_ / "one");
  std::filesystem::create_directories(folder_ / "two");
  add("a", {{"watch", "w"}}, State::kDone, {{"model", (folder_ / "one/checkpoint-1").string()}});
  refuse_other_folder(store_, "w", folder_ / "one");
  refuse_other_folder(store_, "v", folder_ / "two");
  EXPECT_THROW(refuse_other_folder(store_, "w", folder_ / "two"), Error);
  std::filesystem::remove(folder_ / "one");
  refuse_other_folder(store_, "w", folder_ / "two");
}

}  // namespace
}  // namespace assay::harness
