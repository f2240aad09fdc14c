// Rounds, raters, assignments and votes as they stand in the database.
#include "store/ratings.h"

#include <gtest/gtest.h>

#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::expect_error;
using testing::Folder;
using testing::generation_run;

// Two runs and a round of four pairs over them.
struct Rated {
  Folder folder;
  std::vector<int64_t> runs;
  std::unique_ptr<Ratings> ratings;
  Round round;

  Rated() {
    Store store(path(), Store::Mode::kCreate);
    for (const char* name : {"alpha", "beta"}) {
      const Batch batch = store.create_batch({name, {}, {}}, {generation_run("preference", 2)});
      runs.push_back(store.runs_of(batch.id).at(0).number);
      store.finish_batch(batch.id, State::kDone);
    }
    ratings = std::make_unique<Ratings>(path(), Store::Mode::kWrite);
    round = ratings->create_round(new_round("spring"));
  }

  std::filesystem::path path() const { return folder / "a.db"; }
  NewRound new_round(const std::string& name) const {
    NewRound made{name, "set-1", {{"overlap", 2}}, "hush", runs, {}};
    for (int i = 0; i < 4; ++i) made.items.push_back({"p" + std::to_string(i), "advice", 0, 1});
    return made;
  }
  int64_t add_rater(const std::string& name) { return ratings->add_rater(round.id, name, "hash of " + name).id; }
  Assignment assign(int64_t rater, int64_t item, bool first_is_left = true) {
    return *ratings->assign(round.id, {.rater = rater, .item = item, .first_is_left = first_is_left});
  }
  Ratings& operator*() { return *ratings; }
};

NewVote vote_of(const std::string& key, int choice, std::vector<std::string> flags = {}) {
  return {key, choice, std::move(flags), "", 900};
}

TEST(Ratings, ARoundIsReadAsItWasCreated) {
  Rated rated;
  const Round round = (*rated).find_round("");
  EXPECT_EQ(round.name, "spring");
  EXPECT_EQ(round.hidden_set, "set-1");
  EXPECT_EQ(round.runs, rated.runs);
  EXPECT_EQ(round.options, (Json{{"overlap", 2}})) << "without the secret";
  EXPECT_EQ((*rated).secret(round.id), "hush");
  EXPECT_EQ(round.uid.size(), 32u);
  EXPECT_EQ(round.progress.items, 4);
  EXPECT_EQ((*rated).items(round.id).size(), 4u);
  EXPECT_EQ((*rated).items(round.id)[2].prompt, "p2");
}

TEST(Ratings, NamesThatCannotBeAreRefused) {
  Rated rated;
  expect_error([&] { (*rated).create_round(rated.new_round("spring")); }, ExitCode::kUsage, "already");
  for (const char* name : {"7", "latest", "a/b", "a\nb"}) {
    expect_error([&] { (*rated).create_round(rated.new_round(name)); }, ExitCode::kUsage, "a name is not");
  }
  expect_error([&] { (*rated).find_round("sprin"); }, ExitCode::kUsage, "did you mean 'spring'");
  NewRound foreign = rated.new_round("other");
  foreign.runs.push_back(99);
  expect_error([&] { (*rated).create_round(foreign); }, ExitCode::kUsage, "no run 99");
  EXPECT_EQ((*rated).rounds().size(), 1u) << "nothing was stored";
  rated.add_rater("ann");
  expect_error([&] { rated.add_rater("ann"); }, ExitCode::kUsage, "ann");
  for (const std::string& name : {std::string(), std::string("a\tb"), std::string(101, 'x'), std::string("\xff")}) {
    expect_error([&] { rated.add_rater(name); }, ExitCode::kUsage, "printable");
  }
}

TEST(Ratings, ALinkIsFoundByItsHashUntilItIsReplacedOrRevoked) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann");
  const auto name_of = [&](const std::string& hash) {
    const std::optional<Rater> found = (*rated).rater_with_token(rated.round.id, hash);
    return found ? found->name : "";
  };
  EXPECT_EQ(name_of("hash of ann"), "ann");
  EXPECT_EQ(name_of(""), "");
  EXPECT_EQ(name_of("hash of bob"), "");
  EXPECT_FALSE((*rated).rater_with_token(rated.round.id + 1, "hash of ann")) << "of another round";
  (*rated).set_token(ann, "new");
  EXPECT_EQ(name_of("hash of ann"), "");
  EXPECT_EQ(name_of("new"), "ann");
  (*rated).revoke(ann);
  EXPECT_TRUE((*rated).rater(ann)->revoked);
  EXPECT_EQ((*rated).find_round("spring").progress.raters, 0);
}

