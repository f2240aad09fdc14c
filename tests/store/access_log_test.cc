#include "store/access_log.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::expect_error;
using testing::Folder;

NewAccess access_of(const std::string& who) {
  return {who, "owner", "open", "0123", {{"prompts", {"a-1", "a-2"}}}};
}

// As somebody with an editor for databases would.
void tamper(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  char* problem = nullptr;
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK) << (problem ? problem : "");
  sqlite3_free(problem);
  sqlite3_close(handle);
}

TEST(AccessLog, KeepsEntriesInTheirOrder) {
  const Folder folder;
  AccessLog log(folder / "a.db", Store::Mode::kCreate);
  EXPECT_TRUE(log.read().empty());
  const Access first = log.add(access_of("ann"));
  EXPECT_EQ(first.previous, std::string(64, '0'));
  const Access second = log.add(access_of("ben"));
  EXPECT_EQ(second.previous, first.hash);
  const std::vector<Access> entries = AccessLog(folder / "a.db", Store::Mode::kRead).read();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].what.who, "ann");
  EXPECT_EQ(entries[1].hash, second.hash);
  EXPECT_EQ(entries[1].what.details, access_of("ben").details);
}

TEST(AccessLog, ChangesAreNoticed) {
  const std::string unlock = "DROP TRIGGER accesses_never_change; DROP TRIGGER accesses_stay; ";
  for (const char* change : {
           "UPDATE accesses SET who = 'eve' WHERE id = 2",
           "UPDATE accesses SET time = '2020-01-01T00:00:00Z' WHERE id = 1",
           "UPDATE accesses SET details = '{}' WHERE id = 3",
           "UPDATE accesses SET details = '{' WHERE id = 3",
           "DELETE FROM accesses WHERE id = 2",
           "DELETE FROM accesses WHERE id = 1",
           "UPDATE accesses SET hash = printf('%064d', 7) WHERE id = 3",
           "UPDATE accesses SET id = 10 - id",
       }) {
    const Folder folder;
    for (const char* who : {"ann", "ben", "cem"}) AccessLog(folder / "a.db", Store::Mode::kCreate).add(access_of(who));
    tamper(folder / "a.db", unlock + change);
    expect_error([&] { AccessLog(folder / "a.db", Store::Mode::kRead).read(); }, ExitCode::kBadInput,
                 "the log was changed");
  }
}

TEST(AccessLog, TheDatabaseItselfRefusesChanges) {
  const Folder folder;
  AccessLog(folder / "a.db", Store::Mode::kCreate).add(access_of("ann"));
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "a.db").c_str(), &handle), SQLITE_OK);
  for (const char* sql : {"UPDATE accesses SET who = 'eve'", "DELETE FROM accesses"}) {
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_CONSTRAINT) << sql;
  }
  sqlite3_close(handle);
}

}  // namespace
}  // namespace assay::store
