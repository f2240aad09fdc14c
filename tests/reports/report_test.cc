#include "reports/report.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using testing::made_run;
using testing::MadeRun;
using testing::MadeStore;
using testing::report_of;

ReportOptions against(const std::string& baseline, std::optional<double> margin = std::nullopt) {
  ReportOptions options;
  options.baseline = baseline;
  options.margin_points = margin;
  return options;
}

// `made_run` with `n` samples of which the last `lost` are missed though the baseline's are all right.
std::vector<MadeRun> tasks_that_lose(int n, const std::vector<std::pair<std::string, int>>& lost) {
  std::vector<MadeRun> runs;
  for (const auto& [task, count] : lost) runs.push_back(made_run(task, n, n - count));
  return runs;
}

TEST(Report, VerdictsAreThoseOfTheGate) {
  MadeStore made;
  made.add("main", tasks_that_lose(400, {{"bad", 0}, {"good", 0}, {"unclear", 0}}));
  made.add("pr", tasks_that_lose(400, {{"bad", 80}, {"good", 0}, {"unclear", 6}}));
  const Report report = report_of(made.store(), {"pr"}, against("main", 2));
  ASSERT_EQ(report.runs.size(), 3U);
  GateReportOptions options;
  options.margin_points = 2;
  std::vector<std::pair<store::Run, store::Run>> pairs;
  for (const ReportedRun& run : report.runs) {
    ASSERT_TRUE(run.gate.has_value());
    pairs.emplace_back(run.comparison->a, run.run);
  }
  const GateReport gate = gate_runs(made.store(), pairs, options);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(to_string(report.runs[i].verdict), to_string(gate.tasks[i].verdict));
    EXPECT_EQ(report.runs[i].gate->p_inferior_holm, gate.tasks[i].p_inferior_holm);
  }
  EXPECT_EQ(report.runs[0].verdict, ReportVerdict::kRegressed);
  EXPECT_EQ(report.runs[1].verdict, ReportVerdict::kPassed);
  EXPECT_EQ(report.runs[2].verdict, ReportVerdict::kInconclusive);
  EXPECT_EQ(report.verdict, ReportVerdict::kRegressed);
  EXPECT_NE(report.runs[2].message.find("would settle it"), std::string::npos);
}

TEST(Report, WithoutAMarginTheyAreThoseOfTheComparison) {
  MadeStore made;
  made.add("main", {made_run("worse", 100, 100), made_run("better", 100, 50), made_run("same", 100, 60)});
  made.add("pr", {made_run("worse", 100, 50), made_run("better", 100, 100), made_run("same", 100, 60)});
  const Report report = report_of(made.store(), {"pr"}, against("main"));
  EXPECT_EQ(report.runs[0].verdict, ReportVerdict::kWorse);
  EXPECT_EQ(report.runs[1].verdict, ReportVerdict::kBetter);
  EXPECT_EQ(report.runs[2].verdict, ReportVerdict::kNoDifference);
  EXPECT_EQ(report.verdict, ReportVerdict::kWorse);
  EXPECT_FALSE(report.runs[0].gate.has_value());
  EXPECT_EQ(report.runs[0].message,
            "answers 0 questions that the baseline missed and misses 50 that it answered; a difference this large "
            "arises by chance in fewer than 1 of 1,000 comparisons (corrected for the tasks compared: p below 0.0001)");
  EXPECT_EQ(report.runs[2].message, "is right and wrong on the same 100 questions as the baseline");
}

TEST(Report, WhatCannotBeComparedIsAFindingAndNoError) {
  MadeStore made;
  made.add("main", {made_run("mmlu", 4, 2), made_run("only_main", 4, 2), made_run("arc", 4, 2)});
  MadeRun other = made_run("mmlu", 4, 2);
  other.manifest["asked"]["shots"] = 0;
  MadeRun partly = made_run("arc", 4, 2);
  made.add("pr", {other, made_run("only_pr", 4, 2)});
  made.set_state(store::State::kInterrupted);
  partly.samples[3].answered = false;
  made.add("stopped", partly);
  const Report report = report_of(made.store(), {"pr", "stopped", "main/mmlu"}, against("main"));
  EXPECT_EQ(report.runs[0].verdict, ReportVerdict::kRefused);
  EXPECT_NE(report.runs[0].message.find("asked.shots is 5 and 0"), std::string::npos) << report.runs[0].message;
  EXPECT_EQ(report.runs[1].verdict, ReportVerdict::kUnpaired);
  EXPECT_EQ(report.runs[2].verdict, ReportVerdict::kUnfinished);
  EXPECT_EQ(report.runs[2].message, "interrupted: 3 of 4 samples answered; continue it with assay run --resume");
  EXPECT_EQ(report.runs[3].verdict, ReportVerdict::kScored);  // the baseline itself
  EXPECT_EQ(report.missing_tasks, std::vector<std::string>{"only_main"});
  EXPECT_EQ(report.verdict, ReportVerdict::kRefused);

  ReportOptions allowing = against("main");
  allowing.allow = {"shots"};
  EXPECT_EQ(report_of(made.store(), {"pr"}, allowing).runs[0].verdict, ReportVerdict::kNoDifference);
}

