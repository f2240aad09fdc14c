// Masks, lanes that part, shuffles taken for barriers, wrong addresses of fragments.
#include <cuda_platform.h>

#include "tests/emulation/seeded_faults.h"
#include "tests/emulation/small_run.h"

namespace assay::testing {

// Each file of kernels has a namespace of its own: structs of one name must be one struct.
namespace warp_faults {

using namespace engine::cuda;
using emulation::Rule;

constexpr unsigned kAll = 0xFFFFFFFF;

struct Params {
  const float* in;
  float* out;
};

struct Tile {
  alignas(16) float values[128];  // 32 rows of 16 bytes
};

__global__ void mask_without_itself(Params p) {
  p.out[threadIdx.x] = __shfl_sync(0xFFFF, p.in[threadIdx.x], 0);
}

__global__ void shuffle_after_an_exit(Params p) {
  p.out[threadIdx.x] = p.in[threadIdx.x];
  if (threadIdx.x >= 16) return;
  p.out[threadIdx.x] = __shfl_xor_sync(kAll, p.in[threadIdx.x], 0);
}

__global__ void two_shuffles_in_two_branches(Params p) {
  if (threadIdx.x < 16) {
    p.out[threadIdx.x] = __shfl_sync(kAll, p.in[threadIdx.x], 0);
  } else {
    p.out[threadIdx.x] = __shfl_sync(kAll, p.in[threadIdx.x], 0);
  }
}

__global__ void shuffle_from_outside_the_mask(Params p) {
  if (threadIdx.x >= 16) return;
  p.out[threadIdx.x] = __shfl_down_sync(0xFFFF, p.in[threadIdx.x], 8);
}

__global__ void half_a_warp_waits_elsewhere(Params p) {
  p.out[threadIdx.x] = p.in[threadIdx.x];
  if (threadIdx.x < 16) {
    __syncwarp();
  } else {
    __syncthreads();
  }
}

// Adds lanes 8 apart where they should be 16 apart.
__global__ void wrong_distance(Params p) {
  float sum = p.in[threadIdx.x];
  for (int lanes = 8; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(kAll, sum, lanes);
  p.out[threadIdx.x] = sum;
}

// A shuffle orders no memory.
__global__ void shuffle_as_a_barrier(Params p) {
  auto& shared = shared_as<Tile>();
  const unsigned lane = threadIdx.x;
  shared.values[lane] = p.in[lane];
  const float zero = __shfl_sync(kAll, 0.0F, 0);
  p.out[lane] = shared.values[31 - lane] + zero;
}

// Half of the warp is at the __syncwarp that all of it needs.
__global__ void sync_of_half_a_warp(Params p) {
  auto& shared = shared_as<Tile>();
  const unsigned lane = threadIdx.x;
  shared.values[lane] = p.in[lane];
  __syncwarp(lane < 16 ? 0x0000FFFF : 0xFFFF0000);
  p.out[lane] = lane == 0 ? 32 : shared.values[31 - lane];
}

static void fill(Tile& tile, const float* in, unsigned lane) {
  for (unsigned i = 0; i < 4; ++i) tile.values[4 * lane + i] = in[lane];
}

// One register per lane of ldmatrix: lane 4 i + j gets bytes 4 j .. 4 j + 3 of row i.
static float first_register(const void* row) {
  uint32_t registers[4];
  ldmatrix_x4(registers, row);
  return std::bit_cast<float>(registers[0]);
}

__global__ void ldmatrix_before_syncwarp(Params p) {
  auto& shared = shared_as<Tile>();
  fill(shared, p.in, threadIdx.x);
  p.out[threadIdx.x] = first_register(&shared.values[4 * threadIdx.x]);
}

__global__ void ldmatrix_misaligned(Params p) {
  auto& shared = shared_as<Tile>();
  fill(shared, p.in, threadIdx.x);
  __syncwarp();
  p.out[threadIdx.x] = first_register(&shared.values[4 * threadIdx.x] + (threadIdx.x == 3 ? 2 : 0));
}

__global__ void ldmatrix_behind_the_end(Params p) {
  auto& shared = shared_as<Tile>();
  fill(shared, p.in, threadIdx.x);
  __syncwarp();
  p.out[threadIdx.x] = first_register(&shared.values[4 * (threadIdx.x == 31 ? 32 : threadIdx.x)]);
}

__global__ void ldmatrix_of_the_wrong_row(Params p) {
  auto& shared = shared_as<Tile>();
  fill(shared, p.in, threadIdx.x);
  __syncwarp();
  p.out[threadIdx.x] = first_register(&shared.values[4 * (threadIdx.x ^ 1)]);
}

}  // namespace warp_faults

std::vector<SeededFault> faults_of_warps() {
  using namespace warp_faults;
  using F = Found;
  static const auto run = [](void (*kernel)(Params), float (*expected)(int)) {
    SmallRun small(32);
    launch(kernel, 1, 32, sizeof(Tile), nullptr, Params{small.in(), small.out()});
    return small.out_is(expected);
  };
  static const auto same = [](int i) { return static_cast<float>(i + 1); };
  static const auto row = [](int i) { return static_cast<float>(i / 4 + 1); };
  static const auto reversed = [](int i) { return static_cast<float>(32 - i); };
  return {
      {"a mask without the lane itself", [] { return run(mask_without_itself, same); }, F::kByRule, F::kByRule,
       F::kByRule, F::kByRule, Rule::kNotNamed},
      {"a mask with lanes that have left", [] { return run(shuffle_after_an_exit, same); }, F::kByRule, F::kByRule,
       F::kByRule, F::kByRule, Rule::kExitedLane},
      {"one mask, two shuffles", [] { return run(two_shuffles_in_two_branches, same); }, F::kByRule, F::kByRule,
       F::kByRule, F::kByRule, Rule::kDifferentCalls},
      {"a shuffle from a lane outside the mask", [] { return run(shuffle_from_outside_the_mask, same); }, F::kByRule,
       F::kByRule, F::kByRule, F::kByRule, Rule::kShuffleSource},
      {"half a warp at __syncwarp, half at __syncthreads", [] { return run(half_a_warp_waits_elsewhere, same); },
       F::kByRule, F::kByRule, F::kByRule, F::kByRule, Rule::kDeadlock},
      {"a sum over the wrong lanes",
       [] { return run(wrong_distance, [](int) { return 528.0F; }); },
       F::kByValues,
       F::kByValues,
       F::kByValues,
       F::kByValues,
       {}},
      {"a shuffle as a barrier", [] { return run(shuffle_as_a_barrier, reversed); }, F::kNot, F::kNot, F::kNot,
       F::kByRule, Rule::kRace},
      {"__syncwarp of half a warp", [] { return run(sync_of_half_a_warp, reversed); }, F::kByValues, F::kByValues,
       F::kByValues, F::kByRule, Rule::kUnwritten},
      {"ldmatrix before __syncwarp", [] { return run(ldmatrix_before_syncwarp, row); }, F::kNot, F::kNot, F::kNot,
       F::kByRule, Rule::kRace},
      {"ldmatrix of a misaligned row", [] { return run(ldmatrix_misaligned, row); }, F::kByRule, F::kByRule, F::kByRule,
       F::kByRule, Rule::kMisaligned},
      {"ldmatrix behind the end", [] { return run(ldmatrix_behind_the_end, row); }, F::kByRule, F::kByRule, F::kByRule,
       F::kByRule, Rule::kOutsideShared},
      {"ldmatrix of the wrong row",
       [] { return run(ldmatrix_of_the_wrong_row, row); },
       F::kByValues,
       F::kByValues,
       F::kByValues,
       F::kByValues,
       {}},
  };
}

}  // namespace assay::testing
