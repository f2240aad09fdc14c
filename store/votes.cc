// What is assigned to raters and what they say of it.
#include <array>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "store/codec.h"
#include "store/ratings.h"
#include "store/store_impl.h"

namespace assay::store {
namespace {

constexpr std::array kKindNames = {"pair", "repeat", "gold"};  // by Rating::Kind

// Of an assignment in a row of `assignments`: the newest vote's choice.
constexpr const char* kNewestChoice =
    "(SELECT choice FROM votes WHERE assignment = assignments.id ORDER BY votes.id DESC LIMIT 1)";

Rating::Kind kind_from(std::string_view text) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (text == kKindNames[i]) return static_cast<Rating::Kind>(i);
  }
  return Rating::kPair;
}

std::vector<Assignment> read_assignments(Database& database, std::string_view condition, int64_t key) {
  Statement query(database, fmt::format("SELECT id, ordinal, given, {} IS NOT NULL AS voted, rater, item, kind, "
                                        "first_is_left, repeats, decoy FROM assignments WHERE {}",
                                        kNewestChoice, condition));
  query.bind(key);
  std::vector<Assignment> assignments;
  while (query.step()) {
    Assignment each;
    each.id = query.integer(0);
    each.ordinal = query.integer(1);
    each.given = query.integer(2);
    each.voted = query.integer(3) != 0;
    each.what.rater = query.integer(4);
    each.what.item = query.integer(5);
    each.what.kind = kind_from(query.text_view(6));
    each.what.first_is_left = query.integer(7) != 0;
    if (!query.is_null(8)) each.what.repeats = query.integer(8);
    if (!query.is_null(9)) each.what.decoy = query.text(9);
    assignments.push_back(std::move(each));
  }
  return assignments;
}

std::optional<Assignment> read_open(Database& database, int64_t rater) {
  std::vector<Assignment> open = read_assignments(database, "rater = ? AND NOT voted ORDER BY ordinal LIMIT 1", rater);
  if (open.empty()) return std::nullopt;
  return std::move(open.front());
}

void insert_assignment(Database& database, int64_t round, const NewAssignment& what) {
  Statement insert(database,
                   "INSERT INTO assignments (round, item, rater, ordinal, kind, first_is_left, repeats, decoy, given) "
                   "VALUES (?1, ?2, ?3, (SELECT count(*) FROM assignments WHERE rater = ?3), ?4, ?5, ?6, ?7, ?8)");
  insert.bind(round).bind(what.item).bind(what.rater).bind(std::string_view(kKindNames[what.kind]));
  insert.bind(static_cast<int64_t>(what.first_is_left));
  if (what.repeats) {
    insert.bind(*what.repeats);
  } else {
    insert.bind_null();
  }
  if (what.kind == Rating::kGold) {
    insert.bind(what.decoy);
  } else {
    insert.bind_null();
  }
  insert.bind(unix_seconds()).run();
}

// The vote of the rater with this key: its assignment, and whether it was a withdrawal.
struct KeyedVote {
  int64_t assignment = 0;
  bool withdrawal = false;
};

std::optional<KeyedVote> vote_with_key(Database& database, int64_t rater, const std::string& key) {
  Statement query(database,
                  "SELECT assignment, choice IS NULL FROM votes JOIN assignments ON assignments.id = assignment "
                  "WHERE rater = ? AND client_key = ?");
  if (!query.bind(rater).bind(key).step()) return std::nullopt;
  return KeyedVote{query.integer(0), query.integer(1) != 0};
}

void insert_vote(Database& database, int64_t assignment, const NewVote& vote, bool withdrawal) {
  Statement insert(database,
                   "INSERT INTO votes (assignment, client_key, choice, flags, comment, active_ms, time) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)");
  const std::string flags = encode_json(vote.flags);
  const std::string time = utc_now();
  insert.bind(assignment).bind(vote.key);
  if (withdrawal) {
    insert.bind_null();
  } else {
    insert.bind(vote.choice);
  }
  insert.bind(flags);
  if (vote.comment.empty()) {
    insert.bind_null();
  } else {
    insert.bind_blob(vote.comment);
  }
  insert.bind(vote.active_ms).bind(time).run();
}

// "left_unsafe" becomes "first_unsafe" or "second_unsafe".
std::vector<std::string> flags_of_runs(const Json& flags, bool first_is_left) {
  std::vector<std::string> of_runs;
  for (const Json& flag : flags) {
    std::string name = flag.get<std::string>();
    for (const std::string side : {"left_", "right_"}) {
      if (!name.starts_with(side)) continue;
      name = fmt::format("{}_{}", (side == "left_") == first_is_left ? "first" : "second", name.substr(side.size()));
      break;
    }
    of_runs.push_back(std::move(name));
  }
  return of_runs;
}

}  // namespace

std::vector<Assignment> Ratings::assignments(int64_t round) {
  return read_assignments(*database_, "round = ? ORDER BY id", round);
}

