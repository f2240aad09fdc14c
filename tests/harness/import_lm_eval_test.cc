// Per-sample logs of lm-evaluation-harness: the real ones give the harness's own numbers, and equal what Assay makes of
// the same answers.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <set>

#include "tests/harness/assay.h"
#include "tests/harness/lm_eval_fixture.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

json import(const std::vector<std::string>& files, const std::string& database, const std::string& data,
            const std::string& name) {
  std::vector<std::string> arguments = {"import", "--db", database, "--data-dir", data, "--name", name, "--json"};
  arguments.insert(arguments.end(), files.begin(), files.end());
  return json::parse(assay_ok(arguments).out);
}

// Value of "acc,none" and the like of the harness's own results, over all results files of a folder.
std::map<std::string, json> harness_results(const std::filesystem::path& folder) {
  std::map<std::string, json> results;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("results_")) continue;
    const json file = json::parse(read_file(entry.path()));
    for (const auto& [task, values] : file.at("results").items()) results[task] = values;
  }
  return results;
}

// Compares one metric of ours with the harness's; false where the harness has none of that name.
bool compare_metric(const json& metric, const std::string& task, const std::map<std::string, json>& results) {
  std::string theirs = task;
  if (task == "mmlu") {
    if (metric.at("subset").is_null()) return false;
    theirs = "mmlu_" + metric.at("subset").get<std::string>();
  }
  const std::string filter = metric.at("filter").is_null() ? "none" : metric.at("filter").get<std::string>();
  const auto found = results.find(theirs);
  if (found == results.end()) return false;  // a group of subjects
  const std::string name = metric.at("name").get<std::string>();
  EXPECT_NEAR(metric.at("value").get<double>(), found->second.at(name + "," + filter).get<double>(), 1e-12) << theirs;
  EXPECT_NEAR(metric.at("stderr").get<double>(), found->second.at(name + "_stderr," + filter).get<double>(), 1e-12)
      << theirs << " " << name;
  return true;
}

class RealLogs : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(RealLogs, GiveTheHarnessNumbersAndAskWhatAssayAsks) {
  ASSAY_REQUIRE_SHARED(logs, "golden/lm_eval_native");
  const auto& [dtype, ours] = GetParam();
  const TemporaryFolder folder;
  const json imported = import({logs / dtype}, folder / "a.db", shared_path("datasets"), "old");
  const std::map<std::string, json> results = harness_results(logs / dtype);
  std::map<std::string, size_t> samples;
  size_t metrics = 0;
  size_t prompts = 0;
  for (const json& run : imported.at("runs")) {
    const std::string task = run.at("task");
    samples[task] = run.at("n");
    for (const json& metric : run.at("metrics")) metrics += compare_metric(metric, task, results);
    EXPECT_TRUE(run.at("prompts").at("checked").get<bool>());
    EXPECT_EQ(run.at("prompts").at("different"), json::array()) << task;
    prompts += run.at("prompts").at("compared").get<size_t>();
    EXPECT_EQ(run.at("manifest").at("computed").at("dtype"), ours);
    EXPECT_EQ(run.at("manifest").at("model_name"), "SmolLM2-135M-Instruct");
    EXPECT_EQ(run.at("manifest").at("program").at("version"), "lm-evaluation-harness 0.4.13");
  }
  EXPECT_EQ(samples,
            (std::map<std::string, size_t>{{"arc_challenge", 200}, {"arc_easy", 200}, {"gsm8k_cot", 8}, {"mmlu", 60}}));
  EXPECT_EQ(metrics, 2u + 2u + 2u + 3u);
  std::cout << dtype << ": " << metrics << " metrics equal the harness's, " << prompts << " prompts equal ours\n";
}

INSTANTIATE_TEST_SUITE_P(Golden, RealLogs,
                         ::testing::Values(std::pair("float32", "f32"), std::pair("bfloat16", "bf16")),
                         [](const auto& instance) { return instance.param.first; });

// The answers of the real logs in a file for `--model responses:`; gives back how many.
size_t write_answers(const std::string& exported, const std::filesystem::path& path) {
  std::ofstream out(path);
  size_t count = 0;
  for (const json& line : read_json_lines(exported)) {
    json answer{{"id", line.at("id")}};
    if (line.contains("logprobs")) {
      answer["logprobs"] = line.at("logprobs");
    } else {
      answer["text"] = line.at("text");
    }
    out << answer.dump() << "\n";
    ++count;
  }
  return count;
}

