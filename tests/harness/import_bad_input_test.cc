// What an import refuses: one sentence with file and line, exit 65, and nothing stored.
#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "harness/import/export_file.h"
#include "harness/import/lm_eval_log.h"
#include "tests/harness/assay.h"
#include "tests/harness/lm_eval_fixture.h"
#include "tests/support/damage.h"

namespace assay::testing {
namespace {

using harness::read_export;
using harness::read_lm_eval_log;
using Json = nlohmann::ordered_json;

std::string with(const Json& changes, const char* removed = nullptr) {
  Json line = likelihood_line(1);
  for (const auto& [key, value] : changes.items()) line[key] = value;
  if (removed != nullptr) line.erase(removed);
  return line.dump() + "\n";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

struct BadLog {
  std::string second;  // the line of doc_id 1, or what stands in its place
  const char* message;
};

TEST(ImportBadInput, LogsOfTheHarness) {
  const std::string good = with(Json::object());
  const std::vector<BadLog> cases = {
      {"", "has 1 documents, and its results file counts 3"},
      {good, "has 2 documents, and its results file counts 3"},
      {good + lines_of({likelihood_line(3), likelihood_line(4)}), "doc_id 2 is missing before line 3"},
      {good + good, "doc_id 1 occurs twice with the filter none (lines 2 and 3)"},
      {good + replaced(with({{"filter", "other"}}), "-1.5", "-9"),
       "lines 2 and 3 are of doc_id 1 and hold different answers"},
      {good + with({{"filter", "other"}}) + lines_of({likelihood_line(2)}), "line 2) has filters that doc_id 0 lacks"},
      {good.substr(0, good.size() / 2), "line 2: is not a JSON object, or is cut short"},
      {"[1]\n", "line 2: is not a JSON object"},
      {replaced(good, "\"acc\":1.0", "\"acc\":NaN"), "line 2: is not JSON, and holds NaN"},
      {replaced(good, "\"-1.5\"", "\"nan\""), "line 2: a log-probability is \"nan\", not a finite number"},
      {replaced(good, "\"-1.5\"", "\"-inf\""), "line 2: a log-probability is \"-inf\""},
      {replaced(good, "\"-1.5\"", "\"much\""), "line 2: a log-probability is \"much\""},
      {replaced(good, "\"-1.5\"", "null"), "line 2: a log-probability is null"},
      {replaced(good, "\"True\"", "\"Perhaps\""), "neither True nor False"},
      {with({{"acc", nullptr}}), "line 2: a score acc is null"},
      {with({{"acc", "nan"}}), "line 2: a score acc is \"nan\""},
      {with({{"doc_id", -1}}), "line 2: doc_id is -1"},
      {with({{"doc_id", "1"}}), "line 2: doc_id is \"1\""},
      {with({{"doc_id", 18446744073709551615u}}), "line 2: doc_id is"},
      {with({{"target", "5"}}) + lines_of({likelihood_line(2)}), "line 2: the target \"5\" is none of the 2 options"},
      {with({{"doc", {{"question", "?"}}}}) + lines_of({likelihood_line(2)}), "line 2: the document has no text id"},
      {with({{"doc", {{"id", "Q0"}}}}) + lines_of({likelihood_line(2)}), "the documents 0 and 1 have the same id Q0"},
      {with({{"filter", 3}}), "line 2: the field filter is not a text"},
      {with({{"resps", Json::array({1})}}), "line 2: the field resps must have an entry for each of the 2 arguments"},
      {with({{"resps", Json::array({1, 2})}}), "line 2: the field resps must have one log-probability and one flag"},
      {with({{"arguments", Json::parse(R"([["c"], ["c"]])")}}),
       "line 2: is of a perplexity task (loglikelihood_rolling)"},
      {with({{"arguments", Json::array()}}), "line 2: the field arguments must list what was asked"},
      {with({{"arguments", Json::parse(R"([{"arg_1": "x"}])")}}), "entry without a context (arg_0)"},
      {with({{"metrics", Json::array({"acc", "f1"})}}), "line 2: the field f1 is missing"},
      {with({}, "doc_id"), "line 2: the field doc_id is missing"},
      {with({}, "resps"), "line 2: the field resps is missing"},
      {with({}, "arguments"), "line 2: the field arguments is missing"},
  };
  const TemporaryFolder folder;
  const Json results = {{"n-samples", {{"arc_easy", {{"effective", 3}}}}}, {"n-shot", {{"arc_easy", 0}}}};
  folder.write("logs/" + results_name(), results.dump());
  for (const BadLog& each : cases) {
    const auto path = folder.write("logs/" + log_name("arc_easy"), lines_of({likelihood_line(0)}) + each.second);
    const Outcome outcome = assay({"import", folder / "logs", "--db", folder / "a.db", "--data-dir", folder.path()});
    EXPECT_EQ(outcome.exit, 65) << each.second << outcome.err;
    EXPECT_NE(outcome.err.find(path.string()), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(each.message), std::string::npos) << each.message << "\n" << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "a.db")) << "nothing is stored";
  }
  std::cout << cases.size() << " damaged logs refused\n";
}

TEST(ImportBadInput, FilesThatDoNotBelongTogether) {
  const TemporaryFolder folder;
  const std::string lines = lines_of({likelihood_line(0)});
  folder.write("one/" + log_name("arc_easy"), lines);
  folder.write("two/" + log_name("arc_easy"), lines);
  folder.write("three/" + log_name("arc_challenge"), lines);
  folder.write("three/" + results_name(), R"({"config": {"model": "another", "model_dtype": "torch.bfloat16"}})");
  folder.write("damaged/" + log_name("arc_easy"), lines);
  folder.write("damaged/" + results_name(), "{");
  folder.write("empty/" + log_name("arc_easy"), "\n");
  folder.write("nothing/readme.txt", "");
  folder.write("named/samples_.jsonl", lines);
  folder.write("other/file.jsonl", "{\"text\": 1}\n");
  for (const char* subject : {"anatomy", "virology"})
    folder.write("shots/" + log_name(std::string("mmlu_") + subject), lines);
  folder.write("shots/" + results_name(), R"({"n-shot": {"mmlu_anatomy": 5, "mmlu_virology": 0}})");
  folder.write("texts/" + log_name("my_task"), replaced(lines, "\"acc\":1.0", "\"acc\":[1,2]"));
  const struct {
    std::vector<std::string> names;
    const char* message;
  } cases[] = {
      {{"one", "two"}, "are both of the task arc_easy; import one of them"},
      {{"one", "three"}, "of another, bf16; import each model by itself"},
      {{"damaged"}, "is not a JSON object; copy the file again"},
      {{"empty"}, "the file is empty"},
      {{"nothing"}, "the folder holds no .jsonl file"},
      {{"named"}, "its name does not say of which task"},
      {{"other"}, "neither of our own export nor a sample of lm-evaluation-harness"},
      {{"three/" + results_name()}, "holds results without samples"},
      {{"shots"}, "mmlu_anatomy was asked with 5 examples and mmlu_virology with 0"},
      {{"texts"}, "the task my_task has no metric that is one number a sample"},
  };
  for (const auto& each : cases) {
    std::vector<std::string> arguments = {"import", "--db", folder / "a.db"};
    for (const std::string& name : each.names) arguments.push_back(folder / name);
    const Outcome outcome = assay(arguments);
    EXPECT_EQ(outcome.exit, 65) << outcome.err;
    EXPECT_NE(outcome.err.find(each.message), std::string::npos) << each.message << "\n" << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "a.db"));
  }
  EXPECT_EQ(assay({"import", folder / "missing.jsonl", "--db", folder / "a.db"}).exit, 74);
}

