// Rounds and raters. What is assigned and voted: votes.cc.
#include "store/ratings.h"

#include "base/entropy.h"
#include "base/error.h"
#include "base/text.h"
#include "store/codec.h"
#include "store/schema.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

// What a round's options hold for the server alone: it is in no report.
constexpr const char* kSecretOption = "secret";

// Assignments with a vote that counts; its choice, null for one withdrawn, is the newest.
constexpr const char* kVoted =
    "(SELECT choice FROM votes WHERE assignment = assignments.id ORDER BY votes.id DESC LIMIT 1) IS NOT NULL";

Progress read_progress(Database& database, int64_t round, const Json& options) {
  Progress progress;
  Statement counts(database, fmt::format("SELECT (SELECT count(*) FROM round_items WHERE round = ?1), "
                                         "(SELECT count(*) FROM raters WHERE round = ?1 AND NOT revoked), "
                                         "(SELECT count(*) FROM assignments WHERE round = ?1), "
                                         "(SELECT count(*) FROM assignments WHERE round = ?1 AND {})",
                                         kVoted));
  counts.bind(round).step();
  progress.items = counts.integer(0);
  progress.raters = counts.integer(1);
  progress.assigned = counts.integer(2);
  progress.votes = counts.integer(3);
  Statement rated(database, fmt::format("SELECT count(*) FROM (SELECT item FROM assignments WHERE round = ? AND kind = "
                                        "'pair' AND {} GROUP BY item HAVING count(*) >= ?)",
                                        kVoted));
  rated.bind(round).bind(options.value("overlap", int64_t{1})).step();
  progress.rated = rated.integer(0);
  return progress;
}

