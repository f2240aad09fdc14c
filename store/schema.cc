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

// Hidden sets: who opened what, and people's verdicts on blind pairs of responses. What hangs on a round goes with it;
// a vote never changes and never goes alone: another one, or its withdrawal, comes after it.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE accesses (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  time      TEXT NOT NULL,
  who       TEXT NOT NULL,
  role      TEXT NOT NULL,
  action    TEXT NOT NULL,
  hidden_set  TEXT NOT NULL,
  details   TEXT NOT NULL,
  previous  TEXT NOT NULL,
  hash      TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER accesses_never_change BEFORE UPDATE ON accesses
BEGIN SELECT RAISE(ABORT, 'an entry of the access log never changes'); END;

CREATE TRIGGER accesses_stay BEFORE DELETE ON accesses
BEGIN SELECT RAISE(ABORT, 'an entry of the access log never goes'); END;

CREATE TABLE rounds (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  name     TEXT NOT NULL UNIQUE,
  uid      TEXT NOT NULL UNIQUE,
  hidden_set  TEXT NOT NULL,
  started  TEXT NOT NULL,
  options  TEXT NOT NULL
) STRICT;

CREATE TABLE round_runs (
  round    INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
  ordinal  INTEGER NOT NULL,
  run      INTEGER NOT NULL REFERENCES runs (number),
  PRIMARY KEY (round, ordinal),
  UNIQUE (round, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE round_items (
  round     INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
  item      INTEGER NOT NULL,
  prompt    TEXT NOT NULL,
  category  TEXT NOT NULL,
  first     INTEGER NOT NULL,  -- ordinals of round_runs
  second    INTEGER NOT NULL,
  PRIMARY KEY (round, item),
  FOREIGN KEY (round, first) REFERENCES round_runs (round, ordinal),
  FOREIGN KEY (round, second) REFERENCES round_runs (round, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE raters (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  round       INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  token_hash  TEXT NOT NULL UNIQUE,
  revoked     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (round, name)
) STRICT;

CREATE TABLE assignments (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  round          INTEGER NOT NULL,
  item           INTEGER NOT NULL,
  rater          INTEGER NOT NULL REFERENCES raters (id) ON DELETE CASCADE,
  ordinal        INTEGER NOT NULL,  -- of the rater's, from 0
  kind           TEXT NOT NULL CHECK (kind IN ('pair', 'repeat', 'gold')),
  first_is_left  INTEGER NOT NULL,
  repeats        INTEGER REFERENCES assignments (id),  -- of a repeat: what is asked once more
  decoy          TEXT,                                 -- of gold: the prompt whose response stands in for the second
  given          INTEGER NOT NULL,                     -- when, seconds since 1970
  UNIQUE (rater, ordinal),
  FOREIGN KEY (round, item) REFERENCES round_items (round, item) ON DELETE CASCADE
) STRICT;

CREATE INDEX assignments_by_item ON assignments (round, item);

CREATE TABLE votes (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  assignment   INTEGER NOT NULL REFERENCES assignments (id) ON DELETE CASCADE,
  client_key   TEXT NOT NULL,
  choice       INTEGER CHECK (choice BETWEEN -2 AND 2),  -- 2: left much better; null: withdrawn
  flags        TEXT NOT NULL,
  comment      BLOB,                                     -- encrypted: it may quote the prompt
  active_ms    INTEGER NOT NULL,
  time         TEXT NOT NULL,
  UNIQUE (assignment, client_key)
) STRICT;

CREATE TRIGGER votes_never_change BEFORE UPDATE ON votes
BEGIN SELECT RAISE(ABORT, 'a vote never changes'); END;

CREATE TRIGGER votes_stay BEFORE DELETE ON votes
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = OLD.assignment)
BEGIN SELECT RAISE(ABORT, 'a vote goes with its round only'); END;
)sql";

// The text of each prompt once, in two parts (store/prompts.h), and what processes computed for a batch (sessions).
// Runs of older versions have neither.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE prompt_heads (
  id      INTEGER PRIMARY KEY,
  sha256  TEXT NOT NULL UNIQUE,
  text    TEXT NOT NULL
) STRICT;

CREATE TABLE prompts (
  id      INTEGER PRIMARY KEY,
  sha256  TEXT NOT NULL UNIQUE,  -- of head and tail together
  head    INTEGER REFERENCES prompt_heads (id),
  tail    TEXT NOT NULL
) STRICT;

CREATE INDEX prompts_by_head ON prompts (head);

ALTER TABLE samples ADD COLUMN prompt INTEGER REFERENCES prompts (id);

CREATE INDEX samples_by_prompt ON samples (prompt) WHERE prompt IS NOT NULL;

CREATE TABLE sessions (
  id                INTEGER PRIMARY KEY,
  batch             INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  started           TEXT NOT NULL,
  computed_by       TEXT NOT NULL,
  load_seconds      REAL NOT NULL,
  seconds           REAL,  -- null, as all below, where the process did not end as it should
  prompt_tokens     INTEGER,
  generated_tokens  INTEGER,
  requests          INTEGER,
  gflop             REAL,
  peak_gflops       REAL
) STRICT;

CREATE INDEX sessions_by_batch ON sessions (batch);
)sql";

constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4};

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