std::optional<Assignment> Ratings::open_assignment(int64_t rater) {
  return read_open(*database_, rater);
}

std::optional<Assignment> Ratings::assign(int64_t round, const NewAssignment& assignment) {
  Transaction transaction(*database_);
  if (read_open(*database_, assignment.rater)) return std::nullopt;
  insert_assignment(*database_, round, assignment);
  Assignment given = read_assignments(*database_, "id = ?", database_->last_insert_id()).front();
  transaction.commit();
  return given;
}

int64_t Ratings::foreign_changes() {
  return database_->integer("PRAGMA data_version");
}

VoteOutcome Ratings::vote(int64_t rater, int64_t assignment, const NewVote& vote) {
  Transaction transaction(*database_);
  if (const std::optional<KeyedVote> before = vote_with_key(*database_, rater, vote.key)) {
    return before->assignment == assignment && !before->withdrawal ? VoteOutcome::kRepeated : VoteOutcome::kConflict;
  }
  const std::optional<Assignment> open = read_open(*database_, rater);
  if (!open || open->id != assignment) return VoteOutcome::kConflict;
  insert_vote(*database_, assignment, vote, /*withdrawal=*/false);
  transaction.commit();
  return VoteOutcome::kStored;
}

VoteOutcome Ratings::withdraw(int64_t rater, const std::string& key) {
  Transaction transaction(*database_);
  if (const std::optional<KeyedVote> before = vote_with_key(*database_, rater, key)) {
    return before->withdrawal ? VoteOutcome::kRepeated : VoteOutcome::kConflict;
  }
  Statement newest(*database_,
                   fmt::format("SELECT assignments.id FROM assignments JOIN votes ON assignment = assignments.id WHERE "
                               "rater = ? AND {} IS NOT NULL ORDER BY votes.id DESC LIMIT 1",
                               kNewestChoice));
  if (!newest.bind(rater).step()) return VoteOutcome::kConflict;
  insert_vote(*database_, newest.integer(0), {.key = key, .flags = {}, .comment = ""}, /*withdrawal=*/true);
  newest.reset();
  transaction.commit();
  return VoteOutcome::kStored;
}

std::optional<NewVote> Ratings::last_vote(int64_t assignment) {
  Statement query(*database_,
                  "SELECT client_key, choice, flags, comment, active_ms FROM votes WHERE assignment = ? AND choice IS "
                  "NOT NULL ORDER BY id DESC LIMIT 1");
  if (!query.bind(assignment).step()) return std::nullopt;
  NewVote vote;
  vote.key = query.text(0);
  vote.choice = static_cast<int>(query.integer(1));
  vote.flags = parse_stored(query.text_view(2), *database_, "the flags of a vote").get<std::vector<std::string>>();
  if (!query.is_null(3)) vote.comment = std::string(query.blob(3));
  vote.active_ms = query.integer(4);
  return vote;
}

std::vector<Rating> Ratings::ratings(int64_t round) {
  Snapshot snapshot(*database_);
  Statement query(*database_,
                  "SELECT assignments.id, prompt, category, raters.name, first.run, second.run, kind, first_is_left, "
                  "choice, flags, comment, active_ms, time, repeats FROM votes "
                  "JOIN assignments ON assignments.id = assignment JOIN raters ON raters.id = rater "
                  "JOIN round_items ON round_items.round = assignments.round AND round_items.item = assignments.item "
                  "JOIN round_runs AS first ON first.round = assignments.round AND first.ordinal = round_items.first "
                  "JOIN round_runs AS second ON second.round = assignments.round AND second.ordinal = "
                  "round_items.second WHERE assignments.round = ? AND choice IS NOT NULL AND votes.id = "
                  "(SELECT max(id) FROM votes AS newer WHERE newer.assignment = assignments.id) "
                  "ORDER BY assignments.id");
  query.bind(round);
  std::vector<Rating> ratings;
  while (query.step()) {
    Rating rating;
    rating.assignment = query.integer(0);
    rating.prompt = query.text(1);
    rating.category = query.text(2);
    rating.rater = query.text(3);
    rating.first_run = query.integer(4);
    rating.second_run = query.integer(5);
    rating.kind = kind_from(query.text_view(6));
    rating.first_is_left = query.integer(7) != 0;
    const int choice = static_cast<int>(query.integer(8));
    rating.choice = rating.first_is_left ? choice : -choice;
    rating.flags =
        flags_of_runs(parse_stored(query.text_view(9), *database_, "the flags of a vote"), rating.first_is_left);
    if (!query.is_null(10)) rating.comment = std::string(query.blob(10));
    rating.active_ms = query.integer(11);
    rating.time = query.text(12);
    if (!query.is_null(13)) rating.repeats = query.integer(13);
    ratings.push_back(std::move(rating));
  }
  return ratings;
}

}  // namespace assay::store
