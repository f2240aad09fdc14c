#include "tests/engine/engine/requests.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace assay::engine::testing {
namespace {

constexpr const char* kWords[] = {"Once",  "upon",  "a",   "time",  "there",  "was",      "little", "girl",
                                  "named", "Lily.", "She", "liked", "to",     "play",     "with",   "her",
                                  "dog",   "in",    "the", "park.", "Tom",    "saw",      "big",    "tree",
                                  "and",   "his",   "mom", "said,", "\"No\"", "caf\u00e9"};

std::string words(PythonRandom& random, uint32_t count) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) text += random.below(12) == 0 ? "\n" : " ";
    text += kWords[random.below(std::size(kWords))];
  }
  return text;
}

Request likelihood(PythonRandom& random, const std::string& head) {
  // 500 words do not fit the context of 512 tokens.
  LogLikelihoodRequest request{head + words(random, random.below(12) == 0 ? 500 : random.below(40)), {}};
  // The tokenizer merges across words; "=" is one that it never merges, so that a continuation is tokens of its own.
  request.context += random.below(8) == 0 ? " =\n " : " =";
  const bool letters = random.below(2) == 0;
  for (const char* letter : {" A", " B", " C", " D"}) {
    request.continuations.push_back(letters ? letter : fmt::format(" {}", words(random, 1 + random.below(6))));
  }
  return request;
}

Request generation(PythonRandom& random, const std::string& head) {
  GenerateRequest request{head + words(random, random.below(30)), {}, random.below(2) == 0, 1, {}};
  request.max_tokens = 1 + static_cast<int>(random.below(60));
  if (random.below(2) == 0) request.stops = {"\n", " was", "", "She"};
  if (random.below(2) == 0) request.sampling = {0.8, 0.95, random.below(100), random.next_u32(), random.below(4)};
  return request;
}

}  // namespace

std::vector<Request> mixed_requests(uint64_t seed, size_t count) {
  PythonRandom random(seed);
  std::vector<std::string> heads = {""};
  for (int i = 0; i < 5; ++i) heads.push_back(words(random, 20 + random.below(80)) + "\n\n");
  std::vector<Request> requests;
  while (requests.size() < count) {
    const std::string& head = heads[random.below(static_cast<uint32_t>(heads.size()))];
    const uint32_t kind = random.below(10);
    if (kind < 5) {
      requests.push_back(likelihood(random, head));
    } else if (kind == 5) {
      const int strides[] = {0, 100, 511};
      requests.push_back(TextRequest{words(random, random.below(700)), strides[random.below(3)]});
    } else {
      requests.push_back(generation(random, head));
      // Further samples of the same prompt.
      for (uint32_t repeat = random.below(4) == 0 ? 3 : 0; repeat > 0 && requests.size() < count; --repeat) {
        GenerateRequest again = std::get<GenerateRequest>(requests.back());
        again.sampling.temperature = 1;
        again.sampling.repeat = repeat + 10;
        requests.push_back(std::move(again));
      }
    }
  }
  return requests;
}

std::map<size_t, Response> run_all(Engine& engine, std::span<const Request> requests) {
  std::map<size_t, Response> responses;
  const bool complete =
      engine.run(requests, {[&](std::vector<Response> batch) {
                              for (Response& response : batch) {
                                const size_t request = response.request;
                                EXPECT_TRUE(responses.try_emplace(request, std::move(response)).second);
                              }
                            },
                            {},
                            nullptr});
  EXPECT_TRUE(complete);
  EXPECT_EQ(responses.size(), requests.size());
  return responses;
}

std::string exact_text(const Response& response) {
  std::string text = fmt::format("{} {}", response.prompt_tokens, response.truncated);
  if (const auto* likelihood = std::get_if<LogLikelihoodResponse>(&response.body)) {
    for (size_t c = 0; c < likelihood->logprobs.size(); ++c) {
      text += fmt::format(" {:a}/{}", likelihood->logprobs[c], static_cast<bool>(likelihood->greedy[c]));
    }
  } else if (const auto* whole = std::get_if<TextResponse>(&response.body)) {
    text += fmt::format(" {:a} {}", whole->logprob, whole->tokens);
  } else {
    const auto& generated = std::get<GenerateResponse>(response.body);
    text += fmt::format(" {} [{}] {}", generated.text, fmt::join(generated.token_ids, " "),
                        static_cast<int>(generated.finish));
  }
  return text;
}

}  // namespace assay::engine::testing
