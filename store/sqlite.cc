#include "store/sqlite.h"

#include <sqlite3.h>

#include <new>

#include "base/error.h"

namespace assay::store {
namespace {

// The file name as a URI (sqlite.org/uri.html), whose special characters a path may hold.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int open_flags(Database::Access access) {
  switch (access) {
    case Database::Access::kImmutable:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case Database::Access::kReadWrite:
      return SQLITE_OPEN_READWRITE;
    case Database::Access::kCreate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return 0;
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Database::Database(const std::filesystem::path& path, Access access, int busy_wait_ms) : path_(path) {
  if (path.empty()) fail(ExitCode::kUsage, "the name of the database is empty; name a file with --db");
  // Absolute, so that SQLite's special names (":memory:") are plain file names.
  const std::string name = std::filesystem::absolute(path).string();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(access == Access::kImmutable ? immutable_uri(name).c_str() : name.c_str(), &handle,
                                   open_flags(access) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw std::bad_alloc();
  if (code != SQLITE_OK) fail_with(code);
  sqlite3_busy_timeout(handle, busy_wait_ms);
  // A database may come from a stranger: nothing in its schema may run functions with side effects.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

bool Database::read_only() const {
  return sqlite3_db_readonly(handle(), "main") == 1;
}
int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle());
}
int64_t Database::changes() const {
  return sqlite3_changes64(handle());
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(code);
}

int64_t Database::integer(std::string_view sql) {
  Statement query(*this, sql);
  if (!query.step()) fail(ExitCode::kInternal, "{}: no row for: {}", path_.string(), sql);
  return query.integer(0);
}

std::string Database::text(std::string_view sql) {
  Statement query(*this, sql);
  if (!query.step()) fail(ExitCode::kInternal, "{}: no row for: {}", path_.string(), sql);
  return query.text(0);
}

void Database::fail_with(int code) const {
  const std::string path = path_.string();
  const std::string reason = sqlite3_errmsg(handle());
  switch (code & 0xff) {
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_FULL:
      fail(ExitCode::kIo,
           "{}: the disk is full; free some space and go on with --resume (everything reported is stored)", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      fail(ExitCode::kIo, "{}: another process has been writing for too long; try again when it is done", path);
    case SQLITE_CORRUPT:
      fail_input(
          "{}: the database is damaged ({}); restore a copy, or save what is readable with `sqlite3 FILE .recover`",
          path, reason);
    case SQLITE_NOTADB:
      fail_input("{}: is not a database; name another file with --db", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      fail(ExitCode::kIo, "{}: cannot be written ({}); name a file in a writable folder with --db", path, reason);
    case SQLITE_CANTOPEN:
      fail(ExitCode::kIo,
           "{}: cannot be opened ({}); check that its folder exists and its permissions, or name another "
           "file with --db",
           path, reason);
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
      fail(ExitCode::kIo, "{}: reading or writing failed ({}); check the disk and its quota", path, reason);
    default:
      fail(ExitCode::kInternal, "{}: {} (SQLite error {})", path, reason, code);
  }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(const Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) database.fail_with(code);
  statement_.reset(statement);
}

Statement& Statement::bind(int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), next_parameter_++, value);
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

Statement& Statement::bind_real(double value) {
  const int code = sqlite3_bind_double(statement_.get(), next_parameter_++, value);
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL.
  const char* bytes = text.empty() ? "" : text.data();
  const int code =
      sqlite3_bind_text64(statement_.get(), next_parameter_++, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  const int code = sqlite3_bind_blob64(statement_.get(), next_parameter_++, data, bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

Statement& Statement::bind_null() {
  const int code = sqlite3_bind_null(statement_.get(), next_parameter_++);
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

Statement& Statement::bind_value(const Statement& row, int column) {
  const int code =
      sqlite3_bind_value(statement_.get(), next_parameter_++, sqlite3_column_value(row.statement_.get(), column));
  if (code != SQLITE_OK) database_.fail_with(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail_with(code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  next_parameter_ = 1;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text_view(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

Snapshot::Snapshot(Database& database)
    : database_(database), outermost_(sqlite3_get_autocommit(database.handle()) != 0) {
  if (outermost_) database_.execute("BEGIN");
}

Snapshot::~Snapshot() {
  if (outermost_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace assay::store
