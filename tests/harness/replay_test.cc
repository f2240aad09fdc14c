// `assay replay`: the same bits from fifty samples alone, and everything that must not pass.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/harness/small_run.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

nlohmann::json json_of(const Outcome& outcome) {
  return nlohmann::json::parse(outcome.out, nullptr, false);
}

TEST(Replay, FiftySamplesGiveEqualBits) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  const Outcome words = run.replay({"night/words", "--items", "50", "--seed", "7"});
  EXPECT_EQ(words.exit, 0) << words.err;
  EXPECT_NE(words.out.find("50 samples, 200 log-probabilities: all bits equal"), std::string::npos) << words.out;
  EXPECT_NE(words.out.find("--seed 7"), std::string::npos) << words.out;

  // A batch: samples of all its runs together; all of them where more are asked for. Other step sizes, other threads.
  const Outcome all = run.replay({"latest", "--items", "500", "--threads", "1", "--json"});
  EXPECT_EQ(all.exit, 0) << all.err;
  const nlohmann::json json = json_of(all);
  EXPECT_TRUE(json.at("equal"));
  EXPECT_EQ(json.at("runs").size(), 2u);
  EXPECT_EQ(json.at("result").at("samples"), 72);
  EXPECT_EQ(json.at("result").at("logprobs"), 240);
  EXPECT_EQ(json.at("result").at("texts"), 12);

  // The seed that was drawn and printed draws the same samples again.
  const nlohmann::json drawn = json_of(run.replay({"latest", "--items", "5", "--json"}));
  const std::string seed = std::to_string(drawn.at("seed").get<uint64_t>());
  EXPECT_EQ(json_of(run.replay({"latest", "--items", "5", "--seed", seed, "--json"})), drawn);
  std::cout << "50 + 72 + 5 + 5 samples replayed: all bits equal\n";
}

TEST(Replay, ADamagedWeightIsCaughtByHashAndByBits) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  ASSERT_NO_FATAL_FAILURE(flip_top_exponent_bit(run.model(), "model.norm.weight", 0));
  const Outcome by_hash = run.replay({"night/words", "--items", "50", "--seed", "7"});
  EXPECT_EQ(by_hash.exit, 1) << by_hash.err;
  EXPECT_NE(by_hash.out.find("computed.weights_sha256 is "), std::string::npos) << by_hash.out;
  EXPECT_NE(by_hash.out.find("nothing was computed"), std::string::npos) << by_hash.out;

  const Outcome by_bits = run.replay({"night/words", "--items", "50", "--seed", "7", "--ignore-hash", "--json"});
  EXPECT_EQ(by_bits.exit, 1) << by_bits.err;
  const nlohmann::json result = json_of(by_bits).at("result");
  EXPECT_GT(result.at("logprobs_differ"), 150);
  EXPECT_EQ(result.at("differences").size(), 10u) << "the first are named, the rest are counted";
  std::cout << result.at("logprobs_differ") << " of " << result.at("logprobs") << " log-probabilities differ, by "
            << result.at("largest_difference") << "\n";
  const Outcome text = run.replay({"latest", "--items", "50", "--seed", "7", "--ignore-hash"});
  EXPECT_EQ(text.exit, 1);
  EXPECT_NE(text.out.find("log-probabilities differ, by at most"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("texts differ"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("recorded -"), std::string::npos) << text.out;
  // A tolerance does not let it through: neither the numbers nor the texts.
  const Outcome tolerant = run.replay({"latest", "--items", "100", "--ignore-hash", "--tolerance", "0.002", "--json"});
  EXPECT_EQ(tolerant.exit, 1) << tolerant.out;
  EXPECT_GT(json_of(tolerant).at("result").at("texts_failed"), 0) << tolerant.out;
}

TEST(Replay, AModelThatGivesNansDiffers) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  ASSERT_NO_FATAL_FAILURE(flip_top_exponent_bit(run.model(), "model.norm.weight", 1));
  const Outcome outcome = run.replay({"night/words", "--ignore-hash"});
  EXPECT_EQ(outcome.exit, 1) << outcome.err;
  EXPECT_NE(outcome.out.find("samples have no answer"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("log-probabilities differ"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("NaN"), std::string::npos) << outcome.out;
}

TEST(Replay, WithATolerancePassesOnOtherKernels) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  const Outcome outcome =
      run.replay({"latest", "--items", "100", "--tolerance", "0.002", "--kernels", "scalar", "--json"});
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
  const nlohmann::json json = json_of(outcome);
  EXPECT_EQ(json.at("kernels"), "scalar");
  EXPECT_EQ(json.at("result").at("logprobs_failed"), 0);
  EXPECT_EQ(json.at("result").at("texts_failed"), 0);
  const Outcome text = run.replay({"night/words", "--tolerance", "0.002", "--kernels", "scalar"});
  EXPECT_NE(text.out.find("compared with a tolerance of 0.002, on kernel set scalar"), std::string::npos) << text.out;
  std::cout << json.at("result").at("logprobs_differ") << " of 240 log-probabilities differ by at most "
            << json.at("result").at("largest_difference") << ", " << json.at("result").at("texts_differ")
            << " of 12 texts\n";
  EXPECT_EQ(run.replay({"latest", "--kernels", "scalar"}).exit, 64) << "another kernel set needs a tolerance";
}

TEST(Replay, WhatIsNotThereIsNamed) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const SmallRun run(shared);
  const auto refused = [&](std::vector<std::string> more, int exit, const std::string& says) {
    const Outcome outcome = run.replay(std::move(more));
    EXPECT_EQ(outcome.exit, exit) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  };
  refused({"latest", "--items", "0"}, 64, "--items");
  refused({"latest", "--tolerance", "-1"}, 64, "--tolerance");
  refused({"nights"}, 64, "night");

  // Answers that no engine of ours computed.
  const auto file = run / "answers.jsonl";
  std::string answers;
  for (int i = 0; i < 12; ++i) answers += "{\"id\":\"stories/" + std::to_string(i) + "\",\"text\":\"was\"}\n";
  write_file_atomically(file, answers);
  assay_ok({"run", "--model", "responses:" + file.string(), "--tasks", "stories", "--tasks-dir", run.tasks(), "--db",
            run.database(), "--name", "elsewhere", "--quiet"});
  refused({"elsewhere"}, 69, "not computed by an engine");

  // The data changed.
  const std::string stories = read_file(run.tasks() / "stories.jsonl");
  write_file_atomically(run.tasks() / "stories.jsonl", "{\"question\":\"Once\",\"answer\":\"was\"}\n");
  refused({"night/stories"}, 65, "the prompt is not the one that was asked");
  write_file_atomically(run.tasks() / "stories.jsonl", stories);

  // The model is somewhere else, and then gone.
  std::filesystem::rename(run.model(), run / "moved");
  refused({"night/stories"}, 69, "model");
  EXPECT_EQ(run.replay({"night/stories", "--model", run / "moved"}).exit, 0);
}

}  // namespace
}  // namespace assay::testing
