// What processes computed for a batch: kept apart from its runs, and gone with the batch.
#include <gtest/gtest.h>

#include <sstream>

#include "store/export.h"
#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::expect_error;
using testing::Folder;
using testing::likelihood_run;

TEST(Sessions, ComeBackInOrderAndUnfinishedOnesSaySo) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({"a", {}, {}}, {likelihood_run("mmlu", 3)});
  EXPECT_TRUE(store.sessions(batch.id).empty());
  const int64_t killed = store.begin_session(batch.id, "cpu avx2 f32, 1 thread", 0.5);
  const int64_t whole = store.begin_session(batch.id, "cpu amx bf16, 8 threads", 1.25);
  const int64_t called = store.begin_session(batch.id, "endpoint", 0);
  store.end_session(called, {2.5, 10, 20, 30});
  store.end_session(whole, {812.0625, 5'000'000'000, 7, 0, 1e6 / 3, 2048.5});
  expect_error([&] { store.end_session(whole, {}); }, ExitCode::kInternal, "not open");
  expect_error([&] { store.end_session(99, {}); }, ExitCode::kInternal, "not open");
  const std::vector<ComputeSession> sessions = store.sessions(batch.id);
  ASSERT_EQ(sessions.size(), 3u);
  EXPECT_EQ(sessions[0].computed_by, "cpu avx2 f32, 1 thread");
  EXPECT_EQ(sessions[0].load_seconds, 0.5);
  EXPECT_FALSE(sessions[0].work);
  EXPECT_EQ(killed, 1);
  ASSERT_TRUE(sessions[1].work);
  EXPECT_EQ(sessions[1].work->seconds, 812.0625);
  EXPECT_EQ(sessions[1].work->prompt_tokens, 5'000'000'000);
  EXPECT_EQ(sessions[1].work->generated_tokens, 7);
  EXPECT_EQ(sessions[1].work->gflop, 1e6 / 3);
  EXPECT_EQ(sessions[1].work->peak_gflops, 2048.5);
  EXPECT_EQ(sessions[2].work->requests, 30);
  EXPECT_EQ(sessions[2].work->peak_gflops, std::nullopt);
  store.finish_batch(batch.id, State::kDone);
  expect_error([&] { store.begin_session(batch.id, "cpu", 0); }, ExitCode::kUsage, "not run by this process");
}

TEST(Sessions, ChangeNoExportAreMergedAndGoWithTheirBatch) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  const Batch batch = store.create_batch({"a", {}, {}}, {likelihood_run("mmlu", 3)});
  testing::answer(store, 1, testing::range(0, 3), 8, testing::likelihood_answer);
  const auto exported = [&] {
    std::ostringstream out;
    export_runs(store, store.resolve("a"), out, {});
    return out.str();
  };
  const std::string before = exported();
  store.end_session(store.begin_session(batch.id, "cpu", 1), {3, 4, 5});
  EXPECT_EQ(exported(), before);
  store.finish_batch(batch.id, State::kDone);
  Store other(folder / "b.db", Store::Mode::kCreate);
  other.create_batch({"first", {}, {}}, {});
  other.merge(folder / "a.db");
  const int64_t merged = other.find_batch("a").id;
  ASSERT_EQ(other.sessions(merged).size(), 1u);
  EXPECT_EQ(other.sessions(merged)[0].work->prompt_tokens, 4);
  EXPECT_EQ(other.sessions(merged)[0].started, store.sessions(batch.id)[0].started);
  other.delete_batch(merged);
  EXPECT_TRUE(other.sessions(merged).empty());
  EXPECT_EQ(Database(folder / "b.db", Database::Access::kReadWrite, 1000).integer("SELECT count(*) FROM sessions"), 0);
}

}  // namespace
}  // namespace assay::store
