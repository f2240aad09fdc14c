// Missing and misplaced barriers, blocks that depend on each other, copies that nobody waits for.
#include <cuda_platform.h>

#include "tests/emulation/seeded_faults.h"
#include "tests/emulation/small_run.h"

namespace assay::testing {

// Each file of kernels has a namespace of its own: structs of one name must be one struct.
namespace order_faults {

using namespace engine::cuda;
using emulation::Rule;

constexpr int kThreads = 64;

struct Params {
  const float* in;  // (blocks, threads)
  float* out;       // the same
};

struct Values {
  float values[kThreads];
};

__global__ void no_barrier_seen(Params p) {
  auto& shared = shared_as<Values>();
  const unsigned t = threadIdx.x;
  shared.values[t] = p.in[t];
  p.out[t] = shared.values[kThreads - 1 - t];
}

// Each reads what the thread before it wrote: right as long as threads run by number.
__global__ void no_barrier_hidden(Params p) {
  auto& shared = shared_as<Values>();
  const unsigned t = threadIdx.x;
  shared.values[t] = p.in[t];
  p.out[t] = t == 0 ? 0 : shared.values[t - 1];
}

// The second barrier, between reading and overwriting, is missing.
__global__ void no_barrier_before_overwriting(Params p) {
  auto& shared = shared_as<Values>();
  const unsigned t = threadIdx.x;
  shared.values[t] = p.in[t];
  __syncthreads();
  const float next = t + 1 < kThreads ? shared.values[t + 1] : 0;
  shared.values[t] = 2 * next;
  p.out[t] = shared.values[t];
}

__global__ void barrier_in_a_branch(Params p) {
  p.out[threadIdx.x] = p.in[threadIdx.x];
  if (threadIdx.x < 32) __syncthreads();
}

__global__ void return_before_the_barrier(Params p) {
  if (threadIdx.x == 63) return;
  __syncthreads();
  p.out[threadIdx.x] = p.in[threadIdx.x];
}

__global__ void two_barriers_in_two_branches(Params p) {
  p.out[threadIdx.x] = p.in[threadIdx.x];
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

// Block 1 reads what block 0 leaves.
__global__ void blocks_in_a_chain(Params p) {
  const unsigned at = blockIdx.x * kThreads + threadIdx.x;
  p.out[at] = p.in[at] + (blockIdx.x == 0 ? 0 : p.out[at - kThreads]);
}

__global__ void blocks_write_one_place(Params p) {
  p.out[threadIdx.x] = p.in[threadIdx.x];
}

// No atomic: one thread's addition may be lost, though never here, where a thread is not interrupted.
__global__ void everybody_adds(Params p) {
  auto& shared = shared_as<Values>();
  if (threadIdx.x == 0) shared.values[0] = 0;
  __syncthreads();
  shared.values[0] += 1;
  __syncthreads();
  p.out[threadIdx.x] = shared.values[0];
}

struct Rows {
  float4 rows[2][kThreads / 4];
};

// Threads 0..15 copy 4 numbers each.
__global__ void no_wait(Params p) {
  auto& shared = shared_as<Rows>();
  const unsigned t = threadIdx.x;
  cp_async_16(&shared.rows[0][t], p.in + 4 * t);
  cp_async_commit();
  const float4 row = shared.rows[0][t];
  cp_async_wait<0>();
  reinterpret_cast<float4*>(p.out)[t] = row;
}

__global__ void wait_for_the_wrong_group(Params p) {
  auto& shared = shared_as<Rows>();
  const unsigned t = threadIdx.x;
  cp_async_16(&shared.rows[0][t], p.in);
  cp_async_commit();
  cp_async_16(&shared.rows[1][t], p.in + 4 * t);
  cp_async_commit();
  cp_async_wait<1>();
  reinterpret_cast<float4*>(p.out)[t] = shared.rows[1][t];
  cp_async_wait<0>();
}

// Nothing between reading the own row and the neighbour's overwriting it.
__global__ void neighbour_overwritten(Params p) {
  auto& shared = shared_as<Rows>();
  const unsigned t = threadIdx.x;
  cp_async_16(&shared.rows[0][t], p.in + 4 * t);
  cp_async_commit();
  cp_async_wait<0>();
  __syncwarp(0xFFFF);
  const float4 own = shared.rows[0][t];
  if (t > 0) shared.rows[0][t - 1].x = own.x;
  reinterpret_cast<float4*>(p.out)[t] = own;
}

__global__ void copies_in_flight_at_exit(Params p) {
  auto& shared = shared_as<Rows>();
  cp_async_16(&shared.rows[0][threadIdx.x], p.in);
  p.out[threadIdx.x] = p.in[threadIdx.x];
}

}  // namespace order_faults

std::vector<SeededFault> faults_of_order() {
  using namespace order_faults;
  using F = Found;
  // A kernel, its grid, its block, and what out[i] must be of in[i] = i + 1.
  static const auto run = [](void (*kernel)(Params), unsigned blocks, unsigned threads, float (*expected)(int)) {
    SmallRun small(static_cast<int>(blocks) * kThreads);
    launch(kernel, blocks, threads, sizeof(Rows), nullptr, Params{small.in(), small.out()});
    return small.out_is(expected);
  };
  static const auto same = [](int i) { return static_cast<float>(i + 1); };
  return {
      {"no barrier between writing and reading",
       [] { return run(no_barrier_seen, 1, 64, [](int i) { return static_cast<float>(64 - i); }); }, F::kByValues,
       F::kByValues, F::kByValues, F::kByRule, Rule::kUnwritten},
      {"no barrier, right by number",
       [] { return run(no_barrier_hidden, 1, 64, [](int i) { return static_cast<float>(i); }); }, F::kNot, F::kByValues,
       F::kNot, F::kByRule, Rule::kRace},
      {"no barrier between reading and overwriting",
       [] {
         return run(no_barrier_before_overwriting, 1, 64,
                    [](int i) { return i + 1 < 64 ? static_cast<float>(2 * (i + 2)) : 0; });
       },
       F::kNot, F::kByValues, F::kNot, F::kByRule, Rule::kRace},
      {"barrier in a branch", [] { return run(barrier_in_a_branch, 1, 64, same); }, F::kByRule, F::kByRule, F::kByRule,
       F::kByRule, Rule::kBarrierAfterExit},
      {"return before a barrier", [] { return run(return_before_the_barrier, 1, 64, same); }, F::kByRule, F::kByRule,
       F::kByRule, F::kByRule, Rule::kBarrierAfterExit},
      {"two barriers in two branches", [] { return run(two_barriers_in_two_branches, 1, 64, same); }, F::kByRule,
       F::kByRule, F::kByRule, F::kByRule, Rule::kDifferentBarriers},
      {"a block reads what another wrote",
       [] {
         return run(blocks_in_a_chain, 2, 64, [](int i) { return static_cast<float>(i < 64 ? i + 1 : 2 * i - 62); });
       },
       F::kNot, F::kByValues, F::kNot, F::kByRule, Rule::kRace},
      {"two blocks write one place",
       [] {
         SmallRun small(kThreads);
         launch(blocks_write_one_place, 2, kThreads, 0, nullptr, Params{small.in(), small.out()});
         return small.out_is(same);
       },
       F::kNot, F::kNot, F::kNot, F::kByRule, Rule::kRace},
      {"every thread adds to one place", [] { return run(everybody_adds, 1, 64, [](int) { return 64.0F; }); }, F::kNot,
       F::kNot, F::kNot, F::kByRule, Rule::kRace},
      {"cp.async without a wait", [] { return run(no_wait, 1, 16, same); }, F::kByValues, F::kByValues, F::kByValues,
       F::kByRule, Rule::kUnfinishedCopy},
      {"cp.async, one group too few waited for", [] { return run(wait_for_the_wrong_group, 1, 16, same); },
       F::kByValues, F::kByValues, F::kByValues, F::kByRule, Rule::kUnfinishedCopy},
      {"a neighbour's row overwritten too early", [] { return run(neighbour_overwritten, 1, 16, same); }, F::kByValues,
       F::kByValues, F::kByValues, F::kByRule, Rule::kRace},
      {"cp.async in flight at exit", [] { return run(copies_in_flight_at_exit, 1, 16, same); }, F::kByRule, F::kByRule,
       F::kByRule, F::kByRule, Rule::kUnfinishedAtExit},
  };
}

}  // namespace assay::testing
