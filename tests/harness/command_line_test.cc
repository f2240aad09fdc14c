// Wrong use and bad input at the command line: the exit code of INTERFACE.md, and one sentence that names what is
// wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

struct Case {
  std::vector<std::string> arguments;
  int exit;
  std::string says;  // part of standard error
};

void expect_refused(const Case& test, const std::map<std::string, std::string>& environment = {}) {
  std::string shown;
  for (const std::string& argument : test.arguments) shown += argument + " ";
  SCOPED_TRACE(shown);
  const Outcome outcome = assay(test.arguments, environment);
  EXPECT_EQ(outcome.exit, test.exit) << outcome.err;
  EXPECT_NE(outcome.err.find(test.says), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << "not one line: " << outcome.err;
}

TEST(CommandLine, WrongUseIsRefusedInOneSentence) {
  for (const Case& test : std::vector<Case>{
           {{"fly"}, 64, "fly"},
           {{"fly"}, 64, "see `assay --help`"},
           {{"run", "--modle", "x"}, 64, "--modle"},
           {{"run", "--modle", "x"}, 64, "see `assay run --help`"},
           {{"preference", "serve", "--port", "x"}, 64, "see `assay preference serve --help`"},
           {{"run", "--tasks", "mmlu"}, 64, "--model"},
           {{"run", "--model", "x"}, 64, "--tasks"},
           {{"run", "--model", "x", "--tasks", "mmlu", "--limit", "-1"}, 64, "--limit"},
           {{"run", "--model", "x", "--tasks", "mmlu", "--dtype", "f8"}, 64, "f8"},
           {{"run", "--model", "x", "--tasks", "mmlu", "--samples", "3", "--temperature", "0"}, 64, "--temperature"},
           {{"run", "--model", "x", "--tasks", "mmlu", "--tag", "novalue"}, 64, "KEY=VALUE"},
           {{"run", "--model", "x", "--tasks", "mmlv"}, 64, "mmlu"},
           {{"run", "--model", "x", "--tasks", "arc_easy", "--protocol", "llama3"}, 64, "lm_eval"},
           {{"run", "--model", "x", "--tasks", "humaneval", "--sandbox", "none"}, 64, "reduced"},
           {{"sandbox", "run", "--cpu", "0", "--", "true"}, 64, "--cpu"},
           {{"sandbox", "run", "--json"}, 64, "CMD"},
           {{"sandbox", "run", "--stdin", "/nonexistent", "--", "cat"}, 74, "/nonexistent"},
           {{"tasks", "show", "gsm9k"}, 64, "gsm8k"},
           {{"tasks", "check", "/nonexistent.toml"}, 74, "/nonexistent.toml"},
           {{"show", "latest", "--db", "/nonexistent/assay.db"}, 69, "/nonexistent/assay.db"},
           {{"run", "--resume", "night", "--db", "/nonexistent/assay.db"}, 69, "/nonexistent/assay.db"}}) {
    expect_refused(test);
  }
}

TEST(CommandLine, MissingDataAndModelsAreNamed) {
  const TemporaryFolder folder;
  expect_refused({{"run", "--model", "x", "--tasks", "mmlu", "--data-dir", folder.path()}, 69, folder.path()});
  expect_refused({{"datasets", "verify", "--data-dir", folder.path()}, 69, folder.path()});
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const auto run = [&](const std::string& model) {
    return std::vector<std::string>{"run", "--model",    model, "--tasks", "arc_easy",         "--limit",
                                    "1",   "--data-dir", data,  "--db",    folder / "assay.db"};
  };
  expect_refused({run(folder / "nothing"), 69, "nothing"});
  ASSAY_REQUIRE_SHARED(models, "models");
  // Four GGUF files in one folder that has no safetensors: which one is meant?
  std::filesystem::create_directory(folder / "several");
  for (const char* type : {"f32", "bf16"}) {
    const std::string name = std::string("stories260K-") + type + ".gguf";
    std::filesystem::copy(models / "stories260K" / name, folder / "several" / name);
  }
  expect_refused({run(folder / "several"), 64, "stories260K-bf16.gguf"});
  ASSAY_REQUIRE_SHARED(malformed, "golden/architectures/malformed");
  expect_refused({run(malformed / "gguf-truncated-in-data"), 65, ".gguf"});
  expect_refused({run(malformed / "config-unknown-architecture"), 65, "zebra"});
}

// The two malformed checkpoints that open: a NaN must never reach a metric, and an id beyond the embedding never a
// read.
TEST(CommandLine, ANanEndsTheRunAndNothingIsScored) {
  ASSAY_REQUIRE_SHARED(malformed, "golden/architectures/malformed");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string database = folder / "assay.db";
  const Outcome nan = assay({"run", "--model", malformed / "st-nan-weight", "--tasks", "arc_easy", "--limit", "3",
                             "--data-dir", data, "--db", database, "--name", "nan", "--quiet"});
  EXPECT_EQ(nan.exit, 65) << nan.err;
  EXPECT_NE(nan.err.find("NaN"), std::string::npos) << nan.err;
  EXPECT_NE(nan.err.find("layer 0"), std::string::npos) << nan.err;
  const auto run = nlohmann::json::parse(assay_ok({"show", "nan/arc_easy", "--db", database, "--json"}).out);
  EXPECT_EQ(run.at("state"), "interrupted");
  EXPECT_TRUE(run.at("metrics").empty());
  EXPECT_EQ(assay_ok({"export", "nan", "--db", database, "--out", "-"}).out, "");

  const Outcome beyond = assay({"run", "--model", malformed / "tokenizer-id-beyond-vocab", "--tasks", "arc_easy",
                                "--limit", "1", "--data-dir", data, "--db", database, "--quiet"});
  EXPECT_EQ(beyond.exit, 65) << beyond.err;
  EXPECT_NE(beyond.err.find("tokenizer"), std::string::npos) << beyond.err;
}

TEST(CommandLine, AFileOfAnswersNamesWhatIsMissingSurplusAndDoubled) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string file = folder / "answers.jsonl";
  const auto run = [&](const std::string& name) {
    return assay({"run", "--model", "responses:" + file, "--tasks", "gsm8k_cot", "--limit", "3", "--data-dir", data,
                  "--db", folder / "assay.db", "--name", name});
  };
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  write("{\"id\":\"gsm8k/test/0\",\"text\":\"The answer is 18.\"}\n{\"id\":\"gsm8k/test/9\",\"text\":\"x\"}\n");
  const Outcome missing = run("missing");
  EXPECT_EQ(missing.exit, 65);
  EXPECT_NE(missing.err.find("2 samples have no answer in the file: gsm8k_cot: gsm8k/test/1"), std::string::npos)
      << missing.err;
  EXPECT_NE(missing.err.find("1 ids of the file belong to no sample that is asked: gsm8k/test/9"), std::string::npos)
      << missing.err;

  // The file completed, the run goes on.
  write(
      "{\"id\":\"gsm8k/test/0\",\"text\":\"18\"}\n{\"id\":\"gsm8k/test/1\",\"text\":\"The answer is 3.\"}\n"
      "{\"task_id\":\"gsm8k/test/2\",\"completion\":\"The answer is 7.\"}\n");
  const Outcome resumed = assay({"run", "--resume", "missing", "--db", folder / "assay.db", "--json"});
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  const auto result = nlohmann::json::parse(resumed.out).at("runs").at(0);
  EXPECT_EQ(result.at("n"), 3);
  EXPECT_DOUBLE_EQ(result.at("metrics").at(0).at("value").get<double>(), 2.0 / 3);

  write("{\"id\":\"gsm8k/test/0\",\"text\":\"18\"}\n{\"id\":\"gsm8k/test/1\"}\n");
  const Outcome broken = run("broken");
  EXPECT_EQ(broken.exit, 65);
  EXPECT_NE(broken.err.find("answers.jsonl: line 2"), std::string::npos) << broken.err;

  write("{\"id\":\"gsm8k/test/0\",\"text\":\"18\"}\n{\"id\":\"gsm8k/test/0\",\"text\":\"18\"}\n");
  EXPECT_EQ(run("missing").exit, 64) << "a name that exists";
}

