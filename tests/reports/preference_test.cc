// What is counted in a round, and the numbers against a computation of their own; odd rounds; what the report says.
#include "reports/preference.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "reports/preference_json.h"
#include "reports/preference_strengths.h"
#include "reports/preference_text.h"
#include "reports/preference_words.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/student_t.h"
#include "tests/reports/made_round.h"

namespace assay::reports {
namespace {

using testing::drawn_round;
using testing::DrawnRound;
using testing::MadeRound;
using testing::MadeVote;

// The squared error of a mean by clusters, "CR2": Σ S_g²/(1−h_g) / N².
template <typename Key>
double squared_error(const std::vector<store::Rating>& votes, const std::vector<double>& values, Key key) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  std::map<std::string, std::pair<double, double>> clusters;
  for (size_t i = 0; i < votes.size(); ++i) {
    clusters[key(votes[i])].first += values[i] - mean;
    clusters[key(votes[i])].second += 1;
  }
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const auto& [name, cluster] : clusters) sum += cluster.first * cluster.first / (1 - cluster.second / n);
  return sum / (n * n);
}

std::vector<store::Rating> of_kind(const PreferenceRound& round, store::Rating::Kind kind) {
  std::vector<store::Rating> votes;
  for (const store::Rating& rating : round.ratings) {
    if (rating.kind == kind) votes.push_back(rating);
  }
  return votes;
}

TEST(Preference, CountsAndScoreAgreeWithAComputationOfTheirOwn) {
  MadeRound made = drawn_round({.prompts = 60, .seed = 7});
  const std::vector<store::Rating> votes = of_kind(made.round(), store::Rating::kPair);
  std::vector<double> values;
  std::map<int, int64_t> steps;
  for (const store::Rating& vote : votes) {
    ++steps[vote.choice];
    values.push_back(vote.choice > 0 ? 1 : vote.choice == 0 ? 0.5 : 0);
  }
  const PreferenceReport report = made.report();
  ASSERT_EQ(report.pairs.size(), 1U);
  const PreferenceRow& all = report.pairs[0].all;
  EXPECT_EQ(all.votes, 120);
  EXPECT_EQ(all.prompts, 60);
  EXPECT_EQ(all.raters, 5);
  EXPECT_EQ(all.win.count, steps[1] + steps[2]);
  EXPECT_EQ(all.tie.count, steps[0]);
  EXPECT_EQ(all.loss.count, steps[-1] + steps[-2]);
  EXPECT_EQ(all.much_win.count, steps[2]);
  EXPECT_EQ(all.much_loss.count, steps[-2]);

  const double score = (static_cast<double>(all.win.count) + static_cast<double>(all.tie.count) / 2) / 120;
  const double by_prompt = squared_error(votes, values, [](const auto& vote) { return vote.prompt; });
  const double by_rater = squared_error(votes, values, [](const auto& vote) { return vote.rater; });
  const double by_both = squared_error(votes, values, [](const auto& vote) { return vote.prompt + vote.rater; });
  const double variance = std::max({by_prompt + by_rater - by_both, by_prompt, by_rater, by_both});
  const double effective = score * (1 - score) / variance;
  const double t = scorers::student_quantile(0.975, all.score.mean.freedom);
  const double middle = (score + t * t / (2 * effective)) / (1 + t * t / effective);
  const double half =
      t * std::sqrt(score * (1 - score) / effective + t * t / (4 * effective * effective)) / (1 + t * t / effective);
  EXPECT_NEAR(all.score.mean.mean, score, 1e-14);
  EXPECT_NEAR(all.score.mean.stderr_, std::sqrt(variance), 1e-14);
  EXPECT_NEAR(all.score.interval.low, middle - half, 1e-12);
  EXPECT_NEAR(all.score.interval.high, middle + half, 1e-12);
  const double statistic = (score - 0.5) / std::sqrt(0.25 / effective);
  EXPECT_NEAR(all.p, 2 * scorers::student_upper_tail(std::fabs(statistic), all.score.mean.freedom), 1e-12);
  EXPECT_EQ(all.p<0.05, all.score.interval.low> 0.5 || all.score.interval.high < 0.5);
  EXPECT_EQ(all.p, all.p_holm) << "one pair alone";
  // A difference of just what can be detected is found in 80 %.
  const double power = scorers::student_quantile(0.8, all.score.mean.freedom) + t;
  ASSERT_TRUE(all.detectable);
  EXPECT_NEAR(*all.detectable, power * std::sqrt(0.25 / effective), 1e-12);
  // More prompts leave what the raters differ by as it is.
  const double stays = std::max(by_rater - by_both, 0.0) / variance * 0.25 / effective;
  const double room = std::pow(0.05 / power, 2) - stays;
  ASSERT_EQ(all.prompts_for_5.has_value(), room > 0);
  const auto needed = static_cast<int64_t>(std::ceil((0.25 / effective - stays) * 60 / room));
  EXPECT_EQ(all.prompts_for_5.value_or(0), room > 0 ? needed : 0);
}