std::vector<Round> read_rounds(Database& database, std::string_view condition, std::string_view parameter = "") {
  Statement query(
      database,
      fmt::format("SELECT id, name, uid, hidden_set, started, options FROM rounds WHERE {} ORDER BY id", condition));
  if (!parameter.empty()) query.bind(parameter);
  std::vector<Round> rounds;
  while (query.step()) {
    Round round;
    round.id = query.integer(0);
    round.name = query.text(1);
    round.uid = query.text(2);
    round.hidden_set = query.text(3);
    round.started = query.text(4);
    round.options = parse_stored(query.text_view(5), database, "the options of round " + round.name);
    round.options.erase(kSecretOption);
    Statement runs(database, "SELECT run FROM round_runs WHERE round = ? ORDER BY ordinal");
    runs.bind(round.id);
    while (runs.step()) round.runs.push_back(runs.integer(0));
    round.progress = read_progress(database, round.id, round.options);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

int64_t insert_round(Database& database, const NewRound& round, const std::string& name) {
  Json options = round.options;
  options[kSecretOption] = round.secret;
  const std::string uid = random_hex(16);
  const std::string started = utc_now();
  const std::string text = encode_json(options);
  Statement(database, "INSERT INTO rounds (name, uid, hidden_set, started, options) VALUES (?, ?, ?, ?, ?)")
      .bind(name)
      .bind(uid)
      .bind(round.hidden_set)
      .bind(started)
      .bind(text)
      .run();
  return database.last_insert_id();
}

void insert_contents(Database& database, int64_t id, const NewRound& round) {
  Statement run(database, "INSERT INTO round_runs (round, ordinal, run) VALUES (?, ?, ?)");
  int64_t ordinal = 0;
  for (const int64_t number : round.runs) {
    read_run(database, number);  // kUsage where there is none
    run.bind(id).bind(ordinal++).bind(number).run();
  }
  Statement insert(database,
                   "INSERT INTO round_items (round, item, prompt, category, first, second) VALUES (?, ?, ?, ?, ?, ?)");
  int64_t place = 0;
  for (const RoundItem& item : round.items) {
    insert.bind(id).bind(place++).bind(item.prompt).bind(item.category).bind(item.first).bind(item.second).run();
  }
}

std::vector<Rater> read_raters(Database& database, std::string_view condition, int64_t key,
                               std::string_view hash = "") {
  Statement query(database,
                  fmt::format("SELECT id, name, revoked, (SELECT count(*) FROM assignments WHERE rater = raters.id AND "
                              "{}), (SELECT count(*) FROM assignments WHERE rater = raters.id) FROM raters WHERE {} "
                              "ORDER BY id",
                              kVoted, condition));
  query.bind(key);
  if (!hash.empty()) query.bind(hash);
  std::vector<Rater> raters;
  while (query.step()) {
    raters.push_back({query.integer(0), query.text(1), query.integer(2) != 0, query.integer(3), query.integer(4)});
  }
  return raters;
}

void check_rater(Database& database, int64_t round, const std::string& name) {
  if (name.empty() || printable(name) != name) {
    fail(ExitCode::kUsage, "rater '{}': a name has 1 to 100 printable characters", printable(name));
  }
  Statement query(database, "SELECT 1 FROM raters WHERE round = ? AND name = ?");
  if (query.bind(round).bind(name).step()) fail(ExitCode::kUsage, "rater {}: is in the round already", name);
}

}  // namespace

Ratings::Ratings(const std::filesystem::path& path, Store::Mode mode, const StoreOptions& options)
    : database_(std::make_unique<Database>(open_database(path, mode, options))) {}

Ratings::~Ratings() = default;

Round Ratings::create_round(const NewRound& round) {
  if (!round.name.empty()) check_name(round.name);
  Transaction transaction(*database_);
  const std::string name = round.name.empty() ? default_batch_name() : round.name;
  if (!read_rounds(*database_, "name = ?", name).empty()) {
    fail(ExitCode::kUsage, "a round named {} is in {} already; choose another --name", name,
         database_->path().string());
  }
  insert_contents(*database_, insert_round(*database_, round, name), round);
  Round created = read_rounds(*database_, "name = ?", name).front();
  transaction.commit();
  return created;
}

std::vector<Round> Ratings::rounds() {
  Snapshot snapshot(*database_);
  return read_rounds(*database_, "TRUE");
}

std::optional<Round> Ratings::round_named(const std::string& name) {
  Snapshot snapshot(*database_);
  std::vector<Round> found = read_rounds(*database_, "name = ?", name);
  if (name.empty() || found.empty()) return std::nullopt;
  return std::move(found.front());
}

Round Ratings::find_round(const std::string& name) {
  std::vector<std::string> names;
  std::vector<Round> all = rounds();
  if (all.empty()) {
    fail(ExitCode::kUsage, "{} holds no round yet; begin one with `assay preference serve`",
         database_->path().string());
  }
  if (name.empty()) return std::move(all.back());
  for (Round& round : all) {
    if (round.name == name) return std::move(round);
    names.push_back(round.name);
  }
  const std::string near = nearest(name, names);
  fail(ExitCode::kUsage, "{} has no round named '{}'{}; `assay preference rounds` lists them",
       database_->path().string(), name, near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

std::vector<RoundItem> Ratings::items(int64_t round) {
  Statement query(*database_, "SELECT prompt, category, first, second FROM round_items WHERE round = ? ORDER BY item");
  query.bind(round);
  std::vector<RoundItem> items;
  while (query.step()) {
    items.push_back(
        {query.text(0), query.text(1), static_cast<int>(query.integer(2)), static_cast<int>(query.integer(3))});
  }
  return items;
}

std::string Ratings::secret(int64_t round) {
  Statement query(*database_, "SELECT options FROM rounds WHERE id = ?");
  if (!query.bind(round).step()) fail(ExitCode::kUsage, "the round was deleted");
  const Json options = parse_stored(query.text_view(0), *database_, "the options of the round");
  return options.value(kSecretOption, "");
}

void Ratings::delete_round(int64_t round) {
  Transaction transaction(*database_);
  // Assignments before votes: the trigger keeps a vote while its assignment stands, and the cascade removes it. What
  // repeats another goes before it.
  for (const char* sql :
       {"DELETE FROM assignments WHERE round = ? AND kind = 'repeat'", "DELETE FROM assignments WHERE round = ?",
        "DELETE FROM raters WHERE round = ?", "DELETE FROM round_items WHERE round = ?",
        "DELETE FROM round_runs WHERE round = ?", "DELETE FROM rounds WHERE id = ?"}) {
    Statement(*database_, sql).bind(round).run();
  }
  transaction.commit();
}

Rater Ratings::add_rater(int64_t round, const std::string& name, const std::string& token_hash) {
  Transaction transaction(*database_);
  check_rater(*database_, round, name);
  Statement(*database_, "INSERT INTO raters (round, name, token_hash) VALUES (?, ?, ?)")
      .bind(round)
      .bind(name)
      .bind(token_hash)
      .run();
  Rater added = read_raters(*database_, "id = ?", database_->last_insert_id()).front();
  transaction.commit();
  return added;
}

void Ratings::set_token(int64_t rater, const std::string& token_hash) {
  Transaction transaction(*database_);
  Statement(*database_, "UPDATE raters SET token_hash = ?, revoked = 0 WHERE id = ?")
      .bind(token_hash)
      .bind(rater)
      .run();
  transaction.commit();
}

void Ratings::revoke(int64_t rater) {
  Transaction transaction(*database_);
  Statement(*database_, "UPDATE raters SET revoked = 1 WHERE id = ?").bind(rater).run();
  transaction.commit();
}

std::vector<Rater> Ratings::raters(int64_t round) {
  Snapshot snapshot(*database_);
  return read_raters(*database_, "round = ?", round);
}

std::optional<Rater> Ratings::rater_with_token(int64_t round, const std::string& token_hash) {
  Snapshot snapshot(*database_);
  std::vector<Rater> found = read_raters(*database_, "round = ? AND token_hash = ?", round, token_hash);
  if (token_hash.empty() || found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<Rater> Ratings::rater(int64_t id) {
  Snapshot snapshot(*database_);
  std::vector<Rater> found = read_raters(*database_, "id = ?", id);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::string Ratings::token_hash(int64_t rater) {
  Statement query(*database_, "SELECT token_hash FROM raters WHERE id = ?");
  return query.bind(rater).step() ? query.text(0) : "";
}

void check_unrated(Database& database, int64_t run) {
  Statement query(database, "SELECT name FROM round_runs JOIN rounds ON id = round WHERE run = ? ORDER BY id");
  if (!query.bind(run).step()) return;
  fail(ExitCode::kUsage,
       "run {}: people rate it in round {}; `assay preference rounds --delete {}` deletes the round "
       "with its votes, and then it can go",
       run, query.text(0), query.text(0));
}

}  // namespace assay::store
