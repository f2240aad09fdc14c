// A round that goes through the store: the report on it, and what stands beside a run's scores.
#include "reports/preference_round.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/preference_beside.h"
#include "reports/preference_json.h"
#include "reports/preference_text.h"
#include "tests/reports/made_runs.h"

namespace assay::reports {
namespace {

using testing::MadeRun;
using testing::MadeStore;

constexpr int kPrompts = 12;

// Prompt i is of the category "even" or "odd". Both raters prefer the second run on every third prompt, else the first
// one; the left answer on even prompts is the first run's.
store::Round rated(store::Ratings& ratings, const std::string& name, const std::vector<int64_t>& runs) {
  store::NewRound planned{name, "set", {{"overlap", 2}}, "secret", runs, {}};
  for (int i = 0; i < kPrompts; ++i) planned.items.push_back({fmt::format("id-{}", i), i % 2 == 0 ? "even" : "odd"});
  const store::Round round = ratings.create_round(planned);
  for (const std::string rater : {"ann", "ben"}) {
    const int64_t id = ratings.add_rater(round.id, rater, "hash of " + name + rater).id;
    for (int i = 0; i < kPrompts; ++i) {
      store::NewAssignment what;
      what.rater = id;
      what.item = i;
      what.first_is_left = i % 2 == 0;
      const store::Assignment given = ratings.assign(round.id, what).value();
      const int of_first = i % 3 == 0 ? -1 : 2;
      store::NewVote vote{fmt::format("key-{}", i), what.first_is_left ? of_first : -of_first, {}, "sealed", 1000};
      if (i == 4) vote.flags = {"left_refuses_wrongly"};
      if (i == 5) vote.flags = {"left_refuses_wrongly", "both_bad"};
      EXPECT_EQ(ratings.vote(id, given.id, vote), store::VoteOutcome::kStored);
    }
  }
  return ratings.find_round(name);
}

class StoredRound : public ::testing::Test {
 protected:
  StoredRound() {
    for (const std::string name : {"base", "tuned", "idle"}) {
      MadeRun run{testing::scored({1, 0})};
      run.manifest["model_name"] = "/somewhere/" + name + "-7b";
      runs_.push_back(made_.add(name, run).info.number);
    }
  }

  MadeStore made_;
  std::vector<int64_t> runs_;
};

TEST_F(StoredRound, IsReported) {
  store::Ratings ratings(made_.store().path(), store::Store::Mode::kWrite);
  const store::Round round = rated(ratings, "spring", {runs_[0], runs_[1]});
  const PreferenceReport report = preference_report(read_preference_round(made_.store(), ratings, round));
  EXPECT_EQ(report.models, (std::vector<std::string>{"base-7b", "tuned-7b"}));
  const PreferenceRow& all = report.pairs[0].all;
  EXPECT_EQ(all.votes, 24);
  EXPECT_EQ(all.win.count, 16);
  EXPECT_EQ(all.much_win.count, 16);
  EXPECT_EQ(all.loss.count, 8);
  EXPECT_EQ(report.pairs[0].both_bad.count, 2);
  EXPECT_EQ(report.flags[0].refuses_wrongly.count, 2) << "on prompt 4 it lay left";
  EXPECT_EQ(report.flags[1].refuses_wrongly.count, 2) << "on prompt 5 it did";
  EXPECT_EQ(report.agreement.alpha_steps, 1);
  EXPECT_EQ(report.covered.rated, kPrompts);
  EXPECT_EQ(report.coverage.size(), 2U);
  const std::string printed = preference_text(report) + preference_json(report).dump();
  for (const char* never : {"id-", "sealed", "secret", "hash"}) EXPECT_EQ(printed.find(never), std::string::npos);
}

TEST_F(StoredRound, StandsBesideTheScoresOfEachRun) {
  store::Ratings ratings(made_.store().path(), store::Store::Mode::kWrite);
  EXPECT_TRUE(preferences_beside(made_.store(), ratings, runs_[0]).empty());
  rated(ratings, "spring", {runs_[0], runs_[1]});
  rated(ratings, "autumn", {runs_[1], runs_[0]});
  const std::vector<PreferenceBeside> first = preferences_beside(made_.store(), ratings, runs_[0]);
  const std::vector<PreferenceBeside> second = preferences_beside(made_.store(), ratings, runs_[1]);
  ASSERT_EQ(first.size(), 2U);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(first[0].round, "spring");
  EXPECT_EQ(first[0].other_run, runs_[1]);
  EXPECT_EQ(first[0].other, "tuned-7b");
  EXPECT_DOUBLE_EQ(first[0].score, 2.0 / 3);
  EXPECT_DOUBLE_EQ(second[0].score, 1.0 / 3);
  EXPECT_DOUBLE_EQ(second[0].interval.low, 1 - first[0].interval.high);
  EXPECT_DOUBLE_EQ(first[1].score, 1.0 / 3) << "in autumn it is the second";
  EXPECT_TRUE(preferences_beside(made_.store(), ratings, runs_[2]).empty());
  const std::string text = preferences_beside_text(first);
  EXPECT_TRUE(text.starts_with("people: 66.7 (")) << text;
  EXPECT_NE(text.find(" against run 2, tuned-7b (24 votes, round spring)\n"), std::string::npos) << text;
  EXPECT_EQ(preferences_beside_json(first).size(), 2U);
}

}  // namespace
}  // namespace assay::reports