TEST(Ratings, AVoteIsCountedOnceAndForTheOpenAssignmentAlone) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann"), bob = rated.add_rater("bob");
  const Assignment first = rated.assign(ann, 0);
  const Assignment bobs = rated.assign(bob, 0);
  EXPECT_FALSE((*rated).assign(rated.round.id, {.rater = ann, .item = 1})) << "one is open";
  EXPECT_EQ((*rated).vote(ann, bobs.id, vote_of("k1", 2)), VoteOutcome::kConflict) << "somebody else's";
  EXPECT_EQ((*rated).vote(ann, 999, vote_of("k1", 2)), VoteOutcome::kConflict);
  EXPECT_EQ((*rated).vote(ann, first.id, vote_of("k1", 2)), VoteOutcome::kStored);
  EXPECT_EQ((*rated).vote(ann, first.id, vote_of("k1", 2)), VoteOutcome::kRepeated) << "a double click";
  EXPECT_EQ((*rated).vote(ann, first.id, vote_of("k2", -2)), VoteOutcome::kConflict) << "another tab";
  EXPECT_EQ((*rated).ratings(rated.round.id).size(), 1u);
  const Assignment second = rated.assign(ann, 1);
  EXPECT_EQ((*rated).vote(ann, second.id, vote_of("k1", 0)), VoteOutcome::kConflict) << "a key of another vote";
  EXPECT_EQ((*rated).open_assignment(ann)->id, second.id);
  EXPECT_EQ((*rated).rater(ann)->votes, 1);
}

TEST(Ratings, UndoGoesBackStepByStepAndForwardAgain) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann");
  EXPECT_EQ((*rated).withdraw(ann, "u0"), VoteOutcome::kConflict) << "nothing yet";
  std::vector<int64_t> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(rated.assign(ann, i).id);
    (*rated).vote(ann, ids.back(), vote_of("k" + std::to_string(i), i - 1, {"both_bad"}));
  }
  EXPECT_EQ((*rated).withdraw(ann, "u1"), VoteOutcome::kStored);
  EXPECT_EQ((*rated).withdraw(ann, "u1"), VoteOutcome::kRepeated);
  EXPECT_EQ((*rated).open_assignment(ann)->id, ids[2]);
  EXPECT_EQ((*rated).withdraw(ann, "u2"), VoteOutcome::kStored);
  EXPECT_EQ((*rated).open_assignment(ann)->id, ids[1]);
  EXPECT_EQ((*rated).withdraw(ann, "k0"), VoteOutcome::kConflict) << "a vote's key";
  EXPECT_EQ((*rated).vote(ann, ids[1], vote_of("k1", 0)), VoteOutcome::kRepeated) << "a late retry changes nothing";
  EXPECT_EQ((*rated).ratings(rated.round.id).size(), 1u);
  EXPECT_EQ((*rated).last_vote(ids[1])->choice, 0);
  EXPECT_EQ((*rated).last_vote(ids[1])->flags, std::vector<std::string>{"both_bad"});
  EXPECT_EQ((*rated).vote(ann, ids[1], vote_of("k4", 2)), VoteOutcome::kStored);
  EXPECT_EQ((*rated).withdraw(ann, "u1"), VoteOutcome::kRepeated) << "a late retry changes nothing";
  EXPECT_EQ((*rated).vote(ann, ids[2], vote_of("k5", -1)), VoteOutcome::kStored);
  const std::vector<Rating> ratings = (*rated).ratings(rated.round.id);
  ASSERT_EQ(ratings.size(), 3u);
  EXPECT_EQ(ratings[1].choice, 2);
  EXPECT_EQ(ratings[2].choice, -1);
}

