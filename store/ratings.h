// Rounds of blind rating: who rates which pair of responses, and what was said. A vote never changes and never goes: a
// newer one of its assignment takes its place, and one without a choice withdraws it. The newest counts.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/rating.h"
#include "store/store.h"

namespace assay::store {

class Database;

// One thing to rate: the answers of two runs to one prompt. `first` < `second` are places in Round::runs.
struct RoundItem {
  std::string prompt;
  std::string category;
  int first = 0;
  int second = 1;
};

struct NewRound {
  std::string name;        // as that of a batch; empty: made as that of a batch
  std::string hidden_set;  // SealedFile::set
  Json options;
  std::string secret;  // for the server's own use, given back by secret() alone
  std::vector<int64_t> runs;
  std::vector<RoundItem> items;
};

struct NewAssignment {
  int64_t rater = 0;
  int64_t item = 0;  // its place among the round's
  Rating::Kind kind = Rating::kPair;
  bool first_is_left = true;
  std::optional<int64_t> repeats = {};  // of kRepeat: which assignment
  std::string decoy = {};               // of kGold: the prompt whose response stands in for the second
};

struct Assignment {
  int64_t id = 0;
  int64_t ordinal = 0;  // among the rater's, from 0
  int64_t given = 0;    // seconds since 1970
  bool voted = false;   // it has a vote that counts
  NewAssignment what;
};

// A vote as the rater gave it: choice 2 is "left much better", flags have sides.
struct NewVote {
  std::string key;  // of the client: the same key again is the same vote
  int choice = 0;
  std::vector<std::string> flags = {};
  std::string comment = {};  // encrypted; empty: none
  int64_t active_ms = 0;
};

enum class VoteOutcome {
  kStored,    // now
  kRepeated,  // the key was seen before: nothing was stored
  kConflict,  // another assignment is the open one, or there is none, or the key was another vote's
};

// Not thread-safe; several, in one process or many, may use one file. Errors: those of Store. What a function stores is
// durable when it returns, and a function that throws has stored nothing.
class Ratings {
 public:
  Ratings(const std::filesystem::path& path, Store::Mode mode, const StoreOptions& options = {});
  ~Ratings();

  // Rounds. A name that exists, or a run that does not: kUsage.
  Round create_round(const NewRound& round);
  std::vector<Round> rounds();  // oldest first
  std::optional<Round> round_named(const std::string& name);
  // Empty: the only one, or the latest. Unknown: kUsage with the nearest.
  Round find_round(const std::string& name);
  std::vector<RoundItem> items(int64_t round);
  std::string secret(int64_t round);
  // With all that hangs on it, votes too.
  void delete_round(int64_t round);

  // Raters. A token is never stored, only its SHA-256 in hexadecimal. A name that the round has, or a hash that is
  // taken: kUsage.
  Rater add_rater(int64_t round, const std::string& name, const std::string& token_hash);
  // The link of before opens nothing any more; a rater who was revoked is one again.
  void set_token(int64_t rater, const std::string& token_hash);
  void revoke(int64_t rater);
  std::vector<Rater> raters(int64_t round);  // in the order in which they came
  std::optional<Rater> rater_with_token(int64_t round, const std::string& token_hash);
  std::optional<Rater> rater(int64_t id);
  std::string token_hash(int64_t rater);

  // Assignments.
  std::vector<Assignment> assignments(int64_t round);  // oldest first
  // What the rater has to vote on now: the earliest without a vote that counts.
  std::optional<Assignment> open_assignment(int64_t rater);
  // Nothing, and nothing stored, where the rater has one open: another process was faster.
  std::optional<Assignment> assign(int64_t round, const NewAssignment& assignment);
  // Changes whenever another connection has written: what was read before may be old.
  int64_t foreign_changes();

  // Votes. `rater` must hold `assignment`, and it must be the open one.
  VoteOutcome vote(int64_t rater, int64_t assignment, const NewVote& vote);
  // Withdraws the rater's newest vote that counts; kConflict where there is none.
  VoteOutcome withdraw(int64_t rater, const std::string& key);
  // The newest vote that was not a withdrawal, whether it counts or not.
  std::optional<NewVote> last_vote(int64_t assignment);

  // Every vote that counts, oldest assignment first.
  std::vector<Rating> ratings(int64_t round);

 private:
  std::unique_ptr<Database> database_;
};

// Inside a transaction: kUsage, naming the round and how to delete it, where one rates the run.
void check_unrated(Database& database, int64_t run);

}  // namespace assay::store
