#include "tests/emulation/ready_threads.h"

#include <bit>

namespace assay::emulation {
namespace {

constexpr int kLanes = 32;
// Another warp's turn at one of so many choices.
constexpr uint32_t kStay = 8;

uint32_t below(ReadyThreads::Random& random, uint32_t n) {
  return static_cast<uint32_t>(random()) % n;
}

}  // namespace

void ReadyThreads::reset(int threads) {
  lanes_.assign(static_cast<size_t>((threads + kLanes - 1) / kLanes), 0);
  count_ = 0;
  warp_ = 0;
  for (int thread = 0; thread < threads; ++thread) add(thread);
}

void ReadyThreads::add(int thread) {
  lanes_[static_cast<size_t>(thread / kLanes)] |= 1u << (thread % kLanes);
  ++count_;
}

int ReadyThreads::take(Random* random) {
  if (random != nullptr && below(*random, kStay) == 0) {
    warp_ = below(*random, static_cast<uint32_t>(lanes_.size()));
  } else if (random == nullptr) {
    warp_ = 0;
  }
  while (lanes_[warp_] == 0) warp_ = (warp_ + 1) % lanes_.size();
  uint32_t& ready = lanes_[warp_];
  // The first ready lane from a place on, around the end.
  const int from = random == nullptr ? 0 : static_cast<int>(below(*random, kLanes));
  const int lane = (std::countr_zero(std::rotr(ready, from)) + from) % kLanes;
  ready &= ~(1u << lane);
  --count_;
  return static_cast<int>(warp_) * kLanes + lane;
}

}  // namespace assay::emulation
