// `assay verify --model`: a stranger who has the weights asks again.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/harness/certified.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using Json = nlohmann::ordered_json;

TEST(VerifyModel, TheModelGivesTheCertifiedBits) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const std::string model = certified.run().model();
  const Outcome words = certified.run().verify(certified.certificate("words"), {"--model", model, "--items", "20"});
  EXPECT_EQ(words.exit, 0) << words.out << words.err;
  EXPECT_NE(words.out.find("20 samples, 80 log-probabilities: all bits equal"), std::string::npos) << words.out;
  EXPECT_NE(words.out.find("prompts, continuations and gold of 60 samples"), std::string::npos) << words.out;

  const Json stories = Json::parse(
      certified.run().verify(certified.certificate("stories"), {"--model", model, "--items", "99", "--json"}).out);
  EXPECT_TRUE(stories.at("verified")) << stories.dump(1);
  EXPECT_EQ(stories.at("model").at("result").at("texts"), 12);
  EXPECT_EQ(stories.at("model").at("result").at("tolerance"), nullptr) << "bits were compared";

  // The seed chooses together with the root.
  const auto asked = [&](const char* seed) {
    return certified.run()
        .verify(certified.certificate("words"),
                {"--model", model, "--items", "3", "--seed", seed, "--kernels", "scalar", "--json"})
        .out;
  };
  EXPECT_EQ(asked("1"), asked("1"));
}

TEST(VerifyModel, AnotherKernelSetIsComparedWithATolerance) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  for (const char* task : {"words", "stories"}) {
    const Outcome outcome = certified.run().verify(certified.certificate(task),
                                                   {"--model", certified.run().model(), "--kernels", "scalar"});
    EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
    EXPECT_NE(outcome.out.find("compared with a tolerance of 0.002, on kernel set scalar"), std::string::npos)
        << outcome.out;
  }
}

TEST(VerifyModel, DamagedWeightsFail) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const std::string model = certified.run().model();
  ASSERT_NO_FATAL_FAILURE(flip_top_exponent_bit(model, "model.norm.weight", 0));
  const Outcome by_hash = certified.run().verify(certified.certificate("words"), {"--model", model});
  EXPECT_EQ(by_hash.exit, 1) << by_hash.err;
  EXPECT_NE(by_hash.out.find("computed.weights_sha256 is "), std::string::npos) << by_hash.out;
  for (const char* task : {"words", "stories"}) {
    for (const char* kernels : {"auto", "scalar"}) {
      const Outcome by_bits = certified.run().verify(
          certified.certificate(task), {"--model", model, "--ignore-hash", "--kernels", kernels, "--json"});
      EXPECT_EQ(by_bits.exit, 1) << by_bits.out << by_bits.err;
      const Json result = Json::parse(by_bits.out).at("model").at("result");
      EXPECT_GT(result.at("logprobs_failed").get<int>() + result.at("texts_failed").get<int>(), 2) << by_bits.out;
    }
  }
}

// Forgeries that are consistent in themselves: only the data or the model tells.
TEST(VerifyModel, ConsistentForgeriesAreCaughtByDataAndModel) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const std::string model = certified.run().model();
  const std::string any_folder = certified.run() / "";
  struct Case {
    const char* name;
    const char* task;
    std::function<void(Json&)> change;
    std::vector<std::string> more;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"prompt hash",
       "words",
       [](Json& j) { j["prompt_sha256"] = std::string(64, '0'); },
       {"--data-dir", any_folder},
       "sample words/2: its prompt_sha256 is not what the task's data gives"},
      {"options",
       "words",
       [](Json& j) { j["continuations"][1] = " cat"; },
       {"--data-dir", any_folder},
       "sample words/2: its continuations"},
      {"an id",
       "words",
       [](Json& j) { j["id"] = "words/99"; },
       {"--data-dir", any_folder},
       "the task has no such sample"},
      {"one log-probability",
       "words",
       [](Json& j) { j["logprobs"][0] = j["logprobs"][0].get<double>() - 1e-6; },
       {"--model", model, "--items", "60"},
       "1 of 240 log-probabilities differ"},
      {"beyond the tolerance",
       "words",
       [](Json& j) { j["logprobs"][0] = j["logprobs"][0].get<double>() - 0.01; },
       {"--model", model, "--items", "60", "--kernels", "scalar"},
       "(1 by more than the tolerance)"},
      {"a text",
       "stories",
       [](Json& j) {
         j["text"] = " who liked to sing very much";
         j["extracted"]["first-word"] = "who";
         j["scores"]["first-word"] = 0;
       },
       {"--model", model, "--items", "60", "--kernels", "scalar"},
       "1 that this model does not say"},
  };
  size_t caught = 0;
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Forgery forgery = certified.read(test.task);
    forgery.edit_line(2, test.change);
    forgery.certify_anew();
    const Outcome outcome = certified.verify(forgery, test.more);
    EXPECT_EQ(outcome.exit, 1) << outcome.out << outcome.err;
    EXPECT_NE(outcome.out.find(test.says), std::string::npos) << outcome.out;
    ++caught;
  }
  std::cout << caught << " forgeries caught\n";
}