Json export_line() {
  Json line = Json::parse(R"({"task": "arc_easy", "protocol": "lm_eval", "subset": "", "index": 0, "id": "Q0",
      "request": "loglikelihood", "continuations": [" a", " b"], "logprobs": [-1.5, -2], "greedy": [true, false],
      "gold": [0], "prediction": 0, "scores": {"acc": 1}})");
  line["prompt_sha256"] = std::string(64, 'a');
  return line;
}

std::string error_of(const std::string& content, const TemporaryFolder& folder) {
  try {
    read_export(folder.write("x.jsonl", content), tasks::Registry(), {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
    return error.what();
  }
  return "";
}

TEST(ImportBadInput, OurOwnExport) {
  const TemporaryFolder folder;
  ASSERT_EQ(error_of(export_line().dump(), folder), "");
  const struct {
    const char* field;
    Json value;
    const char* message;
  } cases[] = {
      {"logprobs", Json::array({-1.5}), "the field logprobs must be a list of 2, one for each continuation"},
      {"logprobs", Json::array({"x", 1}), "the field logprobs must be a list of numbers"},
      {"logprobs", Json::array({nullptr, 1}), "the field logprobs must be a list of numbers"},
      {"greedy", Json::array({true}), "the field greedy must be a list of 2"},
      {"greedy", Json::array({1, 0}), "the field greedy must be a list of true and false"},
      {"gold", Json::array({2}), "the field gold must be the number of one of the 2 continuations"},
      {"gold", "a", "the field gold must be a list"},
      {"prediction", -1, "the field prediction must be"},
      {"prediction", 0.5, "the field prediction must be"},
      {"continuations", Json::array(), "the field continuations must be a list of at least one text"},
      {"index", -1, "the field index must be a whole number from 0"},
      {"index", 1e10, "the field index must be a whole number"},
      {"prompt_sha256", "abc", "the field prompt_sha256 must be 64 hexadecimal digits"},
      {"prompt", "another", "the field prompt must be the text that prompt_sha256 is of"},
      {"request", "guess", "the field request must be loglikelihood, generate or text"},
      {"request", "generate", "the field text is missing"},
      {"request", "text", "the field logprob is missing"},
      {"scores", {{"acc", "1"}}, "the field scores must be an object of numbers"},
      {"scores", Json::array({1}), "the field scores must be an object of numbers"},
      {"execution", 3, "the field execution must be an object"},
      {"execution", Json::object(), "execution: the field outcome is missing"},
      {"run", -7, "the field run must be a whole number"},
      {"sample", "0", "the field sample must be a whole number"},
      {"truncated", 1, "the field truncated must be true or false"},
      {"task", 1, "the field task must be a text"},
  };
  for (const auto& each : cases) {
    Json line = export_line();
    line[each.field] = each.value;
    const std::string message = error_of(line.dump(), folder);
    EXPECT_NE(message.find("x.jsonl: line 1"), std::string::npos) << message;
    EXPECT_NE(message.find(each.message), std::string::npos) << each.message << "\n" << message;
  }
  const std::string line = export_line().dump() + "\n";
  EXPECT_NE(error_of(line + line, folder).find("occurs twice, in lines 1 and 2"), std::string::npos);
  EXPECT_NE(error_of(line + line.substr(0, 40), folder).find("line 2: is not a JSON object"), std::string::npos);
  EXPECT_NE(error_of("", folder).find("has no samples"), std::string::npos);
  std::cout << std::size(cases) + 3 << " damaged exports refused\n";
}

TEST(ImportBadInput, DamagedFilesAreErrorsOrFiles) {
  const TemporaryFolder folder;
  const std::string log = lines_of({likelihood_line(0), generation_line(1, "none", {"a"}, "x", "acc", 1)});
  Json execution = export_line();
  execution["execution"] = {{"outcome", "passed"}, {"grading", "strict"}, {"limits", {"seccomp"}}};
  execution["code_sha256"] = "x";
  const std::string exported = export_line().dump() + "\n" + execution.dump() + "\n";
  int refused = 0;
  constexpr int kSeeds = 600;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    try {
      if (seed % 2 == 0) {
        read_lm_eval_log(folder.write(log_name("my_task"), damaged(log, seed / 2)));
      } else {
        read_export(folder.write("x.jsonl", damaged(exported, seed / 2)), tasks::Registry(), {});
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
      ++refused;
    }
  }
  std::cout << kSeeds << " damaged files, " << refused << " refused\n";
}

}  // namespace
}  // namespace assay::testing
