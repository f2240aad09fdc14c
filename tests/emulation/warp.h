// Warp operations: a rendezvous. Each lane that the mask names leaves a pointer to its operands; the last to come
// computes for all.
#pragma once

#include <cstdint>
#include <source_location>

namespace assay::emulation {

enum class WarpCall { kSyncWarp, kShuffle, kVote, kLoadMatrix, kMatrixProduct };

// operands[lane] of each lane of `mask`.
using WarpCompute = void (*)(void* const (&operands)[32], uint32_t mask);

void rendezvous(WarpCall call, uint32_t mask, void* operands, WarpCompute compute, const std::source_location& where);

void sync_warp(uint32_t mask, const std::source_location& where);
// The value of lane `source`, from 0 to 31.
uint64_t shuffle(uint32_t mask, uint64_t value, int source, const std::source_location& where);
// The lanes of `mask` with a true predicate.
uint32_t vote(uint32_t mask, bool predicate, const std::source_location& where);

// The lane of the calling thread.
int current_lane();

// --- for machine.cc: the warps of the block that runs.
void reset_warps(int threads);
// Fault where lanes wait for the calling thread, which leaves the kernel.
void leave_warp();
void leave_copies();

}  // namespace assay::emulation
