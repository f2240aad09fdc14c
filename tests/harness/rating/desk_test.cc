// What a rater is given and what becomes of votes, through the server's own interface.
#include "harness/rating/desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/rating/session.h"
#include "tests/harness/rating/served_round.h"

namespace assay::testing {
namespace {

using Json = nlohmann::json;

harness::RoundRequest request_with(int overlap, double repeats, double gold) {
  harness::RoundRequest request;
  request.overlap = overlap;
  request.repeats = repeats;
  request.gold = gold;
  return request;
}

TEST(Desk, ARaterGoesThroughARoundAndItIsStoredAsGiven) {
  ServedRound served({.categories = 2, .prompts = 10}, request_with(1, 0.2, 0.1));
  served.add_rater("somebody who never comes");
  Client ann(served.port());
  ASSERT_TRUE(ann.log_in(served.add_rater("ann")));
  std::map<int64_t, Json> shown;
  int done = 0;
  for (;;) {
    const Json item = ann.item().json();
    if (item.contains("finished")) {
      EXPECT_EQ(item["done"], done);
      EXPECT_EQ(item["total"], done);
      break;
    }
    EXPECT_EQ(item["done"], done);
    EXPECT_GT(item["total"], done);
    EXPECT_EQ(item["number"], done + 1);
    EXPECT_EQ(item["can_undo"], done > 0);
    EXPECT_EQ(ann.item().json(), item) << "the same until it is voted on";
    shown[item["assignment"]] = item;
    const Json stored = ann.vote(item["assignment"], fresh_key(), done % 5 - 2,
                                 done % 2 == 0 ? std::vector<std::string>{"left_unsafe"} : std::vector<std::string>{},
                                 done % 3 == 0 ? "a comment" : "")
                            .json();
    EXPECT_EQ(stored["stored"], true);
    EXPECT_EQ(stored["done"], ++done);
  }
  const std::vector<store::Rating> ratings = served.ratings();
  ASSERT_EQ(ratings.size(), static_cast<size_t>(done));
  const harness::HiddenTexts texts(served.made().open());
  std::set<std::string> pairs;
  int place = 0;
  for (const store::Rating& rating : ratings) {
    const Json& item = shown.at(rating.assignment);
    const std::string first = made_answer(0, rating.prompt);
    EXPECT_EQ(item[rating.first_is_left ? "left" : "right"], first);
    const bool second_is_own = item[rating.first_is_left ? "right" : "left"] == made_answer(1, rating.prompt);
    EXPECT_EQ(second_is_own, rating.kind != store::Rating::kGold);
    EXPECT_EQ(rating.choice, (rating.first_is_left ? 1 : -1) * (place % 5 - 2));
    if (place % 2 == 0) {
      EXPECT_EQ(rating.flags.at(0), rating.first_is_left ? "first_unsafe" : "second_unsafe");
    }
    EXPECT_EQ(rating.comment.empty(), place % 3 != 0);
    if (place % 3 == 0) {
      EXPECT_EQ(rating.comment.find("comment"), std::string::npos) << "it is sealed";
      EXPECT_EQ(texts.open(harness::comment_place(served.round().uid, rating.assignment), rating.comment), "a comment");
    }
    if (rating.kind == store::Rating::kPair) {
      EXPECT_TRUE(pairs.insert(rating.prompt).second);
    }
    ++place;
  }
  int gold = 0;
  for (const store::Rating& rating : ratings) gold += rating.kind == store::Rating::kGold ? 1 : 0;
  EXPECT_EQ(pairs.size() + static_cast<size_t>(gold), 20u) << "gold uses up a pair for the rater";
}

TEST(Desk, ADoubleClickAndTwoTabsCountOnce) {
  ServedRound served;
  const std::string token = served.add_rater("ann");
  Client tab(served.port()), other(served.port());
  ASSERT_TRUE(tab.log_in(token) && other.log_in(token));
  const int64_t open = tab.item().json()["assignment"];
  EXPECT_EQ(other.item().json()["assignment"], open) << "both show the same";
  const Answer once = tab.vote(open, "double-click", 1);
  const Answer twice = tab.vote(open, "double-click", 1);
  EXPECT_EQ(once.status, 200);
  EXPECT_EQ(once.body, twice.body);
  EXPECT_EQ(other.vote(open, "another-tab", -2).status, 409);
  EXPECT_EQ(served.ratings().size(), 1u);
  const int64_t next = other.item().json()["assignment"];
  EXPECT_NE(next, open);
  EXPECT_EQ(tab.vote(next, "double-click", 1).status, 409) << "a key belongs to one decision";
  // Both tabs at the same moment, many times.
  for (int round = 0; round < 10; ++round) {
    const int64_t now = tab.item().json()["assignment"];
    Answer a, b;
    std::thread first([&] { a = tab.vote(now, fresh_key(), 1); });
    std::thread second([&] { b = other.vote(now, fresh_key(), -1); });
    first.join();
    second.join();
    EXPECT_EQ(a.status + b.status, 200 + 409);
  }
  EXPECT_EQ(served.ratings().size(), 11u);
}

TEST(Desk, UndoShowsTheVoteThatWasGivenAndMayGoFurtherBack) {
  ServedRound served;
  Client ann(served.port());
  ASSERT_TRUE(ann.log_in(served.add_rater("ann")));
  EXPECT_EQ(ann.undo("undo-none").status, 409);
  std::vector<Json> items;
  for (int i = 0; i < 3; ++i) {
    items.push_back(ann.item().json());
    EXPECT_EQ(items.back()["vote"], nullptr);
    ann.vote(items.back()["assignment"], fresh_key(), i, {"both_bad"}, "why");
  }
  const int64_t fourth = ann.item().json()["assignment"];
  const Answer back = ann.undo("undo-one");
  EXPECT_EQ(back.status, 200);
  EXPECT_EQ(back.json()["assignment"], items[2]["assignment"]);
  EXPECT_EQ(back.json()["vote"], (Json{{"choice", 2}, {"flags", {"both_bad"}}, {"comment", "why"}}));
  EXPECT_EQ(back.json()["left"], items[2]["left"]) << "sides stay";
  EXPECT_EQ(back.json()["number"], 3);
  EXPECT_EQ(back.json()["done"], 2);
  EXPECT_EQ(ann.undo("undo-one").body, back.body);
  EXPECT_EQ(ann.item().body, back.body) << "on any device";
  EXPECT_EQ(ann.undo("undo-two").json()["assignment"], items[1]["assignment"]);
  EXPECT_EQ(served.ratings().size(), 1u);
  EXPECT_EQ(ann.vote(items[1]["assignment"], fresh_key(), -2).status, 200);
  EXPECT_EQ(ann.item().json()["assignment"], items[2]["assignment"]);
  EXPECT_EQ(ann.vote(items[2]["assignment"], fresh_key(), -1).status, 200);
  EXPECT_EQ(ann.item().json()["assignment"], fourth);
  const std::vector<store::Rating> ratings = served.ratings();
  ASSERT_EQ(ratings.size(), 3u);
  EXPECT_EQ(std::abs(ratings[1].choice), 2);
  EXPECT_EQ(ratings[1].comment, "");
}

TEST(Desk, ALateVoteStillCounts) {
  MadeRound made({.categories = 1, .prompts = 1});
  const harness::OpenedRound opened = made.begin(request_with(1, 0, 0));
  int64_t now = 1000;
  harness::DeskParts parts{opened.round, opened.rules, opened.material, harness::HiddenTexts(made.open()),
                           [&now] { return now; }};
  harness::Desk desk(made.database(), std::move(parts));
  const auto rater = [&](const std::string& name) {
    return desk.rater_with_token(harness::token_hash(made.add_rater(opened.round, name)))->id;
  };
  const int64_t ann = rater("ann"), bob = rater("bob");
  const int64_t anns = desk.item(ann).body["assignment"];
  EXPECT_TRUE(desk.item(bob).body.contains("finished"));
  now = std::time(nullptr) + 3601;  // `given` is of the clock
  const int64_t bobs = desk.item(bob).body["assignment"];
  EXPECT_EQ(desk.vote(bob, {bobs, {"bobs-vote", 1, {}, "", 1}}).status, 200);
  EXPECT_EQ(desk.item(ann).body["assignment"], anns) << "what was given stays";
  EXPECT_EQ(desk.vote(ann, {anns, {"anns-vote", -1, {}, "", 1}}).status, 200);
  EXPECT_EQ(store::Ratings(made.database(), store::Store::Mode::kRead).ratings(opened.round.id).size(), 2u);
}

TEST(Desk, EightRatersAtOnceGetBalancedPairs) {
  ServedRound served({.categories = 2, .prompts = 20}, request_with(3, 0.05, 0.03));
  std::vector<std::thread> threads;
  std::vector<std::string> tokens;
  for (int i = 0; i < 8; ++i) tokens.push_back(served.add_rater(fmt::format("rater {}", i)));
  for (const std::string& token : tokens) {
    threads.emplace_back([&served, token] {
      Client client(served.port());
      ASSERT_TRUE(client.log_in(token));
      for (Json item = client.item().json(); !item.contains("finished"); item = client.item().json()) {
        ASSERT_EQ(client.vote(item.at("assignment"), fresh_key(), 1).status, 200);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, std::set<std::string>> raters_of;
  for (const store::Rating& rating : served.ratings()) {
    if (rating.kind == store::Rating::kPair) {
      EXPECT_TRUE(raters_of[rating.prompt].insert(rating.rater).second) << "never twice";
    }
  }
  EXPECT_EQ(raters_of.size(), 40u);
  for (const auto& [prompt, raters] : raters_of) EXPECT_EQ(raters.size(), 3u) << prompt;
}

TEST(Desk, TwoServersOfOneRoundAgree) {
  MadeRound made({.categories = 1, .prompts = 12});
  const harness::OpenedRound opened = made.begin(request_with(1, 0, 0));
  const auto desk = [&] {
    return std::make_unique<harness::Desk>(
        made.database(),
        harness::DeskParts{opened.round, opened.rules, opened.material, harness::HiddenTexts(made.open()), {}});
  };
  const auto one = desk(), two = desk();
  const int64_t ann = one->rater_with_token(harness::token_hash(made.add_rater(opened.round, "ann")))->id;
  const int64_t bob = two->rater_with_token(harness::token_hash(made.add_rater(opened.round, "bob")))->id;
  int votes = 0;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [where, who] : {std::pair{one.get(), ann}, std::pair{two.get(), bob}}) {
      const store::Json item = where->item(who).body;
      if (item.contains("finished")) continue;
      EXPECT_EQ((where == one.get() ? two : one)->item(who).body["assignment"], item["assignment"]);
      EXPECT_EQ(where->vote(who, {item["assignment"], {fresh_key(), 0, {}, "", 1}}).status, 200);
      ++votes;
      more = true;
    }
  }
  EXPECT_EQ(votes, 12);
}

TEST(Desk, PromptsWithoutAnAnswerInEveryRunAreLeftOut) {
  MadeRound made({.categories = 2, .prompts = 5, .runs = 3, .unanswered = 2});
  const harness::OpenedRound opened = made.begin();
  EXPECT_EQ(opened.left_out, 2u);
  EXPECT_EQ(opened.round.progress.items, 8 * 3) << "pairs of three runs";
  harness::RoundRequest coding;
  coding.name = "coding";
  coding.categories = {"coding"};
  EXPECT_EQ(made.begin(coding).round.progress.items, 5 * 3);
}

}  // namespace
}  // namespace assay::testing