// A text cut short is one that the model says, but not one that ends there: it must not pass.
TEST(VerifyModel, ATextThatWasCutShortIsNotConfirmed) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  Forgery forgery = certified.read("stories");
  forgery.edit_line(2, [](Json& j) {
    const std::string text = j["text"];
    j["text"] = text.substr(0, text.find(' ', text.size() / 2));
    j["finish"] = "stop";
  });
  forgery.certify_anew();
  const Outcome outcome =
      certified.verify(forgery, {"--model", certified.run().model(), "--items", "60", "--kernels", "scalar"});
  EXPECT_EQ(outcome.exit, 2) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("Undecided"), std::string::npos) << outcome.out;
  const Outcome exact = certified.verify(forgery, {"--model", certified.run().model(), "--items", "60"});
  EXPECT_EQ(exact.exit, 1) << exact.out << exact.err;
}

TEST(VerifyModel, SeveralSampledAnswersAndFewerSamplesAreRenderedFromTheManifest) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  assay_ok({"run",    "--model", run.model(), "--tasks", "stories", "--tasks-dir", run.tasks(), "--db", run.database(),
            "--name", "sampled", "--samples", "3",       "--seed",  "9",           "--limit",   "5",    "--max-tokens",
            "8",      "--dtype", "bf16",      "--quiet"});
  ASSERT_EQ(run.certify("sampled", run / "sampled.json").exit, 0);
  const Outcome outcome = run.verify(run / "sampled.json", {"--model", run.model(), "--json"});
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
  const Json result = Json::parse(outcome.out).at("model").at("result");
  EXPECT_EQ(result.at("texts"), 15);
  EXPECT_EQ(result.at("texts_differ"), 0);
}

// Some subsets alone, and other shots than the protocol's: the manifest has to suffice for both.
TEST(VerifyModel, APartOfABenchmarkIsRenderedFromTheManifest) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string database = folder / "assay.db";
  struct Case {
    const char* task;
    std::vector<std::string> more;
    size_t logprobs;
  };
  size_t verified = 0;
  for (const Case& test : std::vector<Case>{{"mmlu", {"--subsets", "anatomy,virology", "--shots", "1"}, 16},
                                            {"arc_challenge", {"--shots", "2"}, 8},
                                            {"arc_easy", {"--shots", "1"}, 8},
                                            {"gsm8k", {"--shots", "0", "--max-tokens", "9"}, 0}}) {
    SCOPED_TRACE(test.task);
    std::vector<std::string> run = {"run",        "--model", shared, "--tasks", test.task, "--limit", "2",
                                    "--data-dir", data,      "--db", database,  "--name",  test.task, "--quiet"};
    run.insert(run.end(), test.more.begin(), test.more.end());
    assay_ok(run);
    const std::string certificate = folder / (std::string(test.task) + ".json");
    assay_ok({"certify", test.task, "--db", database, "--out", certificate});
    const Outcome outcome = assay({"verify", certificate, "--data-dir", data, "--model", shared, "--json"});
    EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
    const Json result = Json::parse(outcome.out).at("model").at("result");
    EXPECT_EQ(result.at("logprobs"), test.logprobs);
    EXPECT_EQ(result.at("logprobs_differ"), 0);
    ++verified;
  }
  std::cout << verified << " parts of benchmarks verified\n";
}

TEST(VerifyModel, WhatIsNotThereIsNamed) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const auto refused = [&](const Outcome& outcome, int exit, const std::string& says) {
    EXPECT_EQ(outcome.exit, exit) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  };
  const auto words = certified.certificate("words");
  refused(certified.run().verify(words, {"--model", certified.run() / "none"}), 69, "none");
  refused(certified.run().verify(words, {"--samples", certified.run() / "none.jsonl"}), 74, "none.jsonl");
  refused(certified.run().verify(words, {"--items", "0"}), 64, "--items");
  const std::string data = read_file(certified.run().tasks() / "words.jsonl");
  write_file_atomically(certified.run().tasks() / "words.jsonl", data.substr(0, data.find('\n') + 1));
  refused(certified.run().verify(words, {"--model", certified.run().model()}), 65, "asked.data_sha256");
  Forgery elsewhere = certified.read("words");
  elsewhere.certificate.manifest["computed"]["kernels"] = "unknown";
  elsewhere.certify_anew();
  refused(certified.verify(elsewhere, {"--model", certified.run().model()}), 69, "not computed by an engine");
}

}  // namespace
}  // namespace assay::testing
