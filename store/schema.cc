#include "store/schema.h"

#include <array>
#include <cstdio>
#include <string>

#include "base/error.h"

namespace assay::store {
namespace {

// Log-probabilities are blobs of little-endian doubles because a REAL column loses the sign of zero.
// Responses can neither be changed nor be removed while their sample stands; scores hang on scorings, one a scorer
// version.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE batches (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  uid        TEXT NOT NULL UNIQUE,
  started    TEXT NOT NULL,
  options    TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'done')),
  host       TEXT NOT NULL,
  machine    TEXT NOT NULL,
  pid        INTEGER NOT NULL,
  pid_start  INTEGER NOT NULL,
  last_sign  INTEGER NOT NULL
) STRICT;

CREATE TABLE tags (
  batch  INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (batch, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  number           INTEGER PRIMARY KEY AUTOINCREMENT,
  batch            INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  task             TEXT NOT NULL,
  protocol         TEXT NOT NULL,
  manifest         TEXT NOT NULL,
  manifest_sha256  TEXT NOT NULL,
  n                INTEGER NOT NULL,  -- samples
  answered         INTEGER NOT NULL,  -- responses: counting them anew would read them
  UNIQUE (batch, task)
) STRICT;

CREATE TABLE samples (
  run            INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  subset         TEXT NOT NULL,
  item           INTEGER NOT NULL,
  id             TEXT NOT NULL,
  cluster        TEXT NOT NULL,
  sample         INTEGER NOT NULL,
  request        TEXT NOT NULL CHECK (request IN ('loglikelihood', 'text', 'generate')),
  prompt_sha256  TEXT NOT NULL,
  continuations  TEXT NOT NULL,
  gold_choices   TEXT NOT NULL,
  gold_text      TEXT NOT NULL,
  seed           INTEGER,
  PRIMARY KEY (run, position),
  UNIQUE (run, id, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE responses (
  run            INTEGER NOT NULL,
  position       INTEGER NOT NULL,
  prompt_tokens  INTEGER NOT NULL,
  truncated      INTEGER NOT NULL,
  logprobs       BLOB,
  greedy         BLOB,
  scored_tokens  INTEGER,
  text           TEXT,
  token_ids      BLOB,
  finish         TEXT CHECK (finish IN ('stop', 'length', 'eos')),
  PRIMARY KEY (run, position),
  FOREIGN KEY (run, position) REFERENCES samples (run, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE scorings (
  run      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
  ordinal  INTEGER NOT NULL,
  version  TEXT NOT NULL,
  metrics  TEXT,
  PRIMARY KEY (run, ordinal),
  UNIQUE (run, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE scores (
  run         INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  scoring     INTEGER NOT NULL,
  prediction  INTEGER,
  score       TEXT NOT NULL,
  extracted   TEXT NOT NULL,
  PRIMARY KEY (run, position, scoring),
  FOREIGN KEY (run, position) REFERENCES responses (run, position) ON DELETE CASCADE,
  FOREIGN KEY (run, scoring) REFERENCES scorings (run, ordinal) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER responses_never_change BEFORE UPDATE ON responses
BEGIN SELECT RAISE(ABORT, 'a response never changes'); END;

CREATE TRIGGER responses_stay BEFORE DELETE ON responses
WHEN EXISTS (SELECT 1 FROM samples WHERE run = OLD.run AND position = OLD.position)
BEGIN SELECT RAISE(ABORT, 'a response goes with its run only'); END;

CREATE TRIGGER manifests_never_change BEFORE UPDATE OF task, protocol, manifest, manifest_sha256 ON runs
BEGIN SELECT RAISE(ABORT, 'a manifest never changes'); END;
)sql";

// What became of the program behind a score, as JSON (store/codec.h); null where none was executed.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE scores ADD COLUMN execution TEXT;
)sql";

constexpr std::array kMigrations = {kVersion1, kVersion2};

}  // namespace

std::span<const char* const> migrations() {
  return kMigrations;
}

int64_t schema_version(Database& database, int64_t newest) {
  // In one statement, so that another process cannot make the database between two of the three.
  const std::string state = database.text(
      "SELECT (SELECT count(*) FROM sqlite_schema) || ' ' || user_version || ' ' || application_id "
      "FROM pragma_user_version, pragma_application_id");
  long long tables = 0, version = 0, application = 0;
  std::sscanf(state.c_str(), "%lld %lld %lld", &tables, &version, &application);
  if (tables == 0 && version == 0 && application == 0) return 0;
  if (application != kApplicationId || version < 1) {
    fail_input("{}: is a database, but not one of Assay's; name another file with --db", database.path().string());
  }
  if (version > newest) {
    fail_input(
        "{}: was made by a newer version of assay (schema {}, this program knows {}); use that version, or "
        "another file with --db",
        database.path().string(), version, newest);
  }
  return version;
}

void migrate(Database& database, std::span<const char* const> steps) {
  const auto newest = static_cast<int64_t>(steps.size());
  while (schema_version(database, newest) < newest) {
    Transaction transaction(database);
    // Again under the lock: another process may have been faster.
    const int64_t version = schema_version(database, newest);
    if (version == newest) return;
    database.execute(steps[static_cast<size_t>(version)]);
    database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, version + 1));
    transaction.commit();
  }
}

}  // namespace assay::store
