// Stored answers by an edited task file: what changes, what stays, and what is refused.
#include <gtest/gtest.h>

#include <iostream>

#include "store/store.h"
#include "tests/harness/assay.h"
#include "tests/harness/lm_eval_fixture.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Four answers to gsm8k_cot: the right one with its full stop, without it, a wrong one, and none.
class Rescore : public ::testing::Test {
 protected:
  void SetUp() override {
    data_ = shared_path("datasets");
    if (data_.empty()) GTEST_SKIP() << "no reference data: datasets below ASSAY_SHARED";
    const char* const texts[] = {"The answer is 18.", "The answer is 3", "The answer is 1.", "I do not know"};
    std::string answers;
    for (int i = 0; i < 4; ++i) {
      answers += json{{"id", fmt::format("gsm8k/test/{}", i)}, {"text", texts[i]}}.dump() + "\n";
    }
    const std::string file = folder_.write("answers.jsonl", answers);
    assay_ok({"run", "--model", "responses:" + file, "--tasks", "gsm8k_cot", "--limit", "4", "--data-dir", data_,
              "--db", db(), "--name", "r", "--quiet"});
  }

  std::string db() const { return folder_ / "a.db"; }

  // A --tasks-dir with the built-in task, one text replaced.
  std::string edited(const std::string& name, const std::string& from, const std::string& to) {
    const std::string text = read_file("tasks/definitions/gsm8k_cot.toml");
    return folder_.write(name + "/gsm8k_cot.toml", replaced(text, from, to)).parent_path();
  }

  json rescore(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"rescore", "r", "--db", db(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(assay_ok(arguments).out).at("runs").at(0);
  }

  TemporaryFolder folder_;
  std::filesystem::path data_;
};

constexpr const char* kRegex = R"(regex = 'The answer is (\-?[0-9\.\,]+).')";
constexpr const char* kLooser = R"(regex = 'The answer is (\-?[0-9\.\,]+)')";

TEST_F(Rescore, NothingChangedStoresNothing) {
  const json result = rescore({});
  EXPECT_EQ(result.at("changed"), 0);
  EXPECT_EQ(result.at("stored"), false);
  EXPECT_EQ(result.at("samples"), 4);
  EXPECT_EQ(result.at("scorer"), result.at("scorer_before"));
  EXPECT_EQ(result.at("metrics"), result.at("metrics_before"));
  EXPECT_EQ(store::Store(db(), store::Store::Mode::kRead).scorer_versions(1).size(), 1u);
}

TEST_F(Rescore, AnEditedFileIsAScoringOfItsOwnAndTheOldOneStays) {
  const std::string dir = edited("looser", kRegex, kLooser);
  const json result = rescore({"--tasks-dir", dir});
  EXPECT_EQ(result.at("stored"), true);
  // Without the wildcard behind it the number may end the text: 3 is read where [invalid] was.
  ASSERT_EQ(result.at("changed"), 1);
  EXPECT_EQ(result.at("changes"), (json::array({{{"id", "gsm8k/test/1"},
                                                 {"gold", "3"},
                                                 {"score", "strict-match"},
                                                 {"read_before", "[invalid]"},
                                                 {"read_now", "3"},
                                                 {"before", 0.0},
                                                 {"now", 1.0}}})));
  const std::string before = result.at("scorer_before");
  const std::string after = result.at("scorer");
  EXPECT_TRUE(after.starts_with(before + " task ")) << after;

  const store::Store store(db(), store::Store::Mode::kRead);
  EXPECT_EQ(store.load_samples(1, before)[1].score->values.at("strict-match"), 0);
  EXPECT_EQ(store.load_samples(1, after)[1].score->values.at("strict-match"), 1);
  EXPECT_EQ(store.load_run(1).scorer_version, after) << "the newest scoring is shown";

  const json again = rescore({"--tasks-dir", dir});
  EXPECT_EQ(again.at("changed"), 0);
  EXPECT_EQ(again.at("stored"), false);
  const json back = rescore({});
  EXPECT_EQ(back.at("changed"), 1) << "against the newest scoring";
  EXPECT_EQ(back.at("stored"), false) << "the first scoring is still there";
  EXPECT_EQ(store.scorer_versions(1), (std::vector<std::string>{before, after}));
}

TEST_F(Rescore, TheTextNamesEveryChangeAndBothMetrics) {
  const std::string dir = edited("looser", kRegex, kLooser);
  const std::string text = assay_ok({"rescore", "r", "--db", db(), "--tasks-dir", dir}).out;
  for (const char* part : {"1 of 4 verdicts changed; stored, and the old scores stay", "gsm8k/test/1", "[invalid]",
                           "exact_match, strict-match", "25.00", "50.00"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST_F(Rescore, WhatWasAskedMustBeTheSame) {
  const struct {
    const char* name;
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"template", R"(item = "Q: {question}\nA:")", R"(item = "Q: {question}\nA: ")",
       "4 of 4 prompts are not those that were asked (gsm8k/test/0, gsm8k/test/1, gsm8k/test/2, gsm8k/test/3)"},
      {"stops", R"("</s>", )", "", "the stop strings, limits or order of the requests"},
      {"limit", "max_tokens = 256", "max_tokens = 300", "the stop strings, limits or order of the requests"},
  };
  for (const auto& each : cases) {
    const std::string dir = edited(each.name, each.from, each.to);
    const Outcome outcome = assay({"rescore", "r", "--db", db(), "--tasks-dir", dir});
    EXPECT_EQ(outcome.exit, 65) << each.name << outcome.err;
    EXPECT_NE(outcome.err.find(each.message), std::string::npos) << outcome.err;
    EXPECT_EQ(store::Store(db(), store::Store::Mode::kRead).scorer_versions(1).size(), 1u);
  }
}

TEST_F(Rescore, OtherScoresUnderTheSameVersionAreNamed) {
  store::Store store(db(), store::Store::Mode::kWrite);
  // A database in which somebody wrote the scores of a version that our scorer would not give.
  const std::string dir = edited("looser", kRegex, kLooser);
  const std::string version = rescore({"--tasks-dir", dir}).at("scorer");
  store.delete_run(1);
  SetUp();
  scorers::Score wrong;
  wrong.values = {{"strict-match", 0}, {"flexible-extract", 0}};
  const int64_t number = store.runs().back().number;
  store.add_scores(number, version, std::vector<store::NewScore>{{0, wrong}});
  const Outcome outcome = assay({"rescore", "r", "--db", db(), "--tasks-dir", dir, "--json"});
  EXPECT_EQ(outcome.exit, 1) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out).at("runs").at(0).at("unfaithful"), json::array({"gsm8k/test/0"}));
  EXPECT_EQ(json::parse(outcome.out).at("runs").at(0).at("stored"), false);
  EXPECT_NE(outcome.err.find("1 samples score otherwise than what is stored"), std::string::npos) << outcome.err;
}

TEST_F(Rescore, ARunThatIsNotDoneIsRefused) {
  const std::string file = folder_.write("one.jsonl", R"({"id": "gsm8k/test/0", "text": "The answer is 18."})");
  const Outcome run = assay({"run", "--model", "responses:" + file, "--tasks", "gsm8k_cot", "--limit", "2",
                             "--data-dir", data_, "--db", db(), "--name", "half", "--quiet"});
  EXPECT_EQ(run.exit, 65) << "one answer is lacking";
  const Outcome outcome = assay({"rescore", "half", "--db", db()});
  EXPECT_EQ(outcome.exit, 64);
  EXPECT_NE(outcome.err.find("interrupted: 1 of 2 answered; end it with `assay run --resume half` first"),
            std::string::npos)
      << outcome.err;
}

TEST(RescoreImported, GoldIsTheStoredPlans) {
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  folder.write("logs/" + log_name("gsm8k_cot"),
               lines_of({generation_line(0, "strict-match", {"The answer is 7"}, "7", "exact_match", 0)}));
  assay_ok({"import", folder / "logs", "--db", db, "--name", "r", "--data-dir", folder.path()});
  const auto rescored = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"rescore", "r", "--db", db, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(assay_ok(arguments).out).at("runs").at(0);
  };
  EXPECT_EQ(rescored({}).at("stored"), false);
  const std::string text = replaced(read_file("tasks/definitions/gsm8k_cot.toml"), kRegex, kLooser);
  const json result = rescored({"--tasks-dir", folder.write("looser/gsm8k_cot.toml", text).parent_path()});
  EXPECT_EQ(result.at("changed"), 1);
  EXPECT_EQ(result.at("changes").at(0).at("gold"), "7");
  EXPECT_EQ(result.at("stored"), true);

