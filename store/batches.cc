// Batches: created, resumed, owned, ended.
#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/entropy.h"
#include "base/error.h"
#include "base/text.h"
#include "store/codec.h"
#include "store/schema.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

std::string utc(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const size_t length = std::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), length};
}

}  // namespace

std::string utc_now() {
  return utc("%Y-%m-%dT%H:%M:%SZ");
}

void check_name(const std::string& name) {
  const bool number = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool control =
      std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (number || control || name == "latest" || name.find('/') != std::string::npos || !is_valid_utf8(name)) {
    fail(ExitCode::kUsage,
         "--name '{}': a name is not a number, not 'latest', and has neither '/' nor control characters",
         printable(name));
  }
}

namespace {

State state_from(std::string_view text, const Database& database) {
  for (const State state : {State::kRunning, State::kInterrupted, State::kDone}) {
    if (to_string(state) == text) return state;
  }
  fail_input("{}: the database is damaged: a batch has the state '{}'; restore a copy", database.path().string(), text);
}

std::map<std::string, std::string> read_tags(Database& database, int64_t batch_id) {
  std::map<std::string, std::string> tags;
  Statement query(database, "SELECT key, value FROM tags WHERE batch = ?");
  query.bind(batch_id);
  while (query.step()) tags[query.text(0)] = query.text(1);
  return tags;
}

void own(Store::Impl& impl, int64_t batch_id) {
  Statement update(impl.database,
                   "UPDATE batches SET state = 'running', host = ?, machine = ?, pid = ?, pid_start = ?, last_sign = ? "
                   "WHERE id = ?");
  update.bind(impl.self.host).bind(impl.self.machine).bind(impl.self.pid).bind(impl.self.started);
  update.bind(unix_seconds()).bind(batch_id).run();
}

bool name_exists(Database& database, const std::string& name) {
  Statement query(database, "SELECT 1 FROM batches WHERE name = ?");
  query.bind(name);
  return query.step();
}

int64_t insert_batch(Store::Impl& impl, const std::string& name, const NewBatch& batch) {
  Statement insert(impl.database,
                   "INSERT INTO batches (name, uid, started, options, state, host, machine, pid, pid_start, last_sign) "
                   "VALUES (?, ?, ?, ?, 'running', '', '', 0, 0, 0)");
  const std::string uid = random_hex(16);
  const std::string started = utc_now();
  const std::string options = encode_json(batch.options);
  insert.bind(name).bind(uid).bind(started).bind(options).run();
  const int64_t id = impl.database.last_insert_id();
  own(impl, id);
  Statement tag(impl.database, "INSERT INTO tags (batch, key, value) VALUES (?, ?, ?)");
  for (const auto& [key, value] : batch.tags) tag.bind(id).bind(key).bind(value).run();
  return id;
}

Batch batch_with_id(Database& database, int64_t id) {
  std::vector<Batch> found = read_batches(database, "id = ?", id);
  if (found.empty()) fail(ExitCode::kUsage, "{}: there is no batch with id {}", database.path().string(), id);
  return std::move(found.front());
}

[[noreturn]] void fail_running(const Batch& batch, const char* refused) {
  fail(ExitCode::kUsage, "batch {} is running (process {} on {}) and cannot be {}; wait for its end or stop it",
       batch.name, batch.owner.pid, batch.owner.host, refused);
}

}  // namespace

std::string to_string(State state) {
  switch (state) {
    case State::kRunning:
      return "running";
    case State::kInterrupted:
      return "interrupted";
    case State::kDone:
      return "done";
  }
  return "";
}

int64_t unix_seconds() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
}

std::string default_batch_name() {
  std::string name = utc("%Y%m%dT%H%M%SZ-");
  for (int i = 0; i < 4; ++i) name += static_cast<char>('a' + randombytes_uniform(26));
  return name;
}

Store::Store(const std::filesystem::path& path, Mode mode, const StoreOptions& options)
    : impl_(std::make_unique<Impl>(Impl{open_database(path, mode, options), options})) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const std::filesystem::path& Store::path() const {
  return impl_->database.path();
}

