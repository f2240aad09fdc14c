#include "base/random.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace assay {

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

double uniform_at(uint64_t seed, uint64_t sample, uint32_t repeat, uint32_t position) {
  const auto bits = philox({position, repeat, static_cast<uint32_t>(sample), static_cast<uint32_t>(sample >> 32)},
                           {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return static_cast<double>(((uint64_t{bits[0]} << 32) | bits[1]) >> 11) * 0x1p-53;
}

// MT19937's init_by_array (Matsumoto, Nishimura 2002) with the seed as little-endian 32-bit words, as CPython does.
PythonRandom::PythonRandom(uint64_t seed) {
  std::vector<uint32_t> key{static_cast<uint32_t>(seed)};
  if (seed >> 32 != 0) key.push_back(static_cast<uint32_t>(seed >> 32));

  constexpr size_t n = 624;
  state_[0] = 19650218;
  for (uint32_t i = 1; i < n; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  size_t i = 1;
  size_t j = 0;
  const auto advance = [&] {
    if (++i >= n) {
      state_[0] = state_[n - 1];
      i = 1;
    }
  };
  for (size_t k = std::max(n, key.size()); k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + key[j] + static_cast<uint32_t>(j);
    advance();
    if (++j >= key.size()) j = 0;
  }
  for (size_t k = n - 1; k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - static_cast<uint32_t>(i);
    advance();
  }
  state_[0] = 0x80000000u;
}

void PythonRandom::twist() {
  for (size_t i = 0; i < 624; ++i) {
    const uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % 624] & 0x7FFFFFFFu);
    state_[i] = state_[(i + 397) % 624] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908B0DFu : 0);
  }
  next_ = 0;
}

uint32_t PythonRandom::next_u32() {
  if (next_ >= 624) twist();
  uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680u;
  y ^= (y << 15) & 0xEFC60000u;
  return y ^ (y >> 18);
}

uint32_t PythonRandom::below(uint32_t n) {
  const int bits = std::bit_width(n);
  uint32_t r = n;
  while (r >= n) r = next_u32() >> (32 - bits);
  return r;
}

std::vector<uint32_t> PythonRandom::sample(uint32_t n, uint32_t k) {
  // PROTOCOLS.md §1.6: s = 21; if k > 5, s += 4^ceil(log(3k)/log 4).
  uint64_t set_size = 21;
  if (k > 5) {
    uint64_t power = 1;
    while (power < uint64_t{3} * k) power *= 4;
    set_size += power;
  }
  std::vector<uint32_t> drawn;
  drawn.reserve(k);
  if (n <= set_size) {
    std::vector<uint32_t> pool(n);
    std::iota(pool.begin(), pool.end(), 0u);
    for (uint32_t i = 0; i < k; ++i) {
      const uint32_t j = below(n - i);
      drawn.push_back(pool[j]);
      pool[j] = pool[n - i - 1];
    }
    return drawn;
  }
  while (drawn.size() < k) {
    const uint32_t j = below(n);
    if (std::find(drawn.begin(), drawn.end(), j) == drawn.end()) drawn.push_back(j);
  }
  return drawn;
}

}  // namespace assay
