// Requests for several devices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/encode_requests.h"

namespace assay::engine {

// Cuts the prefix tree of all requests into `shares` neighbouring parts of about the same number of tokens, so that
// what two requests share is seldom computed twice. Lists of indices of `requests`, each in ascending order; some may
// be empty. A request stays whole. Whoever computes a request, its response is the same.
std::vector<std::vector<size_t>> share_out(std::span<const EncodedRequest> requests, int shares);

}  // namespace assay::engine