TEST(Preference, FivePointsNeedMorePromptsOrOtherRaters) {
  int more = 0;
  int none = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const PreferenceRow row = drawn_round({.prompts = 60, .left_leaning = 0, .seed = seed}).report().pairs[0].all;
    ASSERT_TRUE(row.detectable);
    EXPECT_GT(*row.detectable, 0.05);
    EXPECT_GT(row.prompts_for_5.value_or(61), 60);
    ++(row.prompts_for_5 ? more : none);
  }
  EXPECT_GT(more, 0);
  EXPECT_GT(none, 0);
}

TEST(Preference, CategoriesAreRoundsOfTheirOwn) {
  MadeRound made = drawn_round({.prompts = 61, .seed = 3});
  const PreferenceReport report = made.report();
  int64_t votes = 0;
  std::vector<double> p;
  for (const PreferenceRow& row : report.pairs[0].categories) {
    MadeRound alone = drawn_round({.prompts = 61, .seed = 3});
    std::erase_if(alone.round().ratings, [&](const auto& rating) { return rating.category != row.category; });
    const PreferenceRow same = alone.report().pairs[0].all;
    EXPECT_EQ(row.votes, same.votes);
    EXPECT_EQ(row.win.count, same.win.count);
    EXPECT_DOUBLE_EQ(row.score.interval.low, same.score.interval.low);
    EXPECT_DOUBLE_EQ(row.p, same.p);
    votes += row.votes;
    p.push_back(row.p);
  }
  EXPECT_EQ(votes, 122);
  const std::vector<double> holm = scorers::holm(p);
  for (size_t i = 0; i < p.size(); ++i) EXPECT_DOUBLE_EQ(report.pairs[0].categories[i].p_holm, holm[i]);
}

TEST(Preference, RepeatsAndGoldAreInNoResult) {
  MadeRound made = drawn_round({.seed = 11});
  MadeRound plain = drawn_round({.seed = 11});
  std::erase_if(plain.round().ratings, [](const auto& rating) { return rating.kind != store::Rating::kPair; });
  const store::Json with = preference_json(made.report());
  const store::Json without = preference_json(plain.report());
  ASSERT_NE(with.at("all_raters").at("repeats"), nullptr);
  for (const char* part : {"votes", "models", "pairs", "strengths", "agreement", "coverage"}) {
    EXPECT_EQ(with.at(part), without.at(part)) << part;
  }
}

TEST(Preference, SidesOfAPairThatIsTurnedAreTurnedBack) {
  const auto made = [](bool turned) {
    MadeRound round;
    for (int i = 0; i < 12; ++i) {
      MadeVote vote{.prompt = fmt::format("p{}", i),
                    .choice = i % 3 - 1,
                    .first_is_left = i % 4 == 0,
                    .flags = {i % 2 == 0 ? "first_unsafe" : "second_broken"}};
      if (turned && i % 5 == 0) {
        std::swap(vote.first, vote.second);
        vote.choice = -vote.choice;
        vote.first_is_left = !vote.first_is_left;
        vote.flags = {i % 2 == 0 ? "second_unsafe" : "first_broken"};
      }
      round.add(vote);
    }
    return preference_json(round.report());
  };
  EXPECT_EQ(made(false).at("pairs"), made(true).at("pairs"));
  EXPECT_EQ(made(false).at("models"), made(true).at("models"));
  EXPECT_EQ(made(false).at("raters"), made(true).at("raters"));
  EXPECT_EQ(made(false).at("models")[0].at("flags").at("unsafe").at("count"), 6);
  EXPECT_EQ(made(false).at("models")[0].at("flags").at("broken").at("count"), 0);
  EXPECT_EQ(made(false).at("models")[1].at("flags").at("broken").at("count"), 6);
}