TEST(Report, ABatchIsJudgedByItselfWhateverElseIsReported) {
  MadeStore made;
  made.add("main", made_run("mmlu", 60, 30));
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) {
    names.push_back("pr-" + std::to_string(i));
    made.add(names.back(), made_run("mmlu", 60, 30 - i));
  }
  const Report together = report_of(made.store(), names, against("main", 1));
  for (size_t i = 0; i < names.size(); ++i) {
    const Report alone = report_of(made.store(), {names[i]}, against("main", 1));
    EXPECT_EQ(together.runs[i].verdict, alone.runs[0].verdict);
    EXPECT_EQ(together.runs[i].gate->p_inferior_holm, alone.runs[0].gate->p_inferior_holm);
  }
}

TEST(Report, TheTextOfAHiddenSetIsNotInIt) {
  MadeStore made;
  const auto run = [](double score) {
    MadeRun hidden = made_run("preference", 0, 0);
    hidden.manifest["asked"]["hidden_set"] = "5e7";
    hidden.samples = {{.id = "advice-001", .score = score}, {.id = "advice-002", .score = 1}};
    for (auto& sample : hidden.samples) sample.text = sample.gold = sample.extracted = "SECRET";
    return hidden;
  };
  made.add("main", run(1));
  made.add("pr", run(0));
  const Report report = report_of(made.store(), {"pr"}, against("main"));
  ASSERT_TRUE(report.runs[0].comparison.has_value());
  EXPECT_TRUE(report.runs[0].hidden);
  ASSERT_EQ(report.runs[0].comparison->flips.size(), 1U);
  const Flip& flip = report.runs[0].comparison->flips[0];
  EXPECT_EQ(flip.id, "advice-001");
  EXPECT_EQ(flip.gold + flip.answer_a + flip.answer_b, "");
  EXPECT_EQ(report.runs[0].replay, "");
}

TEST(Report, TheMostTellingFlipsAreOfTheWorstTaskAndLosses) {
  MadeStore made;
  made.add("main", {made_run("worse", 100, 90), made_run("better", 100, 10)});
  made.add("pr", {made_run("worse", 100, 20), made_run("better", 100, 90)});
  const Report report = report_of(made.store(), {"pr"}, against("main"));
  const std::vector<TellingFlip> flips = telling_flips(report, 5);
  ASSERT_EQ(flips.size(), 5U);
  for (const TellingFlip& telling : flips) {
    EXPECT_EQ(telling.run->run.info.task, "worse");
    EXPECT_LT(telling.flip->score_b, telling.flip->score_a);
  }
  EXPECT_EQ(telling_flips(report, 1000).size(), 70U + 80U);
  EXPECT_EQ(telling_flips(report.runs[1], 1)[0].run->run.info.task, "better");
}

TEST(Report, CostIsWhatTheStoreKnows) {
  MadeStore made;
  MadeRun words = made_run("gsm8k", 0, 0);
  words.samples = {{.id = "a", .score = 1}, {.id = "b", .score = 0}, {.id = "c", .score = 0}};
  for (auto& sample : words.samples) sample.text = sample.extracted = "1";
  words.samples[2].answered = false;
  made.add("words", words);
  made.add("options", made_run("mmlu", 3, 1));
  const Report report = report_of(made.store(), {"words", "options"});
  EXPECT_EQ(report.runs[0].cost.prompt_tokens, 20);
  EXPECT_EQ(report.runs[0].cost.generated_tokens, 6);
  EXPECT_EQ(report.runs[1].cost.prompt_tokens, 30);
  EXPECT_EQ(report.runs[1].cost.generated_tokens, 0);
}

