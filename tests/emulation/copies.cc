#include "tests/emulation/copies.h"

#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "tests/emulation/machine.h"
#include "tests/emulation/thread_own.h"
#include "tests/emulation/watch.h"

namespace assay::emulation {
namespace {

constexpr size_t kBytes = 16;

struct Copy {
  void* to = nullptr;
  const void* from = nullptr;  // null: zeros
};

struct Copies {
  std::vector<Copy> open;  // not committed yet
  std::deque<std::vector<Copy>> groups;
};

// One per thread of the block.
std::vector<Copies>& all_copies() {
  return thread_own<std::vector<Copies>>();
}

Copies& own_copies() {
  return all_copies()[static_cast<size_t>(current_thread())];
}

void finish(const std::vector<Copy>& group) {
  for (const Copy& copy : group) {
    if (copy.from == nullptr) {
      std::memset(copy.to, 0, kBytes);
    } else {
      std::memcpy(copy.to, copy.from, kBytes);
    }
    watch_copy_end(current_thread(), copy.to, kBytes);
  }
}

}  // namespace

void reset_copies(int threads) {
  all_copies().resize(static_cast<size_t>(threads));
  for (Copies& copies : all_copies()) {
    copies.open.clear();
    copies.groups.clear();
  }
}

void copy_begin(void* to_shared, const void* from, bool valid) {
  const EmulatorScope scope;
  const int thread = current_thread();
  const bool aligned = reinterpret_cast<uintptr_t>(to_shared) % kBytes == 0 &&
                       (!valid || reinterpret_cast<uintptr_t>(from) % kBytes == 0);
  if (!aligned) {
    throw Fault(Rule::kMisaligned, fmt::format("{} calls cp.async from {} to {}; both must be aligned to 16 bytes",
                                               describe_thread(), fmt::ptr(from), fmt::ptr(to_shared)));
  }
  if (shared_offset(to_shared, kBytes) < 0) {
    throw Fault(Rule::kOutsideShared,
                fmt::format("the target of cp.async of {} is outside its shared memory", describe_thread()));
  }
  if (valid) watch_access(thread, from, kBytes, Access::kRead);
  watch_copy_begin(thread, to_shared, kBytes);
  std::memset(to_shared, 0xFF, kBytes);
  own_copies().open.push_back({to_shared, valid ? from : nullptr});
}

void copy_commit() {
  const EmulatorScope scope;
  Copies& copies = own_copies();
  copies.groups.push_back(std::move(copies.open));
  copies.open.clear();
}

void copy_wait(int pending) {
  const EmulatorScope scope;
  Copies& copies = own_copies();
  while (copies.groups.size() > static_cast<size_t>(pending)) {
    finish(copies.groups.front());
    copies.groups.pop_front();
  }
}

void leave_copies() {
  const Copies& copies = own_copies();
  size_t in_flight = copies.open.size();
  for (const std::vector<Copy>& group : copies.groups) in_flight += group.size();
  if (in_flight > 0) {
    throw Fault(Rule::kUnfinishedAtExit,
                fmt::format("{} leaves the kernel with {} cp.async copies that it has not waited "
                            "for",
                            describe_thread(), in_flight));
  }
}

}  // namespace assay::emulation