TEST(Preference, StrengthsFulfilTheLikelihoodsEquations) {
  MadeRound made = drawn_round({.models = 4, .prompts = 30, .seed = 5});
  const Strengths strengths = made.report().strengths;
  ASSERT_TRUE(strengths.fit);
  ASSERT_EQ(strengths.models.size(), 4U);
  const scorers::Davidson& fit = strengths.fit->fit;
  // At the maximum each model has as many points as the fitted chances give it, and there are as many ties.
  std::vector<double> excess(4);
  double ties = 0;
  for (const store::Rating& vote : of_kind(made.round(), store::Rating::kPair)) {
    const size_t i = static_cast<size_t>(vote.first_run - 10);
    const size_t j = static_cast<size_t>(vote.second_run - 10);
    const double d = fit.log_strength[i] - fit.log_strength[j];
    const double sum = std::exp(d / 2) + fit.nu + std::exp(-d / 2);
    const double expected = (std::exp(d / 2) + fit.nu / 2) / sum;
    const double points = vote.choice > 0 ? 1 : vote.choice == 0 ? 0.5 : 0;
    excess[i] += points - expected;
    excess[j] += expected - points;
    ties += (vote.choice == 0 ? 1 : 0) - fit.nu / sum;
  }
  for (const double e : excess) EXPECT_NEAR(e, 0, 1e-6);
  EXPECT_NEAR(ties, 0, 1e-6);
  const store::Json json = preference_json(made.report());
  const store::Json& first = json.at("strengths").at("models")[0];
  EXPECT_NEAR(first.at("elo").get<double>(), 400 / std::log(10) * first.at("log_strength").get<double>(), 1e-9);
  EXPECT_EQ(json.at("strengths").at("differences").size(), 6U);
}

TEST(Preference, AgreementIsThatOfItemsWithSeveralVotes) {
  MadeRound made;
  // Krippendorff's canonical form: pairs of values within items against pairs of all values.
  const std::vector<std::vector<int>> items = {{1, 1, 2}, {0, 0}, {-1, -2}, {2, 2, 1}, {0, 1}, {-2, -2}, {1}};
  double observed = 0;
  std::vector<int> values;
  const char* raters[] = {"ann", "bob", "cho"};
  const auto direction = [](int v) { return (v > 0) - (v < 0); };
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t k = 0; k < items[i].size(); ++k) {
      made.add({.prompt = fmt::format("p{}", i), .rater = raters[k], .choice = items[i][k]});
      if (items[i].size() < 2) continue;
      values.push_back(direction(items[i][k]));
      for (size_t m = 0; m < items[i].size(); ++m) {
        const bool differ = direction(items[i][k]) != direction(items[i][m]);
        observed += (differ ? 1.0 : 0.0) / static_cast<double>(items[i].size() - 1);
      }
    }
  }
  double expected = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t k = 0; k < values.size(); ++k) expected += values[i] != values[k] ? 1 : 0;
  }
  const double n = static_cast<double>(values.size());
  const Agreement agreement = made.report().agreement;
  EXPECT_EQ(agreement.items, 6);
  EXPECT_EQ(agreement.votes, 14);
  EXPECT_NEAR(agreement.alpha_verdict, 1 - (observed / n) / (expected / (n * (n - 1))), 1e-12);
  EXPECT_GT(agreement.alpha_steps, agreement.alpha_verdict) << "1 and 2 are close to one another";
}

