// The desk where raters get their pairs and hand in their votes: rules (assign.h), texts (material.h) and database
// (store/ratings.h) in one, without a word of HTTP. What it says to a rater holds no run, model, kind or side.
//
// Thread-safe: one rater is served after the other. What was answered with 200 is durable.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "harness/rating/assign.h"
#include "harness/rating/material.h"
#include "harness/rating/turns.h"
#include "harness/rating/vote_body.h"
#include "store/ratings.h"

namespace assay::harness {

// What goes back to the browser: a status of HTTP, and an object.
struct DeskAnswer {
  int status = 200;
  store::Json body;
};

DeskAnswer refusal(int status, const std::string& sentence);

struct DeskParts {
  store::Round round;
  AssignRules rules;
  Material material;
  HiddenTexts texts;
  std::function<int64_t()> now;  // seconds since 1970; empty: the clock
};

class Desk {
 public:
  // Error(kBadInput) where a prompt or response of the round is not among the material.
  Desk(const std::filesystem::path& database, DeskParts parts);

  const store::Round& round() const { return parts_.round; }
  std::string secret();

  // Nothing where the token's hash is none of this round, or the rater was revoked.
  std::optional<store::Rater> rater_with_token(const std::string& token_hash);
  // The rater and their token's hash; nothing where there is none or they were revoked.
  std::optional<std::pair<store::Rater, std::string>> rater(int64_t id);

  // The interface's GET /api/item, POST /api/vote and POST /api/undo.
  DeskAnswer item(int64_t rater);
  DeskAnswer vote(int64_t rater, const VoteBody& vote);
  DeskAnswer undo(int64_t rater, const std::string& key);

 private:
  void check_material() const;
  void refresh();
  store::Rater known_rater(int64_t id);
  std::optional<store::Assignment> open_or_next(const store::Rater& rater);
  DeskAnswer item_locked(int64_t rater);
  store::Json shown(const store::Assignment& assignment) const;
  store::Json shown_vote(const store::Assignment& assignment);
  int64_t now() const;

  DeskParts parts_;
  Turns mutex_;
  store::Ratings ratings_;
  AssignState state_;  // as of data version seen_
  int64_t seen_ = -1;  // -1: to be read anew
};

}  // namespace assay::harness
