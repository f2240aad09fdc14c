// The race checker: CUDA's rules of order, applied to every access of a kernel.
//
// Two accesses of one place, at least one of them a write and not both atomic, are ordered by a __syncthreads between
// them, within a warp also by a __syncwarp of both lanes, and by the end of a launch. Blocks of one launch are never
// ordered. Anything else is a race, whatever the values and whatever the order of this run.
#include <vector>

#include "tests/emulation/machine.h"
#include "tests/emulation/shadow.h"
#include "tests/emulation/warp_clock.h"
#include "tests/emulation/watch.h"

namespace assay::emulation {
namespace {

struct Checker {
  Shadow shadow;
  uint32_t epoch = 1;         // now
  uint32_t launch_epoch = 1;  // of the launch's first block
  uint32_t block_epoch = 1;   // of the block's start
  std::vector<WarpClock> warps;
  const void* shared = nullptr;  // of the block
};

// Of the program: a test runs one launch at a time.
Checker the_checker;

Checker& checker() {
  return the_checker;
}

struct Touch {
  int thread = 0;
  const char* memory = nullptr;
  size_t bytes = 0;
  Access access = Access::kRead;
};

std::string describe(const Touch& touch, const Shadow::Place& place) {
  const char* verb = touch.access == Access::kRead ? "reads" : touch.access == Access::kWrite ? "writes" : "adds to";
  return fmt::format("{} {} {} bytes at byte {} of {} of {} bytes", describe_thread(touch.thread), verb, touch.bytes,
                     touch.memory - place.start,
                     place.start == checker().shared ? "its shared memory" : "device memory", place.bytes);
}

[[noreturn]] void race(const Touch& touch, const Shadow::Place& place, const char* what, const std::string& who) {
  throw Fault(Rule::kRace,
              fmt::format("{}, which {} has {}, and nothing orders the two", describe(touch, place), who, what));
}

bool lane_knows(int thread, int other, uint32_t stamp) {
  return thread / kWarp == other / kWarp &&
         checker().warps[static_cast<size_t>(thread / kWarp)].knows(thread % kWarp, other % kWarp, stamp);
}

void check_against_write(const Touch& touch, const Shadow::Place& place, const Cell& cell) {
  const Checker& now = checker();
  if (cell.write_epoch < now.launch_epoch) return;
  if (touch.access == Access::kAtomic && cell.write_was_atomic) return;
  if (cell.write_epoch < now.block_epoch) race(touch, place, "written", "another block of this launch");
  if (cell.write_epoch < now.epoch) return;
  const int writer = cell.write_thread;
  if (writer == touch.thread || lane_knows(touch.thread, writer, cell.write_stamp)) return;
  race(touch, place, "written", describe_thread(writer));
}

void check_against_reads(const Touch& touch, const Shadow::Place& place, const Cell& cell) {
  const Checker& now = checker();
  if (cell.read_epoch < now.launch_epoch) return;
  if (cell.read_by_blocks || cell.read_epoch < now.block_epoch) {
    race(touch, place, "read", "another block of this launch");
  }
  if (cell.read_epoch < now.epoch) return;
  if (cell.read_by_warps || cell.read_warp != touch.thread / kWarp) {
    race(touch, place, "read", "a thread of another warp");
  }
  for (int lane = 0; lane < kWarp; ++lane) {
    if ((cell.read_lanes >> lane & 1) == 0) continue;
    const int reader = cell.read_warp * kWarp + lane;
    if (reader != touch.thread && !lane_knows(touch.thread, reader, cell.read_stamp)) {
      race(touch, place, "read", describe_thread(reader));
    }
  }
}

void note_read(int thread, uint8_t bytes, Cell& cell) {
  const Checker& now = checker();
  const auto warp = static_cast<uint16_t>(thread / kWarp);
  const uint32_t lane = 1u << (thread % kWarp);
  if (cell.read_epoch == now.epoch) {
    cell.read_by_warps = cell.read_by_warps || cell.read_warp != warp;
    cell.read_lanes = cell.read_warp == warp ? cell.read_lanes | lane : lane;
    cell.read_bytes = static_cast<uint8_t>(cell.read_bytes | bytes);
  } else {
    const bool this_launch = cell.read_epoch >= now.launch_epoch;
    cell.read_by_blocks = this_launch && (cell.read_by_blocks || cell.read_epoch < now.block_epoch);
    cell.read_by_warps = false;
    cell.read_lanes = lane;
    cell.read_bytes = bytes;
  }
  cell.read_warp = warp;
  cell.read_epoch = now.epoch;
  cell.read_stamp = now.warps[warp].stamp();
}

void note_write(int thread, uint8_t bytes, bool atomic, Cell& cell) {
  const Checker& now = checker();
  cell.write_epoch = now.epoch;
  cell.write_stamp = now.warps[static_cast<size_t>(thread / kWarp)].stamp();
  cell.write_thread = static_cast<uint16_t>(thread);
  cell.write_bytes = bytes;
  cell.write_was_atomic = atomic;
  cell.ever_written = static_cast<uint8_t>(cell.ever_written | bytes);
}

void check_cell(const Touch& touch, const Shadow::Place& place, uint8_t bytes, Cell& cell) {
  if (cell.copy_target) {
    throw Fault(Rule::kUnfinishedCopy,
                fmt::format("{}, the target of a cp.async that has not been waited for", describe(touch, place)));
  }
  if (touch.access != Access::kWrite && (cell.ever_written & bytes) != bytes) {
    throw Fault(Rule::kUnwritten, fmt::format("{}, and nobody has written them", describe(touch, place)));
  }
  if ((cell.write_bytes & bytes) != 0) check_against_write(touch, place, cell);
  if (touch.access == Access::kRead) {
    note_read(touch.thread, bytes, cell);
    return;
  }
  if ((cell.read_bytes & bytes) != 0) check_against_reads(touch, place, cell);
  note_write(touch.thread, bytes, touch.access == Access::kAtomic, cell);
}

// For each cell of the bytes at `memory`: visit(cell, which of its two bytes).
template <typename Visit>
void for_each_cell(const Shadow::Place& place, const char* memory, size_t bytes, Visit visit) {
  const auto first = static_cast<size_t>(memory - place.start);
  const size_t end = first + bytes;
  for (size_t at = first; at < end;) {
    const size_t cell_end = (at / 2 + 1) * 2;
    const bool both = at % 2 == 0 && cell_end <= end;
    visit(place.cells[at / 2], static_cast<uint8_t>(both ? 3 : at % 2 == 0 ? 1 : 2));
    at = std::min(cell_end, end);
  }
}

Shadow::Place place_of(const Touch& touch) {
  const Shadow::Place place = checker().shadow.find(touch.memory);
  if (place.cells != nullptr && touch.memory + touch.bytes <= place.start + place.bytes) return place;
  if (on_any_stack(touch.memory)) {
    throw Fault(Rule::kForeignStack,
                fmt::format("{} touches local variables of another thread", describe_thread(touch.thread)));
  }
  if (place.cells != nullptr && touch.memory < place.start + place.bytes + 4096) {
    throw Fault(Rule::kOutsideMemory, fmt::format("{}: outside", describe(touch, place)));
  }
  throw Fault(Rule::kOutsideMemory, fmt::format("{} touches {}, which is neither device memory nor its shared memory",
                                                describe_thread(touch.thread), fmt::ptr(touch.memory)));
}

}  // namespace

void watch_allocate(const void* memory, size_t bytes) {
  checker().shadow.add(memory, bytes);
}

void watch_free(const void* memory) {
  checker().shadow.remove(memory);
}

void watch_host_write(const void* memory, size_t bytes) {
  const auto* start = static_cast<const char*>(memory);
  const Shadow::Place place = checker().shadow.find(start);
  if (place.cells == nullptr || start + bytes > place.start + place.bytes) {
    throw Fault(Rule::kOutsideMemory, fmt::format("the host writes {} bytes outside device memory", bytes));
  }
  for_each_cell(place, start, bytes, [](Cell& cell, uint8_t which) {
    const auto before = cell.ever_written;
    cell = {};
    cell.ever_written = static_cast<uint8_t>(before | which);
  });
}

void watch_launch() {
  Checker& now = checker();
  now.launch_epoch = ++now.epoch;
}

void watch_block(const void* shared, size_t bytes, int threads) {
  Checker& now = checker();
  watch_block_end();
  now.block_epoch = ++now.epoch;
  now.shared = shared;
  now.shadow.add(shared, bytes);
  now.warps.assign(static_cast<size_t>((threads + kWarp - 1) / kWarp), {});
}

void watch_block_end() {
  Checker& now = checker();
  if (now.shared != nullptr) now.shadow.remove(now.shared);
  now.shared = nullptr;
}

void watch_barrier() {
  ++checker().epoch;
}

void watch_syncwarp(int warp, uint32_t mask) {
  checker().warps[static_cast<size_t>(warp)].sync(mask);
}

void watch_access(int thread, const void* memory, size_t bytes, Access access) {
  const Touch touch = {thread, static_cast<const char*>(memory), bytes, access};
  const Shadow::Place place = place_of(touch);
  for_each_cell(place, touch.memory, bytes, [&](Cell& cell, uint8_t which) { check_cell(touch, place, which, cell); });
}

void watch_copy_begin(int thread, const void* target, size_t bytes) {
  watch_access(thread, target, bytes, Access::kWrite);
  const auto* start = static_cast<const char*>(target);
  for_each_cell(checker().shadow.find(start), start, bytes, [](Cell& cell, uint8_t) { cell.copy_target = true; });
}

void watch_copy_end(int thread, const void* target, size_t bytes) {
  const auto* start = static_cast<const char*>(target);
  for_each_cell(checker().shadow.find(start), start, bytes, [](Cell& cell, uint8_t) { cell.copy_target = false; });
  watch_access(thread, target, bytes, Access::kWrite);
}

bool accesses_are_watched() {
  return true;
}

}  // namespace assay::emulation
