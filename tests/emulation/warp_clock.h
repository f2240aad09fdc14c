// Who of a warp knows of whose accesses: the order that __syncwarp makes. A shuffle or a vote makes none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace assay::emulation {

class WarpClock {
 public:
  // Of an access that happens now.
  uint32_t stamp() const { return now_; }
  // Whether `lane` has met `other`, itself or through others, since `other`'s access with that stamp.
  bool knows(int lane, int other, uint32_t stamp) const {
    return lane == other || known_[static_cast<size_t>(lane)][static_cast<size_t>(other)] >= stamp;
  }

  void sync(uint32_t mask) {
    std::array<uint32_t, 32> together = {};
    for (size_t lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) == 0) continue;
      for (size_t other = 0; other < 32; ++other) together[other] = std::max(together[other], known_[lane][other]);
    }
    for (size_t lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) != 0) together[lane] = now_;
    }
    for (size_t lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) != 0) known_[lane] = together;
    }
    ++now_;
  }

 private:
  uint32_t now_ = 1;
  std::array<std::array<uint32_t, 32>, 32> known_ = {};  // (lane, other): the latest stamp that is known
};

}  // namespace assay::emulation