TEST(Preference, ARatersQualityIsCounted) {
  MadeRound made;
  std::vector<int64_t> first;
  for (int i = 0; i < 20; ++i) {
    first.push_back(made.add({.prompt = fmt::format("p{}", i),
                              .choice = i < 4 ? 0 : (i % 2 == 0 ? 1 : -1),
                              .first_is_left = i % 2 == 0,
                              .active_ms = 1000 * (i + 1)}));
  }
  for (size_t i = 0; i < 8; ++i) {
    const int before = made.round().ratings[i].choice;
    made.add({.prompt = fmt::format("p{}", i),
              .choice = i < 2 ? 0 : (i < 4 ? 1 : 2 * before),
              .kind = store::Rating::kRepeat,
              .repeats = first[i]});
  }
  made.add({.prompt = "gone", .choice = 1, .kind = store::Rating::kRepeat, .repeats = 999});
  for (int i = 0; i < 6; ++i) {
    made.add({.prompt = fmt::format("g{}", i), .choice = i < 4 ? 2 : -1, .kind = store::Rating::kGold});
  }
  const PreferenceReport report = made.report();
  ASSERT_EQ(report.raters.size(), 1U);
  const RaterQuality& ann = report.raters[0];
  EXPECT_EQ(ann.votes, 20);
  EXPECT_EQ(ann.ties, 4);
  EXPECT_DOUBLE_EQ(ann.median_seconds, 10.5);
  EXPECT_EQ(ann.left.asked, 16);
  EXPECT_EQ(ann.left.counted, 16) << "the left answer always";
  EXPECT_NEAR(ann.left_p, 2 * std::pow(0.5, 16), 1e-15);
  EXPECT_NEAR(ann.left_interval.low, 16 / (16 + 1.959963984540054 * 1.959963984540054), 1e-12);
  EXPECT_EQ(ann.repeats.asked, 8) << "the ninth repeats a vote that was withdrawn";
  EXPECT_EQ(ann.repeats.counted, 6);
  // Steps before: 4 of 0, then 1, -1, 1, -1; after: 0, 0, 1, 1, then 2, -2, 2, -2. Squared distances against chance.
  const std::vector<int> before = {0, 0, 0, 0, 1, -1, 1, -1};
  const std::vector<int> after = {0, 0, 1, 1, 2, -2, 2, -2};
  double observed = 0;
  double chance = 0;
  for (size_t i = 0; i < 8; ++i) {
    observed += std::pow(before[i] - after[i], 2) / 8;
    for (size_t k = 0; k < 8; ++k) chance += std::pow(before[i] - after[k], 2) / 64;
  }
  EXPECT_NEAR(ann.kappa, 1 - observed / chance, 1e-12);
  EXPECT_EQ(ann.gold.asked, 6);
  EXPECT_EQ(ann.gold.counted, 4);
  const std::string text = preference_text(report);
  EXPECT_NE(text.find("ann prefers an answer to another prompt in 2 of 6 gold pairs"), std::string::npos) << text;
  EXPECT_NE(text.find("ann prefers the left side beyond chance"), std::string::npos) << text;
}

TEST(Preference, ARaterLeftOutIsNamedAndStillJudged) {
  MadeRound made = drawn_round({.seed = 2});
  PreferenceOptions options;
  options.without = {"bob"};
  const PreferenceReport report = made.report(options);
  EXPECT_EQ(report.votes, 96);
  EXPECT_EQ(report.pairs[0].all.raters, 4);
  EXPECT_EQ(report.all_raters.votes, 96);
  EXPECT_TRUE(report.raters[1].left_out);
  EXPECT_EQ(report.raters[1].votes, 24);
  EXPECT_LT(report.covered.rated, report.covered.items) << "his items lack a vote";
  const std::string text = preference_text(report);
  EXPECT_NE(text.find("without the votes of bob (--without)"), std::string::npos);
  EXPECT_NE(text.find("  bob *"), std::string::npos);
  EXPECT_EQ(preference_json(report).at("without"), store::Json::array({"bob"}));

  options.without = {"bop"};
  try {
    made.report(options);
    ADD_FAILURE() << "bop is nobody";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("did you mean 'bob'?"), std::string::npos) << error.what();
  }
}

TEST(Preference, CoverageCountsItemsWithAllTheirVotes) {
  MadeRound made(2, 2);
  for (int i = 0; i < 10; ++i) {
    made.add({.prompt = fmt::format("p{}", i), .rater = "ann", .choice = 1});
    if (i < 7) made.add({.prompt = fmt::format("p{}", i), .rater = "bob", .choice = 1});
  }
  made.round().items.push_back({"p10", "advice", 0, 1});
  const PreferenceReport report = made.report();
  EXPECT_EQ(report.covered.rated, 7);
  EXPECT_EQ(report.covered.items, 11);
  ASSERT_EQ(report.coverage.size(), 1U);
  EXPECT_EQ(report.coverage[0].rated, 7);
}

TEST(Preference, WrongOptionsAndDamagedRoundsAreSaid) {
  MadeRound made = drawn_round({.prompts = 10});
  PreferenceOptions none;
  none.min_count = 0;
  EXPECT_THROW(made.report(none), Error);
  MadeRound other_run = drawn_round({.prompts = 10});
  other_run.round().ratings[3].first_run = 99;
  EXPECT_THROW(other_run.report(), Error);
  MadeRound one_run = drawn_round({.prompts = 10});
  one_run.round().ratings[3].second_run = 10;
  EXPECT_THROW(one_run.report(), Error);
  MadeRound beyond = drawn_round({.prompts = 10});
  beyond.round().ratings[3].choice = 3;
  EXPECT_THROW(beyond.report(), Error);
}

TEST(Preference, ModelsHaveLetters) {
  EXPECT_EQ(model_letter(0), "A");
  EXPECT_EQ(model_letter(25), "Z");
  EXPECT_EQ(model_letter(26), "AA");
  EXPECT_EQ(model_letter(27), "AB");
  EXPECT_EQ(model_letter(701), "ZZ");
}

}  // namespace
}  // namespace assay::reports
