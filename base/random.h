// Random numbers, always from an explicit seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a pure function of
// counter and key, so that a draw does not depend on how many came before it.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// Uniform in [0, 1), 53 bits, for position `position` of repeat `repeat` of the sample with hash `sample` under `seed`.
double uniform_at(uint64_t seed, uint64_t sample, uint32_t repeat, uint32_t position);

// Python's random.Random(seed).sample, bit for bit (PROTOCOLS.md §1.6). Not thread-safe.
class PythonRandom {
 public:
  explicit PythonRandom(uint64_t seed);
  uint32_t next_u32();
  // Uniform in 0..n-1; n >= 1 and n < 2^32.
  uint32_t below(uint32_t n);
  // k distinct indices out of 0..n-1 in the order drawn; k <= n.
  std::vector<uint32_t> sample(uint32_t n, uint32_t k);

 private:
  void twist();
  std::array<uint32_t, 624> state_;
  size_t next_ = 624;
};

}  // namespace assay
