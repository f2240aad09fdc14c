#include "tests/emulation/warp.h"

#include <bit>
#include <cstring>
#include <vector>

#include "tests/emulation/machine.h"
#include "tests/emulation/thread_own.h"
#include "tests/emulation/watch.h"

namespace assay::emulation {
namespace {

// Lanes that wait for the rest of one mask. Several may be under way where a warp has parted.
struct Group {
  uint32_t mask = 0;
  uint32_t arrived = 0;
  WarpCall call = {};
  std::source_location where;
  void* operands[32] = {};
};

struct Warp {
  uint32_t present = 0;  // lanes that are in the kernel
  std::vector<Group> groups;
};

std::vector<Warp>& warps() {
  return thread_own<std::vector<Warp>>();
}

bool same_place(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && a.column() == b.column() &&
         (a.file_name() == b.file_name() || std::strcmp(a.file_name(), b.file_name()) == 0);
}

const char* words(WarpCall call) {
  switch (call) {
    case WarpCall::kSyncWarp:
      return "__syncwarp";
    case WarpCall::kShuffle:
      return "a shuffle";
    case WarpCall::kVote:
      return "a vote";
    case WarpCall::kLoadMatrix:
      return "ldmatrix";
    case WarpCall::kMatrixProduct:
      return "mma";
  }
  return "a warp operation";
}

Group& group_of(Warp& warp, WarpCall call, uint32_t mask, const std::source_location& where) {
  for (Group& group : warp.groups) {
    if (group.mask != mask) continue;
    if (group.call != call || !same_place(group.where, where)) {
      throw Fault(Rule::kDifferentCalls,
                  fmt::format("{} is at {} ({}) while other lanes of its mask {:#010x} wait at {} ({}): lanes that one "
                              "mask names must reach the same call",
                              describe_thread(), words(call), describe_place(where), mask, words(group.call),
                              describe_place(group.where)));
    }
    return group;
  }
  warp.groups.push_back({.mask = mask, .call = call, .where = where});
  return warp.groups.back();
}

}  // namespace

int current_lane() {
  return current_thread() % kWarp;
}

void reset_warps(int threads) {
  warps().assign(static_cast<size_t>((threads + kWarp - 1) / kWarp), {});
  for (int thread = 0; thread < threads; ++thread) {
    warps()[static_cast<size_t>(thread / kWarp)].present |= 1u << (thread % kWarp);
  }
}

void leave_warp() {
  const int thread = current_thread();
  Warp& warp = warps()[static_cast<size_t>(thread / kWarp)];
  const uint32_t lane = 1u << (thread % kWarp);
  for (const Group& group : warp.groups) {
    if ((group.mask & lane) == 0) continue;
    throw Fault(Rule::kExitedLane, fmt::format("{} leaves the kernel while lanes of its warp wait for it at {} ({})",
                                               describe_thread(), words(group.call), describe_place(group.where)));
  }
  warp.present &= ~lane;
}

void rendezvous(WarpCall call, uint32_t mask, void* operands, WarpCompute compute, const std::source_location& where) {
  const EmulatorScope scope;
  const int thread = current_thread();
  const int lane = thread % kWarp;
  const int first = thread - lane;
  Warp& warp = warps()[static_cast<size_t>(thread / kWarp)];
  if ((mask & (1u << lane)) == 0) {
    throw Fault(Rule::kNotNamed, fmt::format("{} calls {} ({}) with the mask {:#010x}, which does not name its lane {}",
                                             describe_thread(), words(call), describe_place(where), mask, lane));
  }
  if ((mask & ~warp.present) != 0) {
    throw Fault(Rule::kExitedLane,
                fmt::format("{} calls {} ({}) with the mask {:#010x}, which names lane {}, and that lane is not in the "
                            "kernel (any more)",
                            describe_thread(), words(call), describe_place(where), mask,
                            std::countr_zero(mask & ~warp.present)));
  }
  Group& group = group_of(warp, call, mask, where);
  group.operands[lane] = operands;
  group.arrived |= 1u << lane;
  if (group.arrived != mask) {
    wait_for_release();
    return;
  }
  const Group complete = group;
  warp.groups.erase(warp.groups.begin() + (&group - warp.groups.data()));
  if (compute != nullptr) compute(complete.operands, mask);
  for (int other = 0; other < kWarp; ++other) {
    if (other != lane && (mask >> other & 1) != 0) release(first + other);
  }
}

namespace {

struct ShuffleOperand {
  uint64_t value = 0;
  int source = 0;
  uint64_t result = 0;
};

void compute_shuffle(void* const (&operands)[32], uint32_t mask) {
  for (int lane = 0; lane < kWarp; ++lane) {
    if ((mask >> lane & 1) == 0) continue;
    auto& own = *static_cast<ShuffleOperand*>(operands[lane]);
    if ((mask >> own.source & 1) == 0) {
      throw Fault(Rule::kShuffleSource,
                  fmt::format("lane {} of the warp of {} shuffles from lane {}, which the mask {:#010x} does not name",
                              lane, describe_thread(), own.source, mask));
    }
    own.result = static_cast<ShuffleOperand*>(operands[own.source])->value;
  }
}

struct VoteOperand {
  bool predicate = false;
  uint32_t result = 0;
};

void compute_vote(void* const (&operands)[32], uint32_t mask) {
  uint32_t votes = 0;
  for (int lane = 0; lane < kWarp; ++lane) {
    if ((mask >> lane & 1) != 0 && static_cast<VoteOperand*>(operands[lane])->predicate) votes |= 1u << lane;
  }
  for (int lane = 0; lane < kWarp; ++lane) {
    if ((mask >> lane & 1) != 0) static_cast<VoteOperand*>(operands[lane])->result = votes;
  }
}

void compute_sync(void* const (&)[32], uint32_t mask) {
  watch_syncwarp(current_thread() / kWarp, mask);
}

}  // namespace

void sync_warp(uint32_t mask, const std::source_location& where) {
  rendezvous(WarpCall::kSyncWarp, mask, nullptr, &compute_sync, where);
}

uint64_t shuffle(uint32_t mask, uint64_t value, int source, const std::source_location& where) {
  ShuffleOperand operand = {.value = value, .source = source};
  rendezvous(WarpCall::kShuffle, mask, &operand, &compute_shuffle, where);
  return operand.result;
}

uint32_t vote(uint32_t mask, bool predicate, const std::source_location& where) {
  VoteOperand operand = {.predicate = predicate};
  rendezvous(WarpCall::kVote, mask, &operand, &compute_vote, where);
  return operand.result;
}

}  // namespace assay::emulation