TEST(Ratings, SidesAreUndoneInWhatIsReported) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann");
  const Assignment straight = rated.assign(ann, 0, true);
  NewVote vote = vote_of("k0", 2, {"both_bad", "left_unsafe", "right_refuses_wrongly"});
  vote.comment = std::string("sealed\0box", 10);
  (*rated).vote(ann, straight.id, vote);
  const Assignment turned = rated.assign(ann, 1, false);
  (*rated).vote(ann, turned.id, vote_of("k1", 2, {"left_unsafe", "right_broken"}));
  const Assignment repeat = *(*rated).assign(
      rated.round.id,
      {.rater = ann, .item = 0, .kind = Rating::kRepeat, .first_is_left = false, .repeats = straight.id});
  (*rated).vote(ann, repeat.id, vote_of("k2", -1));
  const Assignment gold =
      *(*rated).assign(rated.round.id, {.rater = ann, .item = 2, .kind = Rating::kGold, .decoy = "p3"});
  (*rated).vote(ann, gold.id, vote_of("k3", 1));
  const std::vector<Rating> ratings = (*rated).ratings(rated.round.id);
  ASSERT_EQ(ratings.size(), 4u);
  EXPECT_EQ(ratings[0].choice, 2);
  EXPECT_EQ(ratings[0].flags, (std::vector<std::string>{"both_bad", "first_unsafe", "second_refuses_wrongly"}));
  EXPECT_EQ(ratings[0].comment, vote.comment);
  EXPECT_EQ(ratings[0].first_run, rated.runs[0]);
  EXPECT_EQ(ratings[0].second_run, rated.runs[1]);
  EXPECT_EQ(ratings[0].rater, "ann");
  EXPECT_EQ(ratings[0].prompt, "p0");
  EXPECT_EQ(ratings[0].active_ms, 900);
  EXPECT_EQ(ratings[1].choice, -2);
  EXPECT_EQ(ratings[1].flags, (std::vector<std::string>{"second_unsafe", "first_broken"}));
  EXPECT_EQ(ratings[2].kind, Rating::kRepeat);
  EXPECT_EQ(ratings[2].choice, 1);
  EXPECT_EQ(ratings[2].repeats, straight.id);
  EXPECT_EQ(ratings[3].kind, Rating::kGold);
  EXPECT_EQ((*rated).assignments(rated.round.id).back().what.decoy, "p3");
}

TEST(Ratings, ProgressCountsPairsThatHaveTheirRaters) {
  Rated rated;
  for (const char* name : {"ann", "bob"}) {
    const int64_t rater = rated.add_rater(name);
    for (int i = 0; i < 2; ++i) {
      const Assignment given = rated.assign(rater, i);
      if (std::string(name) == "ann" || i == 0) (*rated).vote(rater, given.id, vote_of("k" + std::to_string(i), 0));
    }
  }
  const Progress progress = (*rated).find_round("spring").progress;
  EXPECT_EQ(progress.rated, 1);
  EXPECT_EQ(progress.votes, 3);
  EXPECT_EQ(progress.assigned, 4);
  EXPECT_EQ(progress.raters, 2);
}

TEST(Ratings, ARunThatIsRatedStaysUntilItsRoundIsDeleted) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann");
  const Assignment first = rated.assign(ann, 0);
  (*rated).vote(ann, first.id, vote_of("k0", 1));
  const Assignment repeat =
      *(*rated).assign(rated.round.id, {.rater = ann, .item = 0, .kind = Rating::kRepeat, .repeats = first.id});
  (*rated).vote(ann, repeat.id, vote_of("k1", 1));
  Store store(rated.path(), Store::Mode::kWrite);
  expect_error([&] { store.delete_run(rated.runs[1]); }, ExitCode::kUsage, "preference rounds --delete spring");
  expect_error([&] { store.delete_batch(store.find_batch("alpha").id); }, ExitCode::kUsage, "round spring");
  EXPECT_EQ(store.runs().size(), 2u);
  (*rated).delete_round(rated.round.id);
  EXPECT_TRUE((*rated).rounds().empty());
  expect_error([&] { (*rated).find_round("spring"); }, ExitCode::kUsage, "no round yet");
  store.delete_run(rated.runs[1]);
  Database database(rated.path(), Database::Access::kReadWrite, 1000);
  for (const char* table : {"rounds", "round_runs", "round_items", "raters", "assignments", "votes"}) {
    EXPECT_EQ(database.integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST(Ratings, AVoteCanNeitherBeChangedNorRemoved) {
  Rated rated;
  const int64_t ann = rated.add_rater("ann");
  (*rated).vote(ann, rated.assign(ann, 0).id, vote_of("k0", 1));
  Database database(rated.path(), Database::Access::kReadWrite, 1000);
  EXPECT_THROW(database.execute("UPDATE votes SET choice = -2"), Error);
  EXPECT_THROW(database.execute("DELETE FROM votes"), Error);
  EXPECT_EQ((*rated).ratings(rated.round.id).at(0).choice, 1);
}

TEST(Ratings, WhatAnotherProcessWroteIsNoticed) {
  Rated rated;
  const int64_t before = (*rated).foreign_changes();
  const int64_t ann = rated.add_rater("ann");
  EXPECT_EQ((*rated).foreign_changes(), before) << "one's own do not count";
  Ratings other(rated.path(), Store::Mode::kWrite);
  ASSERT_TRUE(other.assign(rated.round.id, {.rater = ann, .item = 0}));
  EXPECT_NE((*rated).foreign_changes(), before);
  EXPECT_FALSE((*rated).assign(rated.round.id, {.rater = ann, .item = 1}));
}

}  // namespace
}  // namespace assay::store
