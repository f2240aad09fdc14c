// What goes wrong with files and disks: one sentence, the documented code, nothing lost.
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <random>

#include "base/file.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::expect_error;
using testing::Folder;
using testing::generation_answer;
using testing::generation_run;
using testing::in_child;
using testing::likelihood_answer;
using testing::likelihood_run;
using testing::range;
using testing::read_all;

void make_database(const std::filesystem::path& path, size_t n = 40) {
  Store store(path, Store::Mode::kCreate);
  NewRun questions = likelihood_run("mmlu", n);
  std::vector<std::string> texts;
  testing::add_prompts(questions, texts);
  const Batch batch = store.create_batch({"b", {}, {}}, {questions, generation_run("gsm8k", n)});
  answer(store, 1, range(0, n), 64, likelihood_answer);
  answer(store, 2, range(0, n), 64, generation_answer);
  store.set_metrics(1, "multiple_choice/1", {{"acc", "", "", "micro", 0.5, 0, 0, 1, 2}});
  store.finish_batch(batch.id, State::kDone);
}

// Root may do everything: what a plain user sees is tried as nobody.
void as_nobody(const std::function<void()>& action) {
  const int status = in_child([&] {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(98);
    action();
    if (::testing::Test::HasFailure()) ::_exit(97);
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "wait status " << status;
}

TEST(StoreFaults, FilesThatAreNoDatabase) {
  const Folder folder;
  make_database(folder / "good.db");
  {
    Database other(folder / "other.db", Database::Access::kCreate, 1000);
    other.execute("CREATE TABLE t (a)");
    Database versioned(folder / "versioned.db", Database::Access::kCreate, 1000);
    versioned.execute("CREATE TABLE t (a); PRAGMA user_version = 1");
  }
  write_file_atomically(folder / "text.db", "{\"run\":7}\n" + std::string(5000, 'x'));
  write_file_atomically(folder / "empty.db", "");
  std::filesystem::create_directory(folder / "folder.db");
  using Mode = Store::Mode;
  struct Case {
    const char* name;
    Mode mode;
    ExitCode code;
    const char* part;
  };
  const std::vector<Case> cases = {
      {"none.db", Mode::kRead, ExitCode::kUnavailable, "--db"},
      {"none.db", Mode::kWrite, ExitCode::kUnavailable, "--db"},
      {"no/folder/a.db", Mode::kCreate, ExitCode::kIo, "folder"},
      {"folder.db", Mode::kRead, ExitCode::kIo, "is a folder"},
      {"folder.db", Mode::kCreate, ExitCode::kIo, "is a folder"},
      {"text.db", Mode::kRead, ExitCode::kBadInput, "is not a database"},
      {"text.db", Mode::kCreate, ExitCode::kBadInput, "is not a database"},
      {"empty.db", Mode::kRead, ExitCode::kBadInput, "is empty"},
      {"empty.db", Mode::kWrite, ExitCode::kBadInput, "is empty"},
      {"other.db", Mode::kRead, ExitCode::kBadInput, "not one of Assay's"},
      {"other.db", Mode::kCreate, ExitCode::kBadInput, "not one of Assay's"},
      {"versioned.db", Mode::kCreate, ExitCode::kBadInput, "not one of Assay's"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    expect_error([&] { read_all(folder / each.name, each.mode); }, each.code, each.part);
    expect_error([&] { read_all(folder / each.name, each.mode); }, each.code, each.name);
  }
  EXPECT_EQ(Database(folder / "other.db", Database::Access::kReadWrite, 1).text("PRAGMA journal_mode"), "delete")
      << "a stranger's file is left as it is";
  expect_error([] { Store("", Store::Mode::kCreate); }, ExitCode::kUsage, "--db");
  read_all(folder / "empty.db", Mode::kCreate);
  std::cout << cases.size() << " files refused\n";
}

TEST(StoreFaults, NewerDatabaseIsRefused) {
  const Folder folder;
  make_database(folder / "a.db");
  Database(folder / "a.db", Database::Access::kReadWrite, 1000).execute("PRAGMA user_version = 1000");
  for (const Store::Mode mode : {Store::Mode::kRead, Store::Mode::kWrite, Store::Mode::kCreate}) {
    expect_error([&] { Store(folder / "a.db", mode); }, ExitCode::kBadInput, "newer version of assay (schema 1000");
  }
}

TEST(StoreFaults, MigrationsRunOnceInOrderAndWhole) {
  const Folder folder;
  Database database(folder / "a.db", Database::Access::kCreate, 1000);
  const std::vector<const char*> steps = {"CREATE TABLE a (x); INSERT INTO a VALUES (1);",
                                          "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (2, 3);"};
  migrate(database, std::span(steps).first(1));
  EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
  migrate(database, steps);
  migrate(database, steps);
  EXPECT_EQ(database.integer("PRAGMA user_version"), 2);
  EXPECT_EQ(database.integer("SELECT count(*) FROM a"), 2);
  EXPECT_EQ(error_of([&] { migrate(database, std::span(steps).first(1)); }).code(), ExitCode::kBadInput);
  const std::vector<const char*> broken = {steps[0], steps[1], "INSERT INTO a VALUES (4, 5); SELECT nonsense;"};
  EXPECT_EQ(error_of([&] { migrate(database, broken); }).code(), ExitCode::kInternal);
  EXPECT_EQ(database.integer("PRAGMA user_version"), 2);
  EXPECT_EQ(database.integer("SELECT count(*) FROM a"), 2);
}

// Cut and bit-flipped files: either they are read, or there is one sentence.
TEST(StoreFaults, DamagedFilesNeverCrash) {
  const Folder folder(/*in_memory=*/true);
  make_database(folder / "good.db", 150);
  const std::string good = read_file(folder / "good.db");
  std::mt19937_64 random(3);
  size_t refused = 0;
  size_t read = 0;
  constexpr int kTries = 1500;
  for (int i = 0; i < kTries; ++i) {
    std::string bad = good;
    if (i % 3 == 0) {
      bad.resize(random() % good.size());
    } else {
      const size_t flips = 1 + random() % 8;
      const size_t reach = i % 3 == 1 ? good.size() : 4096;  // a third of them in the first page, where the schema is
      for (size_t flip = 0; flip < flips; ++flip) bad[random() % reach] ^= static_cast<char>(1 << random() % 8);
    }
    {
      std::ofstream file(folder / "bad.db", std::ios::binary);
      file << bad;
    }
    try {
      read_all(folder / "bad.db");
      ++read;
    } catch (const Error& error) {
      ++refused;
      EXPECT_NE(std::string(error.what()), "");
    }
    for (const char* side : {"bad.db-wal", "bad.db-shm", "bad.db-journal"}) std::filesystem::remove(folder / side);
  }
  EXPECT_GT(refused, static_cast<size_t>(kTries) / 4);
  std::cout << kTries << " damaged databases: " << refused << " refused, " << read << " still readable\n";
}

TEST(StoreFaults, CorruptPageIsNamed) {
  const Folder folder;
  make_database(folder / "a.db", 1000);
  std::fstream file(folder / "a.db", std::ios::in | std::ios::out | std::ios::binary);
  for (size_t page = 10; page < 60; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(4096, '\xA5');
  }
  file.close();
  expect_error([&] { read_all(folder / "a.db"); }, ExitCode::kBadInput, "damaged");
}

TEST(StoreFaults, ReadOnlyFolder) {
  const Folder folder;
  make_database(folder / "a.db");
  std::filesystem::permissions(folder / "a.db", std::filesystem::perms(0444));
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  as_nobody([&] {
    EXPECT_EQ(read_all(folder / "a.db"), 80u);
    expect_error([&] { Store(folder / "a.db", Store::Mode::kWrite); }, ExitCode::kIo, "--db");
    expect_error([&] { Store(folder / "new.db", Store::Mode::kCreate); }, ExitCode::kIo, "new.db");
  });
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}

// A database that was copied with its log from a machine that died, onto a medium that cannot be written.
TEST(StoreFaults, ReadOnlyFolderWithALog) {
  const Folder folder;
  make_database(folder / "a.db");
  const int status = in_child([&] {
    Store store(folder / "a.db", Store::Mode::kWrite);
    store.create_batch({"late", {}, {}}, {likelihood_run("t", 3)});
    ::kill(::getpid(), SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  std::filesystem::remove(folder / "a.db-shm");
  for (const char* name : {"a.db", "a.db-wal"}) {
    std::filesystem::permissions(folder / name, std::filesystem::perms(0444));
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  as_nobody([&] { expect_error([&] { read_all(folder / "a.db"); }, ExitCode::kIo, "a.db-wal"); });
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  for (const char* name : {"a.db", "a.db-wal"}) {
    std::filesystem::permissions(folder / name, std::filesystem::perms(0644));
  }
  EXPECT_EQ(Store(folder / "a.db", Store::Mode::kRead).find_batch("late").state, State::kInterrupted);
}

// Writes until the disk is full, then checks that all of what was reported is there.
void fill_disk(const std::filesystem::path& path) {
  constexpr size_t kSamples = 4000;
  size_t reported = 0;
  std::string message;
  {
    Store store(path, Store::Mode::kCreate);
    store.create_batch({"b", {}, {}}, {generation_run("t", kSamples)});
    const Error error = error_of([&] {
      for (size_t i = 0; i < kSamples; ++i) {
        NewResponse entry = generation_answer(1, i);
        std::get<engine::GenerateResponse>(entry.response.body).text = std::string(2000, 'x');
        store.add_responses(std::vector<NewResponse>{entry});
        ++reported;
      }
    });
    EXPECT_EQ(error.code(), ExitCode::kIo) << error.what();
    EXPECT_NE(std::string(error.what()).find("disk"), std::string::npos) << error.what();
    message = error.what();
    EXPECT_EQ(store.load_samples(1).size(), kSamples) << "still readable";
  }
  const Store store(path, Store::Mode::kRead);
  EXPECT_GT(reported, 0u);
  EXPECT_LT(reported, kSamples);
  EXPECT_EQ(store.missing(1).size(), kSamples - reported);
  std::cout << "disk full after " << reported << " responses: " << message << std::endl;
}

TEST(StoreFaults, FullDisk) {
  const Folder folder;
  const int status = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(98);
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(98);
    if (::mount("assay", folder.path().c_str(), "tmpfs", 0, "size=6m") != 0) ::_exit(98);
    fill_disk(folder / "a.db");
    if (::testing::Test::HasFailure()) ::_exit(97);
  });
  if (WIFEXITED(status) && WEXITSTATUS(status) == 98) GTEST_SKIP() << "no small file system can be mounted here";
  EXPECT_EQ(status, 0);
}

TEST(StoreFaults, FileSizeLimit) {
  const Folder folder;
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{6 << 20, 6 << 20};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(98);
    fill_disk(folder / "a.db");
    if (::testing::Test::HasFailure()) ::_exit(97);
  });
  EXPECT_EQ(status, 0);
}

TEST(StoreFaults, NetworkFileSystemsGetARollbackJournal) {
  size_t remote = 0;
  for (const uint32_t type :
       std::initializer_list<uint32_t>{NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC}) {
    EXPECT_FALSE(supports_shared_memory(type)) << type;
    ++remote;
  }
  EXPECT_FALSE(supports_shared_memory(0xFF534D42)) << "CIFS";
  for (const uint32_t type : std::initializer_list<uint32_t>{EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                                             TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC}) {
    EXPECT_TRUE(supports_shared_memory(type)) << type;
  }
  const Folder folder;
  make_database(folder / "a.db");
  StoreOptions nfs;
  nfs.filesystem_type = [](const std::filesystem::path&) { return int64_t{NFS_SUPER_MAGIC}; };
  const auto journal = [&] {
    return Database(folder / "a.db", Database::Access::kReadWrite, 1000).text("PRAGMA journal_mode");
  };
  EXPECT_EQ(journal(), "wal");
  ::testing::internal::CaptureStderr();
  {
    Store store(folder / "a.db", Store::Mode::kWrite, nfs);
    Store second(folder / "a.db", Store::Mode::kWrite, nfs);
    store.create_batch({"on-nfs", {}, {}}, {likelihood_run("t", 2)});
    second.create_batch({"on-nfs-too", {}, {}}, {likelihood_run("t", 2)});
    EXPECT_FALSE(std::filesystem::exists(folder / "a.db-wal"));
  }
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("network file system"), std::string::npos);
  EXPECT_EQ(journal(), "delete");
  EXPECT_EQ(Store(folder / "a.db", Store::Mode::kRead, nfs).batches().size(), 3u);
  Store(folder / "a.db", Store::Mode::kWrite);
  EXPECT_EQ(journal(), "wal") << "back on a local disk";
  EXPECT_EQ(remote, 4u);
}

}  // namespace
}  // namespace assay::store
