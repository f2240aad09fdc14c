// A text that is not the recorded one: accounted for by rounding, not this model's, or undecided.
#include "harness/rerun_texts.h"

#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/golden.h"

namespace assay::harness {
namespace {

using engine::FinishReason;
using engine::GenerateResponse;

engine::GenerateRequest story(const std::string& prompt) {
  engine::GenerateRequest request;
  request.prompt = prompt;
  request.stops = {"."};
  request.max_tokens = 48;
  return request;
}

GenerateResponse generate(engine::Engine& engine, const engine::GenerateRequest& request) {
  const std::vector<engine::Request> requests{request};
  std::optional<engine::Response> answer;
  engine::RunCallbacks callbacks;
  callbacks.on_responses = [&](std::vector<engine::Response> responses) { answer = std::move(responses.at(0)); };
  engine.run(requests, callbacks);
  return std::get<GenerateResponse>(answer.value().body);
}

// Judges `recorded` as an answer to `request` with a tolerance.
RerunResult judged(engine::Engine& engine, const engine::GenerateRequest& request, const GenerateResponse& recorded,
                   double tolerance, bool truncated = false) {
  const std::vector<Rerun> samples = {{"story", request, {0, -1, truncated, recorded}}};
  const std::atomic<bool> stop = false;
  return rerun(engine, samples, tolerance, stop);
}

TEST(RerunTexts, AreJudgedByWhatTheModelCouldHaveSaid) {
  ASSAY_REQUIRE_SHARED(model, "models/stories260K");
  engine::EngineOptions options;
  options.dtype = "f32";
  engine::Engine engine(model.string(), options);
  const engine::GenerateRequest request = story("Once upon a time");
  const GenerateResponse said = generate(engine, request);
  ASSERT_EQ(said.finish, FinishReason::kStop);
  EXPECT_TRUE(judged(engine, request, said, 1e-3).all_equal());

  // Another beginning, and from there on what the model says.
  const std::string turn = ", there lived";
  ASSERT_FALSE(said.text.starts_with(turn));
  GenerateResponse parted = generate(engine, story(request.prompt + turn));
  ASSERT_EQ(parted.finish, FinishReason::kStop);
  parted.text = turn + parted.text;
  parted.token_ids.clear();

  const RerunResult tie = judged(engine, request, parted, 20);
  EXPECT_EQ(tie.texts_that(TextVerdict::kNearTie), 1u) << "within a tolerance that allows the turn";
  EXPECT_FALSE(tie.failed() || tie.undecided() || tie.all_equal());
  const RerunResult failed = judged(engine, request, parted, 1e-3);
  EXPECT_EQ(failed.texts_that(TextVerdict::kFailed), 1u);
  EXPECT_TRUE(failed.failed());

  // Where nothing can be told nothing is claimed.
  GenerateResponse cut = parted;
  cut.text.resize(cut.text.rfind(' '));
  EXPECT_TRUE(judged(engine, request, cut, 20).undecided()) << "the model does not end there";
  GenerateResponse length = parted;
  length.finish = FinishReason::kLength;
  EXPECT_TRUE(judged(engine, request, length, 20).undecided()) << "not as long as its limit";
  EXPECT_TRUE(judged(engine, request, parted, 1e-3, /*truncated=*/true).undecided()) << "its prompt was cut";
  engine::GenerateRequest sampled = request;
  sampled.sampling.temperature = 0.5;
  EXPECT_TRUE(judged(engine, sampled, parted, 1e-3).undecided()) << "a draw is no maximum";
  GenerateResponse too_long = parted;
  for (int i = 0; i < 6; ++i) too_long.text += too_long.text + too_long.text;
  EXPECT_TRUE(judged(engine, request, too_long, 20).undecided()) << "longer than the context";
  std::cout << "8 texts judged\n";
}

}  // namespace
}  // namespace assay::harness
