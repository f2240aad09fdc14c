// Damaged copies of a file, the same for the same seed: cut short, bits flipped, a stretch left out or doubled.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace assay::testing {

inline std::string damaged(std::string_view original, uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return n == 0 ? 0 : random() % n; };
  std::string text(original);
  const size_t at = below(text.size());
  const size_t length = 1 + below(40);
  switch (seed % 4) {
    case 0:
      return text.substr(0, at);
    case 1:
      for (size_t flips = 1 + below(6); flips > 0 && !text.empty(); --flips) {
        text[below(text.size())] ^= static_cast<char>(1u << below(8));
      }
      return text;
    case 2:
      return text.erase(at, length);
    default:
      return text.insert(at, std::string(original.substr(below(text.size()), length)));
  }
}

}  // namespace assay::testing
