#include "engine/remote/prompt_logprobs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

using nlohmann::json;

// What a server answers: the tokens of the prompt, and one generated. Token i has log-probability -i.
json echoed(const std::vector<std::string>& tokens, const std::string& text, bool usage = true) {
  json logprobs = json::array();
  json top = json::array();
  json offsets = json::array();
  size_t offset = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const double logprob = -static_cast<double>(i);
    logprobs.push_back(i == 0 ? json() : json(logprob));
    top.push_back(i == 0 ? json() : json{{tokens[i], logprob}, {"other", i % 2 == 0 ? -0.5 : -100}});
    offsets.push_back(offset);
    offset += count_code_points(tokens[i]);
  }
  json answer = {
      {"choices",
       {{{"text", text},
         {"logprobs",
          {{"tokens", tokens}, {"token_logprobs", logprobs}, {"top_logprobs", top}, {"text_offset", offsets}}}}}}};
  if (usage) answer["usage"] = {{"prompt_tokens", tokens.size() - 1}, {"completion_tokens", 1}};
  return answer;
}

TEST(PromptLogprobs, TheContinuationIsFoundByItsText) {
  struct Case {
    std::vector<std::string> tokens;  // the last one was generated
    std::string context;
    std::string continuation;
    double logprob;
    bool greedy;
    int context_tokens;
  };
  const Case cases[] = {
      {{"The", " sky", " is", " blue", " now"}, "The sky is", " blue", -3, true, 3},
      {{"The", " sky", " is", " bl", "ue", " now"}, "The sky is", " blue", -7, false, 3},
      {{"<s>", "The", " sky", " blue", " now"}, "The sky", " blue", -3, true, 2},  // a BOS that the server added
      {{" The", " sky", " blue", " now"}, "The sky", " blue", -2, false, 2},       // SentencePiece's first space
      {{"<s>", "blue", "!"}, "", "blue", -1, true, 0},                             // an empty context
      {{"<s>", " blue", "!"}, "", "blue", -1, true, 0},
      {{"A", ":", " x", " y", "z"}, "A: ", "x y", -5, false, 2},  // white space goes over
      {{"A", "\n", "B", "z"}, "A\n", "B", -3, false, 1},
      {{"A", "\xEF\xBF\xBD", "\xEF\xBF\xBD", " b", "z"}, "A\xE2\x82\xAC", " b", -3, true, 3},
  };
  int checked = 0;
  for (const bool usage : {true, false}) {
    for (const Case& c : cases) {
      const LogLikelihoodRequest request{c.context, {"zzz", c.continuation}};
      const bool pieces = c.tokens.at(1).starts_with('\xEF');
      if (pieces && !usage) continue;  // its offsets count three characters for one
      const json answer = echoed(c.tokens, c.context + c.continuation + c.tokens.back(), usage);
      const ScoredContinuation scored = read_continuation(answer, request, 1);
      EXPECT_EQ(scored.logprob, c.logprob) << c.context << "|" << c.continuation;
      EXPECT_EQ(scored.greedy, c.greedy) << c.context << "|" << c.continuation;
      EXPECT_TRUE(scored.greedy_known);
      EXPECT_EQ(scored.context_tokens, c.context_tokens) << c.context << "|" << c.continuation;
      ++checked;
    }
  }
  std::cout << checked << " boundaries found\n";
}

TEST(PromptLogprobs, AContinuationOfPiecesIsFoundByItsOffset) {
  // A character of three bytes as two tokens without a text of their own.
  json answer = echoed({"A", " bytes", "x", "y", "z"}, "A \xE2\x82\xAC!");
  json& logprobs = answer["choices"][0]["logprobs"];
  logprobs["tokens"] = {"A", "bytes: \\xe2", "bytes:\\x82\\xac", "!"};
  logprobs["token_logprobs"] = {nullptr, -1, -2, -3};
  logprobs["top_logprobs"] = nullptr;
  logprobs["text_offset"] = {0, 1, 2, 3};
  const ScoredContinuation scored = read_continuation(answer, {"A", {" \xE2\x82\xAC"}}, 0);
  EXPECT_EQ(scored.logprob, -3);
  EXPECT_FALSE(scored.greedy_known);
}

// Counts are asked only where texts do not tell: llama-cpp-python counts a generated token that it does not list.
TEST(PromptLogprobs, TheEndOfThePromptIsFoundByItsText) {
  const LogLikelihoodRequest request{"The sky is", {" blue"}};
  for (const int counted : {0, 1, 999}) {
    json answer = echoed({"The", " sky", " is", " blue"}, "The sky is blue now");
    answer["usage"]["completion_tokens"] = counted;
    EXPECT_EQ(read_continuation(answer, request, 0).logprob, -3) << counted;
  }
}

