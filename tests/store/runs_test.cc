// Runs by name and number, names that cannot be, and removing.
#include <gtest/gtest.h>

#include "store/sqlite.h"
#include "store/store.h"
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
using testing::range;

TEST(StoreRuns, ResolveNamesRuns) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const auto numbers = [&](const std::string& run) {
    std::vector<int64_t> found;
    for (const RunInfo& each : store.resolve(run)) found.push_back(each.number);
    return found;
  };
  EXPECT_EQ(error_of([&] { store.resolve("latest"); }).code(), ExitCode::kUsage);
  store.create_batch({"first", {}, {}}, {likelihood_run("mmlu", 1), generation_run("gsm8k", 1)});
  store.create_batch({"second", {}, {}}, {likelihood_run("mmlu", 1)});
  EXPECT_EQ(numbers("2"), (std::vector<int64_t>{2}));
  EXPECT_EQ(numbers("first"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(numbers("first/gsm8k"), (std::vector<int64_t>{2}));
  EXPECT_EQ(numbers("latest"), (std::vector<int64_t>{3}));
  struct Case {
    const char* run;
    const char* message;
  };
  for (const Case& each : {Case{"7", "1 (first/mmlu), 2 (first/gsm8k), 3 (second/mmlu)"},
                           Case{"firsd", "did you mean 'first'"}, Case{"second/gsm8k", "it has 3 (second/mmlu)"},
                           Case{"", "no batch"}, Case{"-1", "no run -1"}, Case{"99999999999999999999", "no batch"}}) {
    const Error error = error_of([&] { store.resolve(each.run); });
    EXPECT_EQ(error.code(), ExitCode::kUsage) << each.run;
    EXPECT_NE(std::string(error.what()).find(each.message), std::string::npos) << each.run << ": " << error.what();
  }
  EXPECT_EQ(store.resolve_one("second").number, 3);
  const Error several = error_of([&] { store.resolve_one("first"); });
  EXPECT_EQ(several.code(), ExitCode::kUsage);
  EXPECT_NE(std::string(several.what()).find("1 (first/mmlu), 2 (first/gsm8k)"), std::string::npos) << several.what();
}

TEST(StoreRuns, NamesThatCannotBe) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.create_batch({"taken", {}, {}}, {likelihood_run("t", 1)});
  for (const char* name : {"7", "latest", "a/b", "a\nb", "\xFF", "taken"}) {
    EXPECT_EQ(error_of([&] {
                store.create_batch({name, {}, {}}, {likelihood_run("t", 1)});
              }).code(),
              ExitCode::kUsage)
        << name;
  }
  const Error error = error_of([&] { store.create_batch({"taken", {}, {}}, {}); });
  EXPECT_NE(std::string(error.what()).find("--resume taken"), std::string::npos) << error.what();
  NewRun twice = likelihood_run("t", 2);
  twice.samples[1].id = twice.samples[0].id;
  EXPECT_EQ(error_of([&] { store.create_batch({}, {likelihood_run("s", 1), twice}); }).code(), ExitCode::kBadInput);
  EXPECT_EQ(store.runs().size(), 1u) << "a batch that fails leaves nothing";
  EXPECT_EQ(store.batches().size(), 1u);
}

TEST(StoreRuns, DeleteTakesEverythingOfARunAndNumbersAreNotUsedAgain) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({"one", {}, {{"k", "v"}}}, {likelihood_run("a", 20), generation_run("b", 20)});
  const std::vector<size_t> all = range(0, 20);
  answer(store, 1, all, 7, likelihood_answer);
  answer(store, 2, all, 7, generation_answer);
  EXPECT_EQ(error_of([&] { store.delete_run(1); }).code(), ExitCode::kUsage) << "it is running";
  EXPECT_EQ(error_of([&] { store.delete_batch(batch.id); }).code(), ExitCode::kUsage) << "it is running";
  store.finish_batch(batch.id, State::kDone);
  store.delete_run(1);
  EXPECT_EQ(store.runs().size(), 1u);
  EXPECT_EQ(store.load_samples(2).size(), 20u);
  store.delete_run(2);
  EXPECT_TRUE(store.batches().empty()) << "the last run takes its batch along";
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  for (const char* table : {"batches", "tags", "runs", "samples", "responses", "scorings", "scores"}) {
    EXPECT_EQ(raw.integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
  const Batch next = store.create_batch({"one", {}, {}}, {likelihood_run("a", 2)});
  EXPECT_EQ(store.runs().at(0).number, 3);
  store.finish_batch(next.id, State::kInterrupted);
  store.delete_batch(next.id);
  EXPECT_TRUE(store.runs().empty());
}

}  // namespace
}  // namespace assay::store