std::vector<Batch> read_batches(Database& database, std::string_view condition, std::optional<int64_t> parameter) {
  Statement query(database, fmt::format("SELECT id, name, uid, started, options, state, host, machine, pid, pid_start, "
                                        "last_sign FROM batches WHERE {} ORDER BY id",
                                        condition));
  if (parameter) query.bind(*parameter);
  std::vector<Batch> batches;
  while (query.step()) {
    Batch batch;
    batch.id = query.integer(0);
    batch.name = query.text(1);
    batch.uid = query.text(2);
    batch.started = query.text(3);
    batch.options = parse_stored(query.text_view(4), database, "the options of batch " + batch.name);
    batch.tags = read_tags(database, batch.id);
    batch.state = state_from(query.text_view(5), database);
    batch.owner = {query.text(6), query.text(7), query.integer(8), query.integer(9)};
    if (batch.state == State::kRunning && !is_alive(batch.owner, query.integer(10), unix_seconds())) {
      batch.state = State::kInterrupted;
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

void touch_batch(Store::Impl& impl, int64_t batch_id) {
  Statement update(
      impl.database,
      "UPDATE batches SET last_sign = ? WHERE id = ? AND state = 'running' AND machine = ? AND pid = ? AND "
      "pid_start = ?");
  update.bind(unix_seconds()).bind(batch_id).bind(impl.self.machine).bind(impl.self.pid).bind(impl.self.started).run();
  if (impl.database.changes() == 1) return;
  const Batch batch = batch_with_id(impl.database, batch_id);
  fail(ExitCode::kUsage,
       "batch {} is not run by this process any more (process {} on {} has it, {}); go on with --resume {}", batch.name,
       batch.owner.pid, batch.owner.host, to_string(batch.state), batch.name);
}

Batch Store::create_batch(const NewBatch& batch, const std::vector<NewRun>& runs) {
  if (!batch.name.empty()) check_name(batch.name);
  Transaction transaction(impl_->database);
  std::string name = batch.name.empty() ? default_batch_name() : batch.name;
  while (batch.name.empty() && name_exists(impl_->database, name)) name = default_batch_name();
  if (name_exists(impl_->database, name)) {
    fail(ExitCode::kUsage, "a batch named {} is in {} already; continue it with --resume {}, or choose another --name",
         name, path().string(), name);
  }
  const int64_t id = insert_batch(*impl_, name, batch);
  for (const NewRun& run : runs) insert_run(impl_->database, id, run);
  Batch created = batch_with_id(impl_->database, id);
  transaction.commit();
  return created;
}

Batch Store::resume_batch(const std::string& name) {
  Transaction transaction(impl_->database);
  const Batch batch = find_batch(name);
  if (batch.state == State::kRunning) fail_running(batch, "resumed");
  own(*impl_, batch.id);
  Batch resumed = batch_with_id(impl_->database, batch.id);
  transaction.commit();
  return resumed;
}

void Store::sign_of_life(int64_t batch_id) {
  Transaction transaction(impl_->database);
  touch_batch(*impl_, batch_id);
  transaction.commit();
}

void Store::finish_batch(int64_t batch_id, State state) {
  if (state == State::kRunning) fail(ExitCode::kInternal, "a batch cannot finish as running");
  Transaction transaction(impl_->database);
  touch_batch(*impl_, batch_id);
  Statement(impl_->database, "UPDATE batches SET state = ? WHERE id = ?").bind(to_string(state)).bind(batch_id).run();
  transaction.commit();
}

bool Store::add_tag(int64_t batch_id, const std::string& key, const std::string& value) {
  Transaction transaction(impl_->database);
  const Batch batch = batch_with_id(impl_->database, batch_id);
  if (batch.tags.contains(key)) return false;
  Statement(impl_->database, "INSERT INTO tags (batch, key, value) VALUES (?, ?, ?)")
      .bind(batch_id)
      .bind(key)
      .bind(value)
      .run();
  transaction.commit();
  return true;
}

void Store::set_tag(int64_t batch_id, const std::string& key, const std::string& value) {
  Transaction transaction(impl_->database);
  batch_with_id(impl_->database, batch_id);
  Statement(impl_->database, "INSERT OR REPLACE INTO tags (batch, key, value) VALUES (?, ?, ?)")
      .bind(batch_id)
      .bind(key)
      .bind(value)
      .run();
  transaction.commit();
}

std::vector<Batch> Store::batches() const {
  Snapshot snapshot(impl_->database);
  return read_batches(impl_->database, "TRUE");
}

Batch Store::find_batch(const std::string& name) const {
  std::vector<std::string> names;
  for (Batch& batch : read_batches(impl_->database, "TRUE")) {
    if (batch.name == name) return std::move(batch);
    names.push_back(batch.name);
  }
  const std::string near = nearest(name, names);
  fail(ExitCode::kUsage, "{} has no batch named '{}'{}; `assay runs` lists them", path().string(), name,
       near.empty() ? "" : " (did you mean '" + near + "'?)");
}

void Store::delete_batch(int64_t batch_id) {
  Transaction transaction(impl_->database);
  const Batch batch = batch_with_id(impl_->database, batch_id);
  if (batch.state == State::kRunning) fail_running(batch, "deleted");
  for (const RunInfo& run : read_runs(impl_->database, "batch = ?", batch_id)) remove_run(impl_->database, run.number);
  Statement(impl_->database, "DELETE FROM batches WHERE id = ?").bind(batch_id).run();
  transaction.commit();
}

void Store::delete_run(int64_t number) {
  Transaction transaction(impl_->database);
  const RunInfo run = read_run(impl_->database, number);
  const Batch batch = batch_with_id(impl_->database, run.batch_id);
  if (batch.state == State::kRunning) fail_running(batch, "deleted");
  remove_run(impl_->database, number);
  if (read_runs(impl_->database, "batch = ?", batch.id).empty()) {
    Statement(impl_->database, "DELETE FROM batches WHERE id = ?").bind(batch.id).run();
  }
  transaction.commit();
}

}  // namespace assay::store
