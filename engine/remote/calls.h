// From requests to the JSON that an OpenAI-compatible server takes, and from its answers to responses.
// https://platform.openai.com/docs/api-reference: completions, chat/completions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/remote/budget.h"
#include "engine/request.h"

namespace assay::engine {

// One HTTP request.
struct Call {
  std::string path;  // "/completions", "/chat/completions"
  std::string body;
  Cost worst;  // a token has at least a byte, so a prompt has at most as many tokens as bytes
};

// Further fields of every request ({"repeat_penalty": 1}), for what a server would do by itself: an object.
// Error(kUsage) for one that the request says already.
void check_extra_fields(const nlohmann::json& fields);

// How many calls a request takes: one a continuation, one a generation.
size_t call_count(const Request& request);

// The `part`-th call of a request. A dialogue (GenerateRequest::turns) goes to chat/completions and is rendered by the
// server; one that ends in a begun answer is sent with add_generation_prompt false and continue_final_message true
// (vLLM, SGLang). The API takes four stops: the first four are sent. A seed is sent only where something is drawn.
// A likelihood is asked as the log-probabilities of an echoed prompt; a TextRequest cannot be asked: Error(kUsage).
// `extra`: further fields.
Call make_call(const Request& request, size_t part, const std::string& model,
               const nlohmann::json& extra = nlohmann::json::object());

// What the server counted (`usage`); false where it did not.
bool read_usage(const nlohmann::json& answer, Cost& cost);

// The text of an answer, cut at every stop of the request (PROTOCOLS.md §1.3). It has no token ids: the API gives none.
// Error(kBadInput) for an answer without a choice, or with one that has no text.
GenerateResponse read_generation(const nlohmann::json& answer, const GenerateRequest& request);

// The first choice. Error(kBadInput) where there is none.
const nlohmann::json& first_choice(const nlohmann::json& answer);

}  // namespace assay::engine
