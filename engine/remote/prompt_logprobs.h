// The log-probability of a continuation, read out of an echoed prompt with its log-probabilities (completions with
// echo and logprobs: vLLM, SGLang, llama-cpp-python, OpenAI's base models).
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "engine/request.h"

namespace assay::engine {

struct ScoredContinuation {
  double logprob = 0;
  bool greedy = true;        // every scored token is the likeliest that the server names
  bool greedy_known = true;  // the server names the likeliest
  double behind = 0;         // how far the worst scored token lies below the likeliest
  int context_tokens = 0;    // without a BOS that the server added
};

// PROTOCOLS.md §1.1: the white space at the end of the context belongs to the continuation (not where `generated`), and
// the scored tokens are those behind the context. The boundary must fall between two of the server's tokens, told by
// their texts, and by text_offset where a token is a piece of a character; the echoed text must be the prompt.
// Error(kBadInput) where one of it is not so, saying which.
ScoredContinuation read_continuation(const nlohmann::json& answer, const LogLikelihoodRequest& request, size_t part);

// Whether an answer has what read_continuation needs: for the probe.
bool has_prompt_logprobs(const nlohmann::json& answer, const std::string& prompt);

// Whether a log-probability stands at the token that it is of: behind one context the likeliest token is the same
// whatever continuation follows, unless each value is of the position after it (llama-cpp-python 0.3 does that).
// `answers`: one a continuation of `request`. True where the server does not name the likeliest.
bool are_of_their_tokens(std::span<const nlohmann::json> answers, const LogLikelihoodRequest& request);

}  // namespace assay::engine
