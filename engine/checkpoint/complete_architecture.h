// What config.json and GGUF metadata have in common once their fields are read: numbers that follow from others, and
// what must hold between numbers that are each possible.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/families.h"
#include "engine/model/architecture.h"

namespace assay::engine {

// Far beyond every published network, and small enough that a list with an entry for each costs nothing.
inline constexpr int kMostLayers = 4096;
inline constexpr int kMostExperts = 1024;

// What a file calls the sizes, for messages.
struct SizeNames {
  std::string layers;
  std::string dim;
  std::string heads;
  std::string kv_heads;
  std::string head_dim;
  std::string ffn_dim;
  std::string experts;
  std::string experts_per_token;
};

// Fills in head_dim (`head_dim`, else dim / heads), and from it attention_scale where that is 0 yet, and
// embedding_scale. Error(kBadInput) that names two sizes which contradict each other, one that
// cannot be computed with, or a product of sizes that is too large.
void complete_architecture(Architecture& a, const Family& family, std::optional<int> head_dim, const std::string& where,
                           const SizeNames& names);

// Architecture::windows: `window` in the layers that slide, 0 in the others; empty where none does.
std::vector<int> windows_of(const std::vector<bool>& slides, int window);

// `value` as f32, where it lies in [low, high]; `fields` is what named it `field` (fail_field).
template <typename Fields>
float bounded(double value, double low, double high, const Fields& fields, const char* field) {
  if (!(value >= low && value <= high)) {
    fields.fail_field(field, fmt::format("must lie between {} and {}, it is {}", low, high, value));
  }
  return static_cast<float>(value);
}

// In f32 it must neither vanish nor drown what it is added to.
template <typename Fields>
float norm_eps(double value, const Fields& fields, const char* field) {
  return bounded(value, 1e-30, 1, fields, field);
}

// Beyond these, caps would erase what they cap or not touch it.
template <typename Fields>
float soft_cap(double value, const Fields& fields, const char* field) {
  return bounded(value, 1e-3, 1e6, fields, field);
}

}  // namespace assay::engine
