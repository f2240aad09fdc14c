// What processes computed for a batch.
#include "base/error.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

void bind_optional(Statement& statement, const std::optional<double>& value) {
  if (value) {
    statement.bind_real(*value);
  } else {
    statement.bind_null();
  }
}

std::optional<double> optional_real(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

}  // namespace

int64_t Store::begin_session(int64_t batch_id, const std::string& computed_by, double load_seconds) {
  Database& database = impl_->database;
  Transaction transaction(database);
  touch_batch(*impl_, batch_id);
  const std::string started = utc_now();
  Statement(database, "INSERT INTO sessions (batch, started, computed_by, load_seconds) VALUES (?, ?, ?, ?)")
      .bind(batch_id)
      .bind(started)
      .bind(computed_by)
      .bind_real(load_seconds)
      .run();
  const int64_t id = database.last_insert_id();
  transaction.commit();
  return id;
}

void Store::end_session(int64_t session, const SessionWork& work) {
  Database& database = impl_->database;
  Transaction transaction(database);
  Statement update(database,
                   "UPDATE sessions SET seconds = ?, prompt_tokens = ?, generated_tokens = ?, requests = ?, gflop = ?, "
                   "peak_gflops = ? WHERE id = ? AND seconds IS NULL");
  update.bind_real(work.seconds).bind(work.prompt_tokens).bind(work.generated_tokens).bind(work.requests);
  bind_optional(update, work.gflop);
  bind_optional(update, work.peak_gflops);
  update.bind(session).run();
  if (database.changes() != 1) fail(ExitCode::kInternal, "{}: session {} is not open", path().string(), session);
  transaction.commit();
}

std::vector<ComputeSession> Store::sessions(int64_t batch_id) const {
  Snapshot snapshot(impl_->database);
  Statement query(impl_->database,
                  "SELECT started, computed_by, load_seconds, seconds, prompt_tokens, generated_tokens, requests, "
                  "gflop, peak_gflops FROM sessions WHERE batch = ? ORDER BY id");
  query.bind(batch_id);
  std::vector<ComputeSession> sessions;
  while (query.step()) {
    ComputeSession session{query.text(0), query.text(1), query.real(2), std::nullopt};
    if (!query.is_null(3)) {
      session.work = {query.real(3),    query.integer(4),        query.integer(5),
                      query.integer(6), optional_real(query, 7), optional_real(query, 8)};
    }
    sessions.push_back(std::move(session));
  }
  return sessions;
}

}  // namespace assay::store
