#include "engine/scheduler/prefix_order.h"

#include <algorithm>
#include <numeric>

namespace assay::engine {
namespace {

int common_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<int>(end - a.begin());
}

}  // namespace

PrefixOrder sort_by_prefix(std::span<const std::span<const TokenId>> sequences) {
  PrefixOrder result;
  result.order.resize(sequences.size());
  std::iota(result.order.begin(), result.order.end(), size_t{0});
  std::sort(result.order.begin(), result.order.end(), [&](size_t i, size_t j) {
    const auto& a = sequences[i];
    const auto& b = sequences[j];
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x != a.end() && y != b.end()) return *x < *y;
    if (a.size() != b.size()) return a.size() < b.size();
    return i < j;
  });
  result.shared.resize(sequences.size());
  for (size_t k = 1; k < sequences.size(); ++k) {
    result.shared[k] = common_prefix(sequences[result.order[k - 1]], sequences[result.order[k]]);
  }
  return result;
}

void PathOwners::enter(size_t k, int shared, int length) {
  while (!path_.empty() && path_.back().start >= shared) path_.pop_back();
  if (length > shared) path_.push_back({shared, k});
}

size_t PathOwners::owner(int position) const {
  const auto behind = std::upper_bound(path_.begin(), path_.end(), position,
                                       [](int p, const Stretch& stretch) { return p < stretch.start; });
  return std::prev(behind)->owner;
}

}  // namespace assay::engine
