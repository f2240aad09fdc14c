#include "engine/checkpoint/complete_architecture.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/checkpoint/json_fields.h"

namespace assay::engine {
namespace {

void check_heads(const Architecture& a, const std::string& where, const SizeNames& names) {
  if (a.heads % a.kv_heads != 0) {
    fail_input("{}: {} is {} and {} is {}; the first must be a multiple of the second", where, names.heads, a.heads,
               names.kv_heads, a.kv_heads);
  }
  if (a.head_dim % 2 != 0) {
    fail_input("{}: {} is {}; rotary positions need an even number", where, names.head_dim, a.head_dim);
  }
  if ((int64_t{a.heads} + 2 * int64_t{a.kv_heads}) * a.head_dim > kLargestSize) {
    fail_input("{}: {} {} and twice {} {}, times {} {}, is too many", where, names.heads, a.heads, names.kv_heads,
               a.kv_heads, names.head_dim, a.head_dim);
  }
}

void check_experts(const Architecture& a, const std::string& where, const SizeNames& names) {
  if (a.experts > kMostExperts) {
    fail_input("{}: {} is {}, but {} are the most that are supported", where, names.experts, a.experts, kMostExperts);
  }
  if (a.experts_per_token > a.experts) {
    fail_input("{}: {} is {}, but {} is {}", where, names.experts_per_token, a.experts_per_token, names.experts,
               a.experts);
  }
}

}  // namespace

void complete_architecture(Architecture& a, const Family& family, std::optional<int> head_dim, const std::string& where,
                           const SizeNames& names) {
  if (a.layers > kMostLayers) {
    fail_input("{}: {} is {}, but {} are the most that are supported", where, names.layers, a.layers, kMostLayers);
  }
  if (!head_dim && a.dim % a.heads != 0) {
    fail_input("{}: {} is {}, which is not a multiple of {} {}", where, names.dim, a.dim, names.heads, a.heads);
  }
  a.head_dim = head_dim.value_or(a.dim / a.heads);
  check_heads(a, where, names);
  if (2 * int64_t{a.ffn_dim} > kLargestSize) {
    fail_input("{}: {} is {}, which is too many", where, names.ffn_dim, a.ffn_dim);
  }
  check_experts(a, where, names);
  if (a.attention_scale == 0) a.attention_scale = static_cast<float>(1 / std::sqrt(static_cast<double>(a.head_dim)));
  if (family.scales_embedding) a.embedding_scale = static_cast<float>(std::sqrt(static_cast<double>(a.dim)));
}

std::vector<int> windows_of(const std::vector<bool>& slides, int window) {
  if (std::find(slides.begin(), slides.end(), true) == slides.end()) return {};
  std::vector<int> windows;
  for (const bool slide : slides) windows.push_back(slide ? window : 0);
  return windows;
}

}  // namespace assay::engine
