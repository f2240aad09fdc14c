// The threads of a block that could go on, and which of them does.
//
// A warp's lanes mostly run one after the other until all of them wait: their stacks fit into the nearest cache, and a
// whole block's do not.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace assay::emulation {

class ReadyThreads {
 public:
  using Random = std::minstd_rand;

  // All of the block's threads are ready.
  void reset(int threads);
  void add(int thread);
  bool empty() const { return count_ == 0; }
  // Takes one out; there is one. Without `random` the one with the lowest number; with it any lane of the warp that the
  // last was taken of, and at times of any warp.
  int take(Random* random);

 private:
  std::vector<uint32_t> lanes_;  // ready ones of each warp
  int count_ = 0;
  size_t warp_ = 0;  // of the last that was taken
};

}  // namespace assay::emulation