// TinyStories' context is shorter than eight worked examples: what was cut is said, never silent.
TEST(CommandLine, AnEndThatWasCutIsSaid) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const Outcome outcome = assay_ok({"run", "--model", model, "--tasks", "gsm8k_cot", "--limit", "2", "--max-tokens",
                                    "8", "--data-dir", data, "--db", folder / "assay.db", "--quiet"});
  EXPECT_NE(outcome.err.find("gsm8k_cot: 2 of 2 prompts lost their left end"), std::string::npos) << outcome.err;
  const Outcome exported = assay_ok({"export", "latest", "--db", folder / "assay.db", "--out", "-"});
  EXPECT_NE(exported.out.find("\"truncated\":true"), std::string::npos) << exported.out;
}

TEST(CommandLine, EveryCommandHasHelpWithAnExample) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"run"},
                                                                                       {"plan"},
                                                                                       {"tasks", "list"},
                                                                                       {"tasks", "show"},
                                                                                       {"tasks", "check"},
                                                                                       {"tasks", "render"},
                                                                                       {"runs"},
                                                                                       {"show"},
                                                                                       {"export"},
                                                                                       {"delete"},
                                                                                       {"merge"},
                                                                                       {"import"},
                                                                                       {"rescore"},
                                                                                       {"reference", "list"},
                                                                                       {"replay"},
                                                                                       {"certify"},
                                                                                       {"verify"},
                                                                                       {"datasets", "verify"},
                                                                                       {"bench"},
                                                                                       {"doctor"},
                                                                                       {"sandbox", "check"},
                                                                                       {"sandbox", "run"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    const Outcome help = assay_ok(arguments);
    EXPECT_NE(help.out.find("Example"), std::string::npos) << command.back();
  }
  EXPECT_NE(assay_ok({"--version"}).out.find("assay 0."), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(assay_ok({"--version", "--json"}).out).contains("version"));
  EXPECT_TRUE(nlohmann::json::parse(assay_ok({"doctor", "--json"}).out).is_array());
}

}  // namespace
}  // namespace assay::testing