// What llama-cpp-python 0.3.36 answered of SmolLM2: the likeliest behind "is" is told at "is", and so on.
TEST(PromptLogprobs, ValuesOfTheNextPositionAreNoticed) {
  const LogLikelihoodRequest request{"The sky is", {" blue", " ("}};
  const auto answer = [](const std::string& last, const json& likeliest) {
    json echo = echoed({"The", " sky", " is", last, " now"}, "The sky is" + last + " now");
    echo["choices"][0]["logprobs"]["top_logprobs"][3] = likeliest;
    return echo;
  };
  struct Case {
    json first;
    json second;
    bool right;
  };
  const Case cases[] = {
      {{{" blue", -0.7}}, {{" blue", -0.7}, {" (", -9.1}}, true},
      {{{" blue", -0.7}, {" the", -0.6}}, {{" the", -0.63}, {" (", -9.1}}, true},
      {{{" blue", -0.7}}, {{" the", -0.69}, {" (", -9.1}}, true},  // two that are alike change places
      {{{",", -0.938}, {" blue", -9.05}}, {{"1", -1.119}, {" (", -14.7}}, false},
      {{{".", -0.4}, {" blue", -8.0}}, {{".", -2.5}, {" (", -9.0}}, false},
      {json(), json(), true},  // not told: nothing can be said
  };
  for (const Case& c : cases) {
    const json answers[] = {answer(" blue", c.first), answer(" (", c.second)};
    EXPECT_EQ(are_of_their_tokens(answers, request), c.right) << c.first.dump() << " " << c.second.dump();
  }
}

TEST(PromptLogprobs, WhatIsOfOtherTextIsRefused) {
  const LogLikelihoodRequest request{"The sky is", {" blue"}};
  const std::string text = "The sky is blue now";
  json no_number = echoed({"The", " sky", " is", " blue", " now"}, text);
  no_number["choices"][0]["logprobs"]["token_logprobs"][3] = nullptr;
  json shorter = echoed({"The", " sky", " is", " blue", " now"}, text);
  shorter["choices"][0]["logprobs"]["token_logprobs"].erase(0);
  json numbers = echoed({"The", " sky", " is", " blue", " now"}, text);
  numbers["choices"][0]["logprobs"]["tokens"][2] = 17;
  const std::pair<json, const char*> cases[] = {
      {echoed({"The", " sky", " is blue", " now"}, text), "lies across the end of the context"},
      {echoed({"The", " sky", " is", " red", " now"}, text), "of other tokens"},
      {echoed({"The", " sky", " is", " blue", "s", " now"}, text), "of other tokens"},
      {echoed({"The", " sky", " is", " blue", " now"}, "the sky is blue now"), "is not the prompt"},
      {echoed({"The", " sky", " is", " blue", " now"}, ""), "is not the prompt"},
      {no_number, "has no log-probability"},
      {shorter, "no log-probabilities of the prompt"},
      {numbers, "no log-probabilities of the prompt"},
      {json::parse(R"({"choices":[{"text":"The sky is blue","logprobs":null}]})"), "no log-probabilities"},
      {json::parse(R"({"choices":[]})"), "no choice"},
      {json::parse(R"({"choices":[{"text":"The sky is blue","logprobs":{"tokens":[],"token_logprobs":[]}}]})"),
       "of other tokens"},
  };
  int checked = 0;
  for (const auto& [answer, says] : cases) {
    try {
      read_continuation(answer, request, 0);
      ADD_FAILURE() << answer.dump();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
    }
    ++checked;
  }
  std::cout << checked << " answers refused\n";
}

TEST(PromptLogprobs, TheProbeSeesWhetherAServerGivesThem) {
  EXPECT_TRUE(has_prompt_logprobs(echoed({"The sky", " is", " blue", "."}, "The sky is blue."), "The sky is blue"));
  const char* without[] = {R"({"choices":[{"text":" and","logprobs":null}]})", R"({"choices":[{"text":" and"}]})",
                           R"({"choices":[{"text":" and","logprobs":{"tokens":[" and"],"token_logprobs":[-1]}}]})"};
  for (const char* answer : without)
    EXPECT_FALSE(has_prompt_logprobs(json::parse(answer), "The sky is blue")) << answer;
}

}  // namespace
}  // namespace assay::engine
