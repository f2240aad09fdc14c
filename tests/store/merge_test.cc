// Two databases become one.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "store/export.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::Folder;
using testing::generation_answer;
using testing::generation_run;
using testing::likelihood_answer;
using testing::likelihood_run;

void fill(Store& store, const std::string& name, size_t n, State state = State::kDone) {
  const Batch batch = store.create_batch({name, {{"limit", n}}, {{"origin", name}}},
                                         {likelihood_run("mmlu", n), generation_run("gsm8k", n)});
  const std::vector<size_t> all = testing::range(0, n);
  const std::vector<RunInfo> runs = store.runs_of(batch.id);
  answer(store, runs[0].number, all, 8, likelihood_answer);
  answer(store, runs[1].number, all, 8, generation_answer);
  store.set_metrics(runs[0].number, "multiple_choice/1", {{"acc", "", "", "micro", 0.5, 0, 0, 1, 2}});
  if (state != State::kRunning) store.finish_batch(batch.id, state);
}

std::string exported(const Store& store, const std::string& run) {
  std::ostringstream out;
  export_runs(store, store.resolve(run), out, {.stable = true, .csv = false, .prompt = {}});
  return out.str();
}

TEST(Merge, BringsBatchesWithNewNumbers) {
  const Folder folder;
  Store a(folder / "a.db", Store::Mode::kCreate);
  fill(a, "night", 10);
  std::string expected;
  {
    Store b(folder / "b.db", Store::Mode::kCreate);
    fill(b, "night", 20);
    fill(b, "day", 30, State::kInterrupted);
    expected = exported(b, "night") + exported(b, "day");
  }
  const MergeResult result = a.merge(folder / "b.db");
  EXPECT_EQ(result.batches, 2u);
  EXPECT_EQ(result.runs, 4u);
  EXPECT_EQ(result.responses, 100u);
  ASSERT_EQ(result.renamed.size(), 1u);
  EXPECT_EQ(result.renamed[0], (std::pair<std::string, std::string>{"night", "night-2"}));
  EXPECT_EQ(exported(a, "night-2") + exported(a, "day"), expected);
  EXPECT_EQ(a.runs().size(), 6u);
  EXPECT_EQ(a.resolve_one("night-2/mmlu").number, 3);
  EXPECT_EQ(a.load_run(3).metrics.size(), 1u);
  EXPECT_EQ(a.find_batch("day").state, State::kInterrupted);
  EXPECT_EQ(a.find_batch("day").tags.at("origin"), "day");
  EXPECT_EQ(a.find_batch("day").options.at("limit"), 30);

  const MergeResult again = a.merge(folder / "b.db");
  EXPECT_EQ(again.batches, 0u) << "merging twice changes nothing";
  EXPECT_EQ(again.already_there, (std::vector<std::string>{"night", "day"}));
  EXPECT_EQ(a.runs().size(), 6u);
  std::cout << std::count(expected.begin(), expected.end(), '\n') << " merged lines compared\n";
}

TEST(Merge, RefusesAndChangesNothing) {
  const Folder folder;
  Store a(folder / "a.db", Store::Mode::kCreate);
  Store b(folder / "b.db", Store::Mode::kCreate);
  fill(b, "done", 2);
  fill(b, "going", 2, State::kRunning);
  const Error running = error_of([&] { a.merge(folder / "b.db"); });
  EXPECT_EQ(running.code(), ExitCode::kUsage);
  EXPECT_NE(std::string(running.what()).find("going"), std::string::npos);
  EXPECT_TRUE(a.batches().empty());
  EXPECT_EQ(error_of([&] { a.merge(folder / "a.db"); }).code(), ExitCode::kUsage);
  EXPECT_EQ(error_of([&] { a.merge(folder / "none.db"); }).code(), ExitCode::kUnavailable);
}

}  // namespace
}  // namespace assay::store
