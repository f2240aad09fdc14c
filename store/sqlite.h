// A thin RAII layer over SQLite's C interface: Database, Statement, Transaction. Nothing here knows Assay's tables.
//
// Every failure is assay::Error: kIo (full, busy, read-only, cannot be opened), kBadInput (corrupt, not a database),
// kInternal (a mistake of ours), with the database's path and the way out. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace assay::store {

class Database {
 public:
  enum class Access {
    kImmutable,  // reads, and trusts that nobody writes meanwhile: for folders where SQLite's side files cannot be made
    kReadWrite,  // must exist; where it cannot be written, read_only() says so
    kCreate,
  };

  Database(const std::filesystem::path& path, Access access, int busy_wait_ms);

  const std::filesystem::path& path() const { return path_; }
  bool read_only() const;
  int64_t last_insert_id() const;
  int64_t changes() const;  // rows that the last statement changed

  // One or more statements without parameters whose rows nobody needs.
  void execute(const std::string& sql);
  // First column of the first row of a query that must have one.
  int64_t integer(std::string_view sql);
  std::string text(std::string_view sql);

  [[noreturn]] void fail_with(int code) const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement. Parameters are bound in order from the first; step() moves to the next row; reset() makes it
// ready for new parameters. Must not outlive its database.
//
//   Statement query(database, "SELECT name FROM batches WHERE id = ?");
//   query.bind(id);
//   while (query.step()) names.push_back(query.text(0));
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  Statement& bind(int64_t value);
  Statement& bind_real(double value);
  // The bytes must stay where they are until reset() or the end of the statement.
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();
  // The value in a column of another statement's row, as it is.
  Statement& bind_value(const Statement& row, int column);

  bool step();  // true: a row is there
  void run();   // a statement without rows: steps to the end and resets
  void reset();

  bool is_null(int column) const;
  int64_t integer(int column) const;
  double real(int column) const;
  // Valid until the next step() or reset(). Text may hold U+0000.
  std::string_view text_view(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  std::string_view blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_parameter_ = 1;
};

// Takes the write lock at once (waiting as the database was told), so that a reader never has to turn into a writer
// behind another one's back. Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

// One state of the database for several queries. Inside a transaction or another snapshot it is that one.
class Snapshot {
 public:
  explicit Snapshot(Database& database);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  Database& database_;
  bool outermost_;
};

}  // namespace assay::store