TEST(ImportLmEval, EqualsARunOfOurOwnOverTheSameAnswers) {
  ASSAY_REQUIRE_SHARED(logs, "golden/lm_eval_native");
  const std::string data = shared_path("datasets");
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  import({logs / "float32"}, db, data, "old");
  const struct {
    const char* task;
    std::vector<std::string> options;
  } cases[] = {{"mmlu", {"--limit", "20", "--subsets", "anatomy,marketing,virology"}},
               {"arc_easy", {"--limit", "200"}},
               {"arc_challenge", {"--limit", "200", "--shots", "0"}},
               {"gsm8k_cot", {"--limit", "8"}}};
  size_t compared = 0;
  for (const auto& each : cases) {
    const std::string task = each.task;
    const std::string theirs = folder / (task + "-theirs.jsonl");
    assay_ok({"export", "old/" + task, "--db", db, "--stable", "--out", theirs});
    const std::filesystem::path answers = folder / (task + "-answers.jsonl");
    write_answers(theirs, answers);
    std::vector<std::string> run = {
        "run", "--model", "responses:" + answers.string(), "--tasks", task, "--db", db, "--name", task, "--data-dir",
        data,  "--quiet"};
    run.insert(run.end(), each.options.begin(), each.options.end());
    assay_ok(run);
    const std::string ours = folder / (task + "-ours.jsonl");
    assay_ok({"export", task, "--db", db, "--stable", "--out", ours});
    const std::vector<json> own_lines = read_json_lines(ours);
    std::vector<json> old_lines = read_json_lines(theirs);
    ASSERT_EQ(own_lines.size(), old_lines.size()) << task;
    for (size_t i = 0; i < own_lines.size(); ++i) {
      old_lines[i].erase("greedy");  // a file of answers has none
      EXPECT_EQ(old_lines[i], own_lines[i]);
      ++compared;
    }
    const json a = json::parse(assay_ok({"show", "old/" + task, "--db", db, "--json"}).out);
    const json b = json::parse(assay_ok({"show", task, "--db", db, "--json"}).out);
    EXPECT_EQ(a.at("metrics"), b.at("metrics")) << task << ": same scores, clusters and averages";
    for (const char* field : {"task", "protocol", "shots", "samples", "samples_sha256", "chat"}) {
      EXPECT_EQ(a.at("manifest").at("asked").at(field), b.at("manifest").at("asked").at(field)) << field;
    }
    EXPECT_EQ(a.at("manifest").at("scored"), b.at("manifest").at("scored"));
    json decoding = b.at("manifest").at("asked").at("decoding");
    EXPECT_EQ(a.at("manifest").at("asked").at("decoding"), decoding) << task;
    for (const char* section : {"asked", "scored", "computed", "program"}) {
      for (const auto& [field, value] : b.at("manifest").at(section).items()) {
        if (field == "responses_sha256") continue;  // of the file of answers
        EXPECT_TRUE(a.at("manifest").at(section).contains(field)) << section << "." << field;
      }
    }
  }
  EXPECT_EQ(compared, 468u);
  std::cout << compared << " lines of export equal\n";
}

TEST(ImportLmEval, SaysWhatIsUnknown) {
  ASSAY_REQUIRE_SHARED(logs, "golden/lm_eval_native");
  const TemporaryFolder folder;
  const auto arc = logs / "float32/i82qcls7/samples_arc_easy_2026-11-23T17-02-23.872553.jsonl";
  const auto copy = folder / arc.filename();
  std::filesystem::copy_file(arc, copy);
  const Outcome outcome = assay_ok({"import", copy, "--db", folder / "a.db", "--data-dir", folder.path(), "--json"});
  EXPECT_NE(outcome.err.find("no results file"), std::string::npos) << outcome.err;
  const json run = json::parse(outcome.out).at("runs").at(0);
  EXPECT_EQ(run.at("prompts"), (json{{"checked", false}, {"reason", "no data at hand"}}));
  const json& manifest = run.at("manifest");
  for (const char* field : {"shots", "chat", "task_sha256", "requests_sha256"}) {
    EXPECT_EQ(manifest.at("asked").at(field), "unknown") << field;
  }
  EXPECT_EQ(manifest.at("computed").at("dtype"), "unknown");
  EXPECT_EQ(manifest.at("model_name"), "unknown");
  EXPECT_EQ(manifest.at("program").at("version"), "lm-evaluation-harness");
}

