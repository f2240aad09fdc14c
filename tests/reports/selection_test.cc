#include "reports/selection.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "store/sqlite.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using testing::made_run;
using testing::MadeStore;

std::vector<int64_t> numbers(const store::Store& store, const Selection& selection) {
  std::vector<int64_t> found;
  for (const store::RunInfo& run : select_runs(store, selection)) found.push_back(run.number);
  return found;
}

std::string refusal(const store::Store& store, const Selection& selection) {
  try {
    select_runs(store, selection);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

TEST(Selection, ByNameTagAndDate) {
  MadeStore made;
  made.set_tags({{"branch", "main"}});
  made.add("a", {made_run("mmlu", 2, 1), made_run("arc_easy", 2, 1)});  // 1, 2
  made.set_tags({{"branch", "topic"}, {"gpu", "no"}});
  made.add("b", made_run("mmlu", 2, 1));  // 3
  const struct {
    Selection selection;
    std::vector<int64_t> expected;
  } cases[] = {
      {{{"b", "a"}, {}, ""}, {3, 1, 2}},
      {{{"a/arc_easy", "2", "a"}, {}, ""}, {2, 1}},  // each once
      {{{"latest"}, {}, ""}, {3}},
      {{{}, {{"branch", "main"}}, ""}, {1, 2}},
      {{{}, {{"branch", "topic"}, {"gpu", "no"}}, ""}, {3}},
      {{{}, {}, "2020-01-01"}, {1, 2, 3}},
      {{{}, {}, "2020-01-01T00:00:00Z"}, {1, 2, 3}},
      {{{"a"}, {{"branch", "main"}}, "2020-01-01"}, {1, 2}},
  };
  for (const auto& each : cases) EXPECT_EQ(numbers(made.store(), each.selection), each.expected);
}

TEST(Selection, RefusalsSayWhatToDo) {
  MadeStore made;
  EXPECT_NE(refusal(made.store(), {{"latest"}, {}, ""}).find("make one with `assay run`"), std::string::npos);
  EXPECT_NE(refusal(made.store(), {{}, {}, "2020-01-01"}).find("make one with `assay run`"), std::string::npos);
  made.add("a", made_run("mmlu", 2, 1));
  const struct {
    Selection selection;
    const char* says;
  } cases[] = {
      {{}, "say which runs"},
      {{{"b"}, {}, ""}, "no batch named 'b'"},
      {{{}, {{"branch", "x"}}, ""}, "no run fits --tag branch=x"},
      {{{"a"}, {}, "2999-01-01"}, "no run fits --since 2999-01-01"},
      {{{}, {}, "yesterday"}, "--since 'yesterday'"},
      {{{}, {}, "2026-13-01"}, "--since '2026-13-01'"},
      {{{}, {}, "2026-1-1"}, "--since '2026-1-1'"},
      {{{}, {}, "2026-11-25 10:00"}, "--since"},
  };
  for (const auto& each : cases) {
    EXPECT_NE(refusal(made.store(), each.selection).find(each.says), std::string::npos) << each.says;
  }
}

TEST(Selection, TagsAreKeyAndValue) {
  EXPECT_EQ(parse_tag("a=b=c"), std::pair(std::string("a"), std::string("b=c")));
  EXPECT_EQ(parse_tag("a="), std::pair(std::string("a"), std::string()));
  EXPECT_THROW(parse_tag("a"), Error);
  EXPECT_THROW(parse_tag("=b"), Error);
}

ExitCode code_of_opening(const std::filesystem::path& path) {
  store::StoreOptions impatient;
  impatient.busy_wait_ms = 50;
  try {
    const store::Store store(path, store::Store::Mode::kRead, impatient);
    make_report(store, select_runs(store, {{"latest"}, {}, ""}), {});
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::kDone;
}

TEST(Selection, ADatabaseThatIsMissingNewerOrLocked) {
  const assay::testing::TemporaryFolder folder;
  EXPECT_EQ(code_of_opening(folder / "none.db"), ExitCode::kUnavailable);
  const auto path = folder / "a.db";
  { const store::Store store(path, store::Store::Mode::kCreate); }
  EXPECT_EQ(code_of_opening(path), ExitCode::kUsage);  // empty
  {
    store::Database locked(path, store::Database::Access::kReadWrite, 1000);
    locked.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    EXPECT_EQ(code_of_opening(path), ExitCode::kIo);
    locked.execute("COMMIT");
  }
  store::Database(path, store::Database::Access::kReadWrite, 1000).execute("PRAGMA user_version = 1000");
  EXPECT_EQ(code_of_opening(path), ExitCode::kBadInput);
}

}  // namespace
}  // namespace assay::reports