  folder.write("other/" + log_name("my_sums"), lines_of({generation_line(0, "f", {"a"}, "x", "exact_match", 1)}));
  assay_ok({"import", folder / "other", "--db", db, "--name", "other"});
  const Outcome unknown = assay({"rescore", "other", "--db", db});
  EXPECT_EQ(unknown.exit, 64);
  EXPECT_NE(unknown.err.find("Assay has no task my_sums"), std::string::npos) << unknown.err;
}

TEST(RescorePrograms, AreExecutedAgain) {
  ASSAY_REQUIRE_SHARED(problems, "datasets/humaneval/HumanEval.jsonl");
  const Outcome jail = assay({"sandbox", "run", "--", "true"});
  if (jail.exit == 69) GTEST_SKIP() << "no jail on this machine: " << jail.err;
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  const json row = read_json_lines(problems).at(0);
  const std::string file =
      folder.write("a.jsonl", json{{"id", row.at("task_id")}, {"text", row.at("canonical_solution")}}.dump() + "\n");
  const auto run = [&](const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "run", "--model",    "responses:" + file,     "--tasks", "humaneval", "--limit",
        "1",   "--data-dir", shared_path("datasets"), "--db",    db,          "--name",
        name,  "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    assay_ok(arguments);
    return json::parse(assay_ok({"rescore", name, "--db", db, "--json"}).out).at("runs").at(0);
  };
  const json executed = run("executed", {});
  EXPECT_EQ(executed.at("changed"), 0);
  EXPECT_EQ(executed.at("stored"), false);
  EXPECT_EQ(executed.at("unfaithful"), json::array());
  const json texts = run("texts", {"--no-execute"});
  EXPECT_EQ(texts.at("scores_only_now"), json::array({"passed"}));
  EXPECT_EQ(texts.at("metrics").at(0).at("value"), 1.0);
  EXPECT_EQ(texts.at("stored"), true) << "a scoring of its own";
}

}  // namespace
}  // namespace assay::testing