TEST(ImportLmEval, NamesPromptsThatDiffer) {
  ASSAY_REQUIRE_SHARED(logs, "golden/lm_eval_native");
  const TemporaryFolder folder;
  const auto log = logs / "float32/wxrd1574/samples_mmlu_anatomy_2026-11-23T17-02-51.776347.jsonl";
  std::string changed;
  for (json line : read_json_lines(log)) {
    const int doc_id = line.at("doc_id");
    for (json& argument : line.at("arguments")) {
      if (doc_id == 3 || doc_id == 7) argument["arg_0"] = argument.at("arg_0").get<std::string>() + " ";
    }
    changed += line.dump() + "\n";
  }
  const auto copy = folder.write(log.filename(), changed);
  const Outcome outcome = assay_ok({"import", copy, "--db", folder / "a.db", "--data-dir", shared_path("datasets")});
  EXPECT_NE(outcome.out.find("2 of 20 prompts differ from Assay's own (anatomy/test/3, anatomy/test/7)"),
            std::string::npos)
      << outcome.out;
}

TEST(ImportLmEval, ScoresThatDifferAreCountedAndOursStored) {
  const TemporaryFolder folder;
  json wrong = likelihood_line(1, /*right=*/false);
  wrong["acc"] = 1.0;
  folder.write(log_name("arc_easy"), lines_of({likelihood_line(0), wrong, likelihood_line(2)}));
  const Outcome outcome =
      assay_ok({"import", folder.path(), "--db", folder / "a.db", "--data-dir", folder.path(), "--json"});
  EXPECT_NE(outcome.err.find("arc_easy: 1 of 3 scores acc differ from the log's own (Q1); Assay's are stored"),
            std::string::npos)
      << outcome.err;
  EXPECT_NEAR(json::parse(outcome.out).at("runs").at(0).at("metrics").at(0).at("value").get<double>(), 2.0 / 3, 1e-12);
}

TEST(ImportLmEval, TasksOfOthersKeepTheirNameAndScores) {
  const TemporaryFolder folder;
  json one = likelihood_line(0);
  json two = likelihood_line(1);
  for (json* line : {&one, &two}) {  // a metric that is no number, and a form of arguments of older versions
    (*line)["metrics"] = json::array({"acc", "bleu"});
    (*line)["bleu"] = json::array({"a", "b"});
    (*line)["arguments"] = json::parse(R"([["c", " yes"], ["d", " no"]])");
    (*line)["resps"] = json::parse("[[[-1.5, true]], [[-2.5, false]]]");
  }
  two["acc"] = false;
  folder.write(log_name("my_quiz"), lines_of({one, two}));
  folder.write(log_name("my_sums"), lines_of({generation_line(0, "strict", {"a", "b"}, "x", "exact_match", 1),
                                              generation_line(0, "loose", {"a", "b"}, "x", "exact_match", 0)}));
  folder.write(log_name("humaneval"), lines_of({generation_line(0, "create_test", {"  return 1"}, "t", "pass@1", 1)}));
  const Outcome outcome = assay_ok(
      {"import", folder.path(), "--db", folder / "a.db", "--name", "old", "--data-dir", folder.path(), "--json"});
  EXPECT_NE(outcome.err.find("my_quiz: left out what is no mean of one number a sample: bleu"), std::string::npos);
  const json runs = json::parse(outcome.out).at("runs");
  ASSERT_EQ(runs.size(), 3u);
  const std::vector<std::string> tasks = {"humaneval", "my_quiz", "my_sums"};
  for (size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(runs[i].at("task"), tasks[i]);
    EXPECT_EQ(runs[i].at("manifest").at("scored").at("scorer"), "lm-evaluation-harness");
  }
  EXPECT_EQ(runs[1].at("metrics").at(0).at("value"), 0.5);
  const std::string exported = folder / "out.jsonl";
  assay_ok({"export", "old", "--db", folder / "a.db", "--out", exported});
  const std::vector<json> lines = read_json_lines(exported);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].at("id"), "HumanEval/0");
  EXPECT_EQ(lines[0].at("scores"), json({{"passed", 1}})) << "called as our own, so that both can be paired";
  EXPECT_EQ(lines[1].at("id"), "my_quiz/0");
  EXPECT_EQ(lines[3].at("id"), "my_sums/0");
  EXPECT_EQ(lines[3].at("scores"), json({{"strict", 1}, {"loose", 0}}));
  EXPECT_EQ(lines[4].at("sample"), 1) << "several answers of one document are samples";
  EXPECT_EQ(lines[4].at("scores"), json::object()) << "the harness scored the document, which counts once";
}

}  // namespace
}  // namespace assay::testing
