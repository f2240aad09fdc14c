// Requests for the engine's tests, and their answers in comparable form.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace assay::engine::testing {

inline constexpr const char* kTinyStories = "models/TinyStories-656K";

// Likelihoods over shared contexts (single-token and longer continuations), whole texts with several windows and
// strides, greedy and sampled generations, several samples of one prompt, and what has to be cut on the left.
// `count` of them, a pure function of `seed`.
std::vector<Request> mixed_requests(uint64_t seed, size_t count);

// All responses by request, from one run to the end.
std::map<size_t, Response> run_all(Engine& engine, std::span<const Request> requests);

// Everything in a response but its index, doubles to the last bit.
std::string exact_text(const Response& response);

}  // namespace assay::engine::testing
