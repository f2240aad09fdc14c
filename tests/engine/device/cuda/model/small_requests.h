// A few requests for the golden checkpoints, whose tokens are about a letter each, under an emulation that computes a
// hundred tokens a second.
#pragma once

#include <vector>

#include "engine/engine.h"

namespace assay::testing {

// Likelihoods and generations (greedy, sampled, two of one prompt) that share a beginning up to the middle of a page,
// and a generation behind a prompt of more than one piece of decode attention (kPieceTokens) where `with_long`.
inline std::vector<engine::Request> small_requests(bool with_long) {
  using engine::GenerateRequest;
  using engine::LogLikelihoodRequest;
  const std::string head = "Q: What is the colour of a lemon? A: yellow Q: ";
  std::vector<engine::Request> requests = {
      LogLikelihoodRequest{head + "the sky?", {" blue", " red", " of stone"}},
      LogLikelihoodRequest{head + "the grass?", {" A", " B", " C", " D"}},
      GenerateRequest{head + "the sea?", {}, false, 9, {}},
      GenerateRequest{head + "the sun?", {"e"}, false, 7, {0.8, 0.95, 1, 17, 0}},
      GenerateRequest{head + "the sun?", {"e"}, false, 7, {0.8, 0.95, 1, 17, 1}},
      LogLikelihoodRequest{"Q", {": What"}},
  };
  if (with_long) {
    std::string text;
    while (text.size() < 300) text += "one two three four ";
    requests.push_back(GenerateRequest{text, {}, false, 4, {}});
    requests.push_back(GenerateRequest{text + "five", {}, false, 3, {}});
  }
  return requests;
}

}  // namespace assay::testing
