#include "engine/share_out.h"

#include <algorithm>
#include <numeric>

#include "engine/scheduler/prefix_order.h"

namespace assay::engine {
namespace {

// The requests that a scheduler would begin first, first, and what each adds to those before it: tokens of its prompts
// that are new in the order of the tree, and those that it may generate.
struct Walk {
  std::vector<size_t> order;
  std::vector<int64_t> cost;  // by request
};

Walk walk(std::span<const EncodedRequest> requests) {
  std::vector<std::span<const TokenId>> sequences;
  std::vector<size_t> owners;
  Walk result;
  result.cost.resize(requests.size());
  for (size_t r = 0; r < requests.size(); ++r) {
    for (const ScoredSequence& sequence : requests[r].scored) {
      sequences.emplace_back(sequence.inputs);
      owners.push_back(r);
    }
    if (requests[r].generated) {
      sequences.emplace_back(requests[r].generated->prompt);
      owners.push_back(r);
      result.cost[r] = requests[r].generated->max_tokens;
    }
  }
  const PrefixOrder sorted = sort_by_prefix(sequences);
  std::vector<bool> seen(requests.size());
  for (size_t k = 0; k < sorted.order.size(); ++k) {
    const size_t owner = owners[sorted.order[k]];
    result.cost[owner] += static_cast<int64_t>(sequences[sorted.order[k]].size()) - sorted.shared[k];
    if (!seen[owner]) result.order.push_back(owner);
    seen[owner] = true;
  }
  for (size_t r = 0; r < requests.size(); ++r) {  // those that ask nothing of the model
    if (!seen[r]) result.order.push_back(r);
  }
  return result;
}

}  // namespace

std::vector<std::vector<size_t>> share_out(std::span<const EncodedRequest> requests, int shares) {
  std::vector<std::vector<size_t>> parts(static_cast<size_t>(shares));
  if (shares == 1) {
    parts.front().resize(requests.size());
    std::iota(parts.front().begin(), parts.front().end(), size_t{0});
    return parts;
  }
  const Walk way = walk(requests);
  const int64_t total = std::accumulate(way.cost.begin(), way.cost.end(), int64_t{0});
  int64_t before = 0;
  for (const size_t request : way.order) {
    // By the middle of the request's own tokens.
    const int64_t middle = before + way.cost[request] / 2;
    const int64_t part = total == 0 ? 0 : std::min<int64_t>(middle * shares / total, shares - 1);
    parts[static_cast<size_t>(part)].push_back(request);
    before += way.cost[request];
  }
  for (std::vector<size_t>& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

}  // namespace assay::engine
