// From a path to an open database: journal mode, durability, read-only folders.
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "store/schema.h"

namespace assay::store {
namespace {

// statfs(2) types without memory that all users of a file share. Those that linux/magic.h lacks are from the sources of
// the file systems.
constexpr std::array<int64_t, 20> kRemoteFilesystems = {
    NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, V9FS_MAGIC,        AFS_SUPER_MAGIC,
    AFS_FS_MAGIC,    CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC, NCP_SUPER_MAGIC,  OCFS2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
    0x0BD00BD0,  // Lustre
    0x01161970,  // GFS2
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0xAAD7AAEA,  // PanFS
    0x786F4256,  // VirtualBox shared folders
    0xBACBACBC,  // VMware shared folders
    0x7C7C6673,  // Parallels shared folders
};

int64_t type_of_filesystem(const std::filesystem::path& folder) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) {
    fail(ExitCode::kIo, "{}: cannot hold a database: {}; make the folder, or name another file with --db",
         folder.string(), std::strerror(errno));
  }
  // The kernel's numbers have 32 bits, and some architectures widen them with their sign.
  return static_cast<int64_t>(static_cast<uint32_t>(status.f_type));
}

// SQLite follows a link and puts its side files beside the file itself.
std::filesystem::path resolved(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::absolute(path) : target;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return resolved(path).parent_path();
}

bool has_content(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return !error && size > 0;
}

bool is_writable(const std::filesystem::path& path) {
  return ::access(path.c_str(), W_OK) == 0 && ::access(folder_of(path).c_str(), W_OK) == 0;
}

[[noreturn]] void fail_empty(const std::filesystem::path& path) {
  fail_input("{}: is empty, not a database; name another file with --db", path.string());
}

// Changing the mode needs the file alone, and SQLite does not always wait for that by itself.
void set_journal_mode(Database& database, const std::string& mode, int busy_wait_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_wait_ms);
  for (;;) {
    try {
      if (database.text("PRAGMA journal_mode = " + mode) == mode) return;
    } catch (const Error&) {
      if ((sqlite3_errcode(database.handle()) & 0xff) != SQLITE_BUSY) throw;
    }
    if (std::chrono::steady_clock::now() >= deadline) database.fail_with(SQLITE_BUSY);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void use_write_ahead_log(Database& database, int busy_wait_ms) {
  if (database.text("PRAGMA journal_mode") != "wal") set_journal_mode(database, "wal", busy_wait_ms);
  // FULL: the log reaches the disk with every commit, so that what was reported as done survives a power cut.
  database.execute("PRAGMA synchronous = FULL");
}

void use_rollback_journal(Database& database, int busy_wait_ms) {
  if (database.text("PRAGMA journal_mode") != "delete") set_journal_mode(database, "delete", busy_wait_ms);
  database.execute("PRAGMA locking_mode = NORMAL");
  database.integer("SELECT count(*) FROM sqlite_schema");  // the lock is given back with the next read only
  // EXTRA: also the folder, whose entry of the journal decides after a power cut.
  database.execute("PRAGMA synchronous = EXTRA");
}

// A database that this user cannot write, or whose side files cannot be made.
Database open_unwritable(const std::filesystem::path& path, const StoreOptions& options) {
  const std::string file = resolved(path).string();
  const bool log = has_content(file + "-wal");
  if (log && !has_content(file + "-shm")) {
    fail(ExitCode::kIo,
         "{}: cannot be read where it cannot be written, because {}-wal holds newer results; copy both to a writable "
         "folder and name the copy with --db",
         path.string(), file);
  }
  Database database(path, log ? Database::Access::kReadWrite : Database::Access::kImmutable, options.busy_wait_ms);
  const int64_t newest = std::ssize(migrations());
  const int64_t version = schema_version(database, newest);
  if (version == 0) fail_empty(path);
  if (version < newest) {
    fail(ExitCode::kIo,
         "{}: was made by an older version of assay and cannot be brought up to date where it cannot be written; copy "
         "it to a writable folder and name the copy with --db",
         path.string());
  }
  return database;
}

Database open_writable(const std::filesystem::path& path, Store::Mode mode, const StoreOptions& options) {
  const bool create = mode == Store::Mode::kCreate;
  Database database(path, create ? Database::Access::kCreate : Database::Access::kReadWrite, options.busy_wait_ms);
  if (database.read_only()) {
    fail(ExitCode::kIo, "{}: cannot be written; name a file in a writable folder with --db", path.string());
  }
  const int64_t type =
      options.filesystem_type ? options.filesystem_type(folder_of(path)) : type_of_filesystem(folder_of(path));
  const bool shared_memory = supports_shared_memory(type);
  // A write-ahead log can be read without shared memory only by a connection that locks the file for itself from the
  // first access on.
  if (!shared_memory) database.execute("PRAGMA locking_mode = EXCLUSIVE");
  // Before anything is changed: the file may be somebody else's.
  if (schema_version(database, std::ssize(migrations())) == 0 && !create) fail_empty(path);
  const bool reading = mode == Store::Mode::kRead;
  if (!shared_memory) {
    use_rollback_journal(database, options.busy_wait_ms);
    if (!reading) {
      log_note(
          fmt::format("{}: lies on a network file system, where a write-ahead log is not safe; a rollback journal is "
                      "used, which is slower. Let one machine at a time write it",
                      path.string()));
    }
  } else if (!reading) {
    use_write_ahead_log(database, options.busy_wait_ms);
  }
  database.execute("PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON");
  migrate(database, migrations());
  if (reading) database.execute("PRAGMA query_only = ON");
  return database;
}

}  // namespace

bool supports_shared_memory(int64_t filesystem_type) {
  return std::find(kRemoteFilesystems.begin(), kRemoteFilesystems.end(), filesystem_type) == kRemoteFilesystems.end();
}

Database open_database(const std::filesystem::path& path, Store::Mode mode, const StoreOptions& options) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    fail(ExitCode::kIo, "{}: is a folder; name a file in it with --db", path.string());
  }
  if (mode != Store::Mode::kCreate && !path.empty() && !std::filesystem::exists(path, error)) {
    fail(ExitCode::kUnavailable,
         "{}: there is no such database; name one with --db or ASSAY_DB, or make it with `assay run`", path.string());
  }
  if (mode == Store::Mode::kRead && !path.empty() && !is_writable(path)) return open_unwritable(path, options);
  return open_writable(path, mode, options);
}

}  // namespace assay::store