TEST(Report, CostOfABatchIsThatOfItsSessions) {
  MadeStore made;
  made.add("silent", made_run("mmlu", 3, 1));
  made.set_sessions({{"", "cpu avx2 f32, 2 threads", 1.5, store::SessionWork{10, 100, 0, 0, {}, {}}},
                     {"", "cpu avx512 f32, 2 threads", 0.5, store::SessionWork{30, 500, 20, 0, 600, 100}},
                     {"", "cpu avx2 f32, 2 threads", 2, {}}});
  made.add("slow", {made_run("mmlu", 3, 1), made_run("arc", 3, 1)});
  made.set_sessions({{"", "endpoint", 0, store::SessionWork{4, 7, 8, 9, {}, {}}}});
  made.add("far", made_run("mmlu", 3, 1));
  made.set_sessions({{"", "cpu", 3, {}}});
  made.add("killed", made_run("mmlu", 3, 1));
  const Report report = report_of(made.store(), {"silent", "slow", "far", "killed"});
  EXPECT_FALSE(report.runs[0].cost.batch);
  EXPECT_EQ(cost_words(report.runs[0].cost), "30 prompt tokens");
  for (const size_t run : {1, 2}) {
    const BatchCost& cost = report.runs[run].cost.batch.value();
    EXPECT_EQ(cost.sessions, 3U);
    EXPECT_EQ(cost.unfinished, 1U);
    EXPECT_EQ(cost.computed_by, (std::vector<std::string>{"cpu avx2 f32, 2 threads", "cpu avx512 f32, 2 threads"}));
    EXPECT_EQ(cost.load_seconds, 4);
    EXPECT_EQ(cost.seconds, 40);
    EXPECT_EQ(cost.prompt_tokens, 600);
    EXPECT_EQ(cost.generated_tokens, 20);
    EXPECT_EQ(cost.peak_share, 0.2) << "of the session that looked at the limit";
  }
  EXPECT_EQ(cost_words(report.runs[1].cost), "30 prompt tokens, its batch computed for 40.0 s");
  EXPECT_EQ(report.runs[3].cost.batch.value().requests, 9);
  EXPECT_EQ(report.runs[3].cost.batch.value().peak_share, std::nullopt);
  EXPECT_EQ(cost_words(report.runs[4].cost), "30 prompt tokens");
}

TEST(Report, TheReplayCommandIsQuotedForAShell) {
  MadeStore made;
  made.add("night-12", made_run("mmlu", 1, 1));
  made.add("it's $(here)", made_run("mmlu", 1, 1));
  MadeRun elsewhere = made_run("mmlu", 1, 1);
  elsewhere.manifest["computed"]["weights_sha256"] = "unknown";
  made.add("elsewhere", elsewhere);
  const Report report = report_of(made.store(), {"night-12", "it's $(here)", "elsewhere"});
  EXPECT_EQ(report.runs[0].replay, "assay replay night-12/mmlu --items 20");
  EXPECT_EQ(report.runs[1].replay, "assay replay 'it'\\''s $(here)/mmlu' --items 20");
  EXPECT_EQ(report.runs[2].replay, "");
}

TEST(Report, PublishedNumbersStandBesideTheModelTheyAreOf) {
  MadeStore made;
  made.add("llama", made_run("mmlu", 4, 2, "Meta-Llama-3-8B"));
  made.add("other", made_run("mmlu", 4, 2, "another"));
  ReportOptions options;
  options.published = {{"Llama 3 8B", "pretrained", "mmlu", "accuracy", 66.6, "66.6", "percent", "5", "", "Meta",
                        "https://example.com", "2024-04-18", "primary", ""}};
  const Report report = report_of(made.store(), {"llama", "other"}, options);
  EXPECT_EQ(report.runs[0].published.size(), 1U);
  EXPECT_TRUE(report.runs[1].published.empty());
}

TEST(Report, OptionsThatMakeNoSense) {
  MadeStore made;
  made.add("a", made_run("mmlu", 4, 2));
  ReportOptions no_baseline;
  no_baseline.margin_points = 1;
  ReportOptions unknown_field = against("a");
  unknown_field.allow = {"shoots"};
  for (const ReportOptions& options : {no_baseline, unknown_field, against("nobody")}) {
    try {
      report_of(made.store(), {"a"}, options);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::reports
