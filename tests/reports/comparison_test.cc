// What is compared with what: pairs, clusters, averages, margins, flips, and how it is said.
#include "reports/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/comparison_text.h"
#include "reports/run_pairs.h"
#include "reports/words.h"
#include "scorers/statistics/clustered_stderr.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "tests/reports/made_runs.h"

namespace assay::reports {
namespace {

using testing::MadeRun;
using testing::MadeSample;
using testing::MadeStore;

// `both` samples right in both runs, then some right in A alone, in B alone, in neither.
std::pair<MadeRun, MadeRun> discordant(int both, int a_only, int b_only, int neither) {
  std::vector<double> a;
  std::vector<double> b;
  const auto add = [&](int n, double in_a, double in_b) {
    a.insert(a.end(), static_cast<size_t>(n), in_a);
    b.insert(b.end(), static_cast<size_t>(n), in_b);
  };
  add(both, 1, 1);
  add(a_only, 1, 0);
  add(b_only, 0, 1);
  add(neither, 0, 0);
  return {MadeRun{testing::scored(a)}, MadeRun{testing::scored(b)}};
}

TEST(Comparison, CountsDiscordantSamplesAndSaysWhatTheyMean) {
  MadeStore made;
  const auto [a, b] = discordant(60, 52, 34, 14);
  const TaskComparison task = compare_runs(made.store(), made.add("a", a), made.add("b", b), {});
  const ScoreComparison& score = task.scores.front();
  EXPECT_EQ(score.paired.n, 160);
  EXPECT_EQ(score.paired.a_only, 52);
  EXPECT_EQ(score.paired.b_only, 34);
  EXPECT_DOUBLE_EQ(score.paired.difference, -18.0 / 160);
  EXPECT_DOUBLE_EQ(score.paired.p, scorers::mcnemar_exact_p(52, 34));
  EXPECT_FALSE(score.bootstrap);
  EXPECT_EQ(sentence_of(score),
            "No difference is shown: B answers 34 questions that A missed and misses 52 that A answered; a difference "
            "this large arises by chance in 7 of 100 comparisons.");
  EXPECT_EQ(task.flips.size(), 86U);
  ASSERT_TRUE(task.margin);
  EXPECT_NEAR(task.margin->paired.difference, -18.0 / 160, 1e-12);  // the margins are made from the scores
  EXPECT_TRUE(task.margin->bootstrap);
}

TEST(Comparison, AVerdictNeedsMoreThanChance) {
  MadeStore made;
  const auto [a, b] = discordant(60, 52, 12, 14);
  const TaskComparison worse = compare_runs(made.store(), made.add("a", a), made.add("b", b), {});
  EXPECT_TRUE(sentence_of(worse.scores.front()).starts_with("B is worse: B answers 12 questions"));
  const TaskComparison better = compare_runs(made.store(), made.add("b2", b), made.add("a2", a), {});
  EXPECT_TRUE(sentence_of(better.scores.front()).starts_with("B is better: B answers 52 questions"));
  const TaskComparison same = compare_runs(made.store(), made.add("c", a), made.add("d", a), {});
  EXPECT_EQ(same.scores.front().paired.p, 1);
  EXPECT_TRUE(sentence_of(same.scores.front()).starts_with("No difference is shown: A and B answer the same"));
  EXPECT_TRUE(same.flips.empty());
}

TEST(Comparison, ClustersDecideTheErrorUnlessToldNotTo) {
  MadeStore made;
  auto [a, b] = discordant(40, 20, 10, 30);
  std::vector<int> cluster;
  for (size_t i = 0; i < a.samples.size(); ++i) {
    a.samples[i].subset = b.samples[i].subset = "s" + std::to_string(i % 25);
    a.samples[i].cluster = b.samples[i].cluster = a.samples[i].subset;
    cluster.push_back(static_cast<int>(i % 25));
  }
  const store::Run run_a = made.add("a", a);
  const store::Run run_b = made.add("b", b);
  const TaskComparison task = compare_runs(made.store(), run_a, run_b, {});
  const scorers::PairedComparison& paired = task.scores.front().paired;
  EXPECT_EQ(paired.clusters, 25);
  EXPECT_EQ(paired.method, scorers::PairedMethod::kClustered);
  std::vector<double> d;
  for (size_t i = 0; i < a.samples.size(); ++i) d.push_back(b.samples[i].score - a.samples[i].score);
  EXPECT_NEAR(paired.stderr_, scorers::clustered_stderr(d, cluster).cr1, 1e-12);
  EXPECT_NE(comparison_text({task}, 0).find("ignore the clusters"), std::string::npos);
  EXPECT_TRUE(task.warnings.empty());

  ComparisonOptions none;
  none.columns.clusters = false;
  EXPECT_EQ(compare_runs(made.store(), run_a, run_b, none).scores.front().paired.clusters, 0);
}

TEST(Comparison, FewClustersOneClusterAndOneSampleAreSaid) {
  struct Case {
    size_t samples;
    size_t clusters;
    const char* warning;
  };
  for (const Case& c : {Case{30, 5, "only 5 clusters"}, Case{30, 1, "of one cluster"}, Case{1, 1, "one sample"}}) {
    MadeStore made;
    MadeRun run{testing::scored(std::vector<double>(c.samples, 1))};
    for (size_t i = 0; i < c.samples; ++i) run.samples[i].cluster = "c" + std::to_string(i % c.clusters);
    MadeRun other = run;
    other.samples.front().score = 0;
    const TaskComparison task = compare_runs(made.store(), made.add("a", run), made.add("b", other), {});
    ASSERT_FALSE(task.warnings.empty()) << c.warning;
    EXPECT_NE(task.warnings.front().find(c.warning), std::string::npos) << task.warnings.front();
    EXPECT_FALSE(comparison_text({task}, 5).empty());
    EXPECT_FALSE(comparison_json({task}, 5).dump().empty());
  }
}

TEST(Comparison, AMacroAverageWeighsSubsetsAndLeavesOutThoseThatDoNotCount) {
  MadeStore made;
  MadeRun a;
  MadeRun b;
  const auto add = [&](const std::string& subset, int n, double in_a, double in_b) {
    for (int i = 0; i < n; ++i) {
      MadeSample sample;
      sample.id = subset + "/" + std::to_string(i);
      sample.subset = subset;
      sample.score = in_a;
      a.samples.push_back(sample);
      sample.score = in_b;
      b.samples.push_back(sample);
    }
  };
  add("large", 90, 1, 1);
  add("small", 10, 0, 1);
  add("left out", 20, 1, 0);
  for (MadeRun* run : {&a, &b}) {
    run->manifest["scored"]["headline"] = "macro";
    run->manifest["scored"]["averaged_subsets"] = {"large", "small"};
  }
  const TaskComparison task = compare_runs(made.store(), made.add("a", a), made.add("b", b), {{}, {}, true});
  const ScoreComparison& score = task.scores.front();
  EXPECT_TRUE(score.macro);
  EXPECT_EQ(score.paired.n, 100);
  EXPECT_NEAR(score.paired.a, 0.5, 1e-12);
  EXPECT_NEAR(score.paired.difference, 0.5, 1e-12);
  ASSERT_EQ(task.subsets.size(), 3U);
  EXPECT_EQ(task.subsets[1].subset, "left out");
  EXPECT_NEAR(task.subsets[1].score.paired.difference, -1, 1e-12);
  std::vector<double> p;
  for (const SubsetComparison& subset : task.subsets) p.push_back(subset.score.paired.p);
  EXPECT_DOUBLE_EQ(task.subsets[1].score.p_holm, scorers::holm(p)[1]);
}

TEST(Comparison, TasksAreCorrectedTogether) {
  MadeStore made;
  std::vector<MadeRun> a;
  std::vector<MadeRun> b;
  for (const auto& [name, b_only] : std::map<std::string, int>{{"x", 20}, {"y", 25}, {"z", 38}}) {
    auto [run_a, run_b] = discordant(50, 40, b_only, 10);
    run_a.task = run_b.task = name;
    a.push_back(run_a);
    b.push_back(run_b);
  }
  made.add("a", a);
  made.add("b", b);
  std::vector<TaskComparison> tasks;
  const RunPairs pairs = pair_tasks(made.store(), "a", "b");
  for (const auto& [run_a, run_b] : pairs.pairs) tasks.push_back(compare_runs(made.store(), run_a, run_b, {}));
  correct_over_tasks(tasks);
  std::vector<double> p;
  for (const TaskComparison& task : tasks) p.push_back(task.scores.front().paired.p);
  const std::vector<double> holm = scorers::holm(p);
  for (size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(tasks[i].scores.front().p_holm, holm[i]);
  const store::Json json = comparison_json(tasks, 3);
  EXPECT_EQ(json.at("tasks").size(), 3U);
  EXPECT_EQ(json.at("tasks")[0].at("flips").size(), 3U);
  EXPECT_EQ(json.at("tasks")[0].at("changed"), 60);
}

TEST(Comparison, FlipsComeWithTheLargestChangeOfMarginFirst) {
  MadeStore made;
  MadeRun a{testing::scored({1, 0, 1, 1})};
  MadeRun b{testing::scored({0, 1, 1, 0})};
  for (size_t i = 0; i < 4; ++i) {
    a.samples[i].margin = a.samples[i].score > 0 ? 1 : -1;
    b.samples[i].margin = a.samples[i].margin + std::vector<double>{-2, 5, 9, -3}[i];
  }
  const TaskComparison task = compare_runs(made.store(), made.add("a", a), made.add("b", b), {});
  ASSERT_EQ(task.flips.size(), 3U);  // q/2 changed its margin most, but not its score
  EXPECT_EQ(task.flips[0].id, "q/1");
  EXPECT_EQ(task.flips[1].id, "q/3");
  EXPECT_EQ(task.flips[2].id, "q/0");
  EXPECT_DOUBLE_EQ(*task.flips[0].margin_change, 5);
  EXPECT_EQ(task.flips[0].gold, "A");
  EXPECT_EQ(task.flips[0].answer_a, "B");
  EXPECT_NE(comparison_text({task}, 2).find("(1 more changed)"), std::string::npos);
}

TEST(Comparison, AMetricIsChosenByNameOrFilter) {
  MadeStore made;
  MadeRun run{testing::scored({1, 0})};
  run.score_name = run.filter = "strict-match";
  run.metric = "exact_match";
  const store::Run a = made.add("a", run);
  const store::Run b = made.add("b", run);
  for (const char* name : {"", "exact_match", "strict-match"}) {
    ComparisonOptions options;
    options.columns.metric = name;
    EXPECT_EQ(compare_runs(made.store(), a, b, options).scores.front().name.filter, "strict-match");
  }
  ComparisonOptions options;
  options.columns.metric = "bleu";
  EXPECT_THROW(compare_runs(made.store(), a, b, options), Error);
}

TEST(Comparison, ManyTasksAreListedOnEightyColumns) {
  MadeStore made;
  const auto [a, b] = discordant(600, 152, 134, 114);
  const TaskComparison task = compare_runs(made.store(), made.add("a", a), made.add("b", b), {});
  const std::string text = comparison_text({task}, 5);
  for (const std::string_view line : split_lines(text)) EXPECT_LE(count_code_points(line), 80U) << line;
}

TEST(RunPairs, BatchesArePairedTaskByTask) {
  MadeStore made;
  MadeRun x{testing::scored({1})};
  MadeRun y = x;
  x.task = "x";
  y.task = "y";
  MadeRun z = x;
  z.task = "z";
  made.add("a", {x, y});
  made.add("b", {y, z});
  made.add("c", z);
  const RunPairs pairs = pair_tasks(made.store(), "a", "b");
  ASSERT_EQ(pairs.pairs.size(), 1U);
  EXPECT_EQ(pairs.pairs[0].first.info.task, "y");
  EXPECT_EQ(pairs.only_a, std::vector<std::string>{"x"});
  EXPECT_EQ(pairs.only_b, std::vector<std::string>{"z"});
  EXPECT_THROW(pair_tasks(made.store(), "a", "c"), Error);
  EXPECT_EQ(pair_tasks(made.store(), "a/x", "c").pairs.size(), 1U) << "single runs are paired, and then refused";
}

TEST(Words, NumbersAndChances) {
  EXPECT_EQ(count_of(1, "sample"), "1 sample");
  EXPECT_EQ(count_of(3100, "sample"), "3,100 samples");
  EXPECT_EQ(count_of(1234567, "token"), "1,234,567 tokens");
  EXPECT_EQ(format_p(0.00001), "< 0.0001");
  EXPECT_EQ(format_p(0.0034), "0.0034");
  EXPECT_EQ(format_p(0.25), "0.250");
  EXPECT_EQ(by_chance(0.06), "in 6 of 100 comparisons");
  EXPECT_EQ(by_chance(0.004), "in fewer than 1 of 100 comparisons");
  EXPECT_EQ(by_chance(1), "in nearly every comparison");
  EXPECT_EQ(wrapped("one two three", "  ", 9), "  one two\n  three\n");
}

}  // namespace
}  // namespace assay::reports
