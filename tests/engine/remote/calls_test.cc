#include "engine/remote/calls.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/error.h"

namespace assay::engine {
namespace {

using nlohmann::json;

json body_of(const Request& request, size_t part = 0) {
  return json::parse(make_call(request, part, "tiny").body);
}

TEST(Calls, AGreedyPromptSaysNothingOfChance) {
  const GenerateRequest request{"Q: ?", {"a", "", "b", "c", "d", "e"}, false, 32, {}};
  EXPECT_EQ(make_call(request, 0, "tiny").path, "/completions");
  EXPECT_EQ(body_of(request), json::parse(R"({"model":"tiny","prompt":"Q: ?","max_tokens":32,"temperature":0.0,"n":1,
                                              "stop":["a","b","c","d"]})"));
}

TEST(Calls, ASampledPromptHasASeedOfItsOwn) {
  std::set<int64_t> seeds;
  for (uint64_t key = 0; key < 20; ++key) {
    for (uint32_t repeat = 0; repeat < 5; ++repeat) {
      const json body = body_of(GenerateRequest{"Q", {}, false, 8, {0.8, 0.95, 7, key, repeat}});
      EXPECT_EQ(body.at("top_p"), 0.95);
      EXPECT_FALSE(body.contains("stop"));
      seeds.insert(body.at("seed").get<int64_t>());
    }
  }
  EXPECT_EQ(seeds.size(), 100u);
  EXPECT_GE(*seeds.begin(), 0);
  EXPECT_LT(*seeds.rbegin(), int64_t{1} << 31);
}

TEST(Calls, ADialogueIsRenderedByTheServer) {
  GenerateRequest request{"ignored", {}, false, 8, {}};
  request.turns = {{"user", "hello"}};
  EXPECT_EQ(make_call(request, 0, "m").path, "/chat/completions");
  json body = body_of(request);
  EXPECT_EQ(body.at("messages"), json::parse(R"([{"role":"user","content":"hello"}])"));
  EXPECT_FALSE(body.contains("prompt"));
  EXPECT_FALSE(body.contains("continue_final_message"));
  request.turns.push_back({"assistant", "The best answer is"});
  body = body_of(request);
  EXPECT_EQ(body.at("continue_final_message"), true);
  EXPECT_EQ(body.at("add_generation_prompt"), false);
}

TEST(Calls, ALikelihoodIsAnEchoOfEachContinuation) {
  const LogLikelihoodRequest request{"The sky is", {" blue", " \xE2\x82\xAC"}};
  ASSERT_EQ(call_count(request), 2u);
  const json body = body_of(request, 1);
  EXPECT_EQ(body.at("prompt"), "The sky is \xE2\x82\xAC");
  EXPECT_EQ(body.at("echo"), true);
  EXPECT_EQ(body.at("logprobs"), 1);
  EXPECT_GE(make_call(request, 1, "tiny").worst.prompt_tokens, 14);
  EXPECT_EQ(body_of(LogLikelihoodRequest{"a\xFF", {" b"}}).at("prompt"), "a\xEF\xBF\xBD b");
  try {
    make_call(TextRequest{"x", 0}, 0, "tiny");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
  }
}

TEST(Calls, TextsAreCutHereAgain) {
  struct Case {
    const char* answer;
    const char* text;  // null: an error
    FinishReason finish;
  };
  const Case cases[] = {
      {R"({"choices":[{"text":" 7.\n\nQ: x","finish_reason":"length"}]})", " 7.\n\n", FinishReason::kStop},
      {R"({"choices":[{"text":" 7","finish_reason":"length"}]})", " 7", FinishReason::kLength},
      {R"({"choices":[{"text":" 7","finish_reason":"stop"}]})", " 7", FinishReason::kStop},
      {R"({"choices":[{"text":" 7","finish_reason":"stop","stop_reason":null}]})", " 7", FinishReason::kEndToken},
      {R"({"choices":[{"text":" 7","finish_reason":"stop","matched_stop":128009}]})", " 7", FinishReason::kEndToken},
      {R"({"choices":[{"text":" 7","finish_reason":"stop","stop_reason":"Q:"}]})", " 7", FinishReason::kStop},
      {R"({"choices":[{"message":{"content":"8"},"finish_reason":"stop"}]})", "8", FinishReason::kStop},
      {R"({"choices":[{"text":"","finish_reason":"stop","stop_reason":null}]})", "", FinishReason::kEndToken},
      {R"({"choices":[{"message":{"content":null},"finish_reason":"length"}]})", nullptr, {}},
      {R"({"choices":[{"message":{"content":null},"finish_reason":"tool_calls"}]})", nullptr, {}},
      {R"({"choices":[{"message":7}]})", nullptr, {}},
      {R"({"choices":[{}]})", nullptr, {}},
      {R"({"choices":[null]})", nullptr, {}},
      {R"({"choices":[]})", nullptr, {}},
      {R"({"choices":{}})", nullptr, {}},
      {R"({})", nullptr, {}},
  };
  const GenerateRequest request{"Q", {"Q:"}, false, 8, {}};
  int checked = 0;
  for (const Case& c : cases) {
    ++checked;
    try {
      const GenerateResponse response = read_generation(json::parse(c.answer), request);
      ASSERT_NE(c.text, nullptr) << c.answer;
      EXPECT_EQ(response.text, c.text);
      EXPECT_EQ(response.finish, c.finish) << c.answer;
    } catch (const Error& error) {
      EXPECT_EQ(c.text, nullptr) << c.answer << error.what();
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
    }
  }
  std::cout << checked << " answers read\n";
}

TEST(Calls, UsageIsReadWhereItIsOne) {
  Cost cost;
  EXPECT_TRUE(read_usage(json::parse(R"({"usage":{"prompt_tokens":5,"completion_tokens":2}})"), cost));
  EXPECT_EQ(cost.prompt_tokens, 5);
  EXPECT_EQ(cost.generated_tokens, 2);
  EXPECT_TRUE(read_usage(json::parse(R"({"usage":{"prompt_tokens":5}})"), cost));
  EXPECT_EQ(cost.generated_tokens, 0);
  for (const char* none : {R"({})", R"({"usage":null})", R"({"usage":{}})", R"({"usage":{"prompt_tokens":"5"}})"}) {
    EXPECT_FALSE(read_usage(json::parse(none), cost)) << none;
  }
}

TEST(Calls, FurtherFieldsStandInEveryRequest) {
  const json extra = {{"repeat_penalty", 1.0}, {"user", "assay"}};
  const Request requests[] = {GenerateRequest{"A", {}, false, 5, {}}, LogLikelihoodRequest{"A", {" b"}}};
  for (const Request& request : requests) {
    const json body = json::parse(make_call(request, 0, "tiny", extra).body);
    EXPECT_EQ(body.at("repeat_penalty"), 1.0);
    EXPECT_EQ(body.at("user"), "assay");
    EXPECT_EQ(body.at("model"), "tiny");
  }
  check_extra_fields(extra);
  for (const char* ours : {"model", "max_tokens", "stream", "logprobs"}) {
    EXPECT_THROW(check_extra_fields({{ours, 1}}), Error) << ours;
  }
}

}  // namespace
}  // namespace assay::engine
