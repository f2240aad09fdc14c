#include "tests/emulation/machine.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "tests/emulation/copies.h"
#include "tests/emulation/fiber.h"
#include "tests/emulation/kernel_record.h"
#include "tests/emulation/ready_threads.h"
#include "tests/emulation/schedule.h"
#include "tests/emulation/thread_own.h"
#include "tests/emulation/warp.h"
#include "tests/emulation/watch.h"

constinit thread_local uint3 threadIdx = {};
constinit thread_local uint3 blockIdx = {};
constinit thread_local dim3 blockDim;
constinit thread_local dim3 gridDim;

namespace assay::emulation {
namespace {

using Random = ReadyThreads::Random;

struct SharedMemory {
  explicit SharedMemory(size_t size) : bytes(size) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 1024, size) != 0) throw std::bad_alloc();
    base = static_cast<unsigned char*>(memory);
  }
  ~SharedMemory() { std::free(base); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  unsigned char* base = nullptr;
  size_t bytes = 0;
};

// The launch that this host thread is in; all but `fibers` and `schedule` belongs to it alone.
struct Machine {
  Schedule schedule;
  uint64_t launches = 0;                       // since the schedule was set
  std::vector<std::unique_ptr<Fiber>> fibers;  // one per thread of a block; kept, for their stacks

  const GridLaunch* launch = nullptr;
  Random random;
  SharedMemory* shared = nullptr;
  uint64_t row_groups = 0;
  uint64_t conflicts = 0;

  std::vector<uint3> indices;  // threadIdx of each thread of a block
  int threads = 0;             // of the block
  int current = -1;            // the thread that runs
  bool kernel_code = false;    // the kernel's own code runs, not a function of the emulation
  int exited = 0;
  ReadyThreads ready;
  int at_barrier = 0;
  std::source_location barrier;
  std::exception_ptr failure;
};

Machine& machine() {
  return thread_own<Machine>();
}

Fiber& fiber_of(int thread) {
  return *machine().fibers[static_cast<size_t>(thread)];
}

std::vector<uint3> indices_of(dim3 block) {
  std::vector<uint3> indices;
  for (unsigned z = 0; z < block.z; ++z) {
    for (unsigned y = 0; y < block.y; ++y) {
      for (unsigned x = 0; x < block.x; ++x) indices.push_back({x, y, z});
    }
  }
  return indices;
}

void leave_kernel() {
  leave_copies();
  leave_warp();
  if (machine().at_barrier > 0) {
    throw Fault(Rule::kBarrierAfterExit, fmt::format("{} leaves the kernel while others wait at __syncthreads ({})",
                                                     describe_thread(), describe_place(machine().barrier)));
  }
  ++machine().exited;
}

void thread_body(void*) {
  try {
    machine().kernel_code = true;
    machine().launch->call(machine().launch->kernel, machine().launch->params);
    machine().kernel_code = false;
    leave_kernel();
  } catch (...) {
    machine().kernel_code = false;
    machine().failure = std::current_exception();
  }
}

void select_next() {
  const int thread = machine().ready.take(machine().schedule.seed == 0 ? nullptr : &machine().random);
  machine().current = thread;
  threadIdx = machine().indices[static_cast<size_t>(thread)];
}

void run_block(uint64_t block) {
  const dim3 grid = machine().launch->grid;
  blockIdx = {static_cast<unsigned>(block % grid.x), static_cast<unsigned>(block / grid.x % grid.y),
              static_cast<unsigned>(block / grid.x / grid.y)};
  if (machine().shared->bytes > 0) std::memset(machine().shared->base, 0xFF, machine().shared->bytes);
  reset_warps(machine().threads);
  reset_copies(machine().threads);
  watch_block(machine().shared->base, machine().shared->bytes, machine().threads);
  machine().exited = machine().at_barrier = 0;
  machine().ready.reset(machine().threads);
  for (int thread = 0; thread < machine().threads; ++thread) fiber_of(thread).start(&thread_body, nullptr);

  while (!machine().ready.empty()) {
    select_next();
    fiber_of(machine().current).resume();
    if (machine().failure) std::rethrow_exception(std::exchange(machine().failure, nullptr));
  }
  if (machine().exited != machine().threads) {
    const int stuck = machine().current;
    throw Fault(Rule::kDeadlock,
                fmt::format("every thread waits: {} of {} have left the kernel, {} wait at "
                            "__syncthreads, the others for lanes of their warps; the last to run was {}",
                            machine().exited, machine().threads, machine().at_barrier, describe_thread(stuck)));
  }
  watch_block_end();
}

void refuse_impossible(const GridLaunch& launch) {
  const auto refuse = [&](const std::string& why) {
    fail(ExitCode::kUnavailable, "the launch of {} is refused: {}", kernel_name(launch.kernel), why);
  };
  const dim3 block = launch.block;
  const dim3 grid = launch.grid;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > 1024 || block.x > 1024 || block.y > 1024 || block.z > 64) {
    refuse(fmt::format("a block of {} x {} x {} threads; the limit is 1024, and 64 in z", block.x, block.y, block.z));
  }
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7FFFFFFF || grid.y > 65535 || grid.z > 65535) {
    refuse(fmt::format("a grid of {} x {} x {} blocks; each must be at least 1, and y and z at most 65535", grid.x,
                       grid.y, grid.z));
  }
  if (launch.shared_bytes > 227 * 1024) {
    refuse(fmt::format("{} bytes of shared memory; the limit is 232448", launch.shared_bytes));
  }
}

// All blocks, shuffled where the schedule is random.
void run_blocks() {
  const dim3 grid = machine().launch->grid;
  const uint64_t blocks = uint64_t{grid.x} * grid.y * grid.z;
  if (machine().schedule.seed == 0) {
    for (uint64_t block = 0; block < blocks; ++block) run_block(block);
    return;
  }
  std::vector<uint64_t> order(blocks);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), machine().random);
  for (const uint64_t block : order) run_block(block);
}

}  // namespace

void set_schedule(const Schedule& schedule) {
  machine().schedule = schedule;
  machine().launches = 0;
}

Schedule schedule() {
  return machine().schedule;
}

LaunchRecord*& recording() {
  static LaunchRecord* record = nullptr;
  return record;
}

void run_grid(const GridLaunch& launch) {
  if (machine().launch != nullptr) {
    const EmulatorScope scope;
    throw Fault(Rule::kNestedLaunch, fmt::format("{} launches a kernel", describe_thread()));
  }
  refuse_impossible(launch);
  SharedMemory shared(launch.shared_bytes);
  machine().launch = &launch;
  machine().shared = &shared;
  machine().indices = indices_of(launch.block);
  machine().threads = static_cast<int>(machine().indices.size());
  machine().random.seed(static_cast<Random::result_type>(machine().schedule.seed * 1'000'003 + ++machine().launches));
  machine().random.discard(4);
  machine().row_groups = machine().conflicts = 0;
  machine().failure = nullptr;
  blockDim = launch.block;
  gridDim = launch.grid;
  struct Leave {
    ~Leave() {
      machine().launch = nullptr;
      machine().current = -1;
      watch_block_end();
    }
  } leave;
  while (machine().fibers.size() < static_cast<size_t>(machine().threads)) {
    machine().fibers.push_back(std::make_unique<Fiber>());
  }
  watch_launch();
  run_blocks();
  record_launch(launch, machine().row_groups, machine().conflicts);
}

void block_barrier(const std::source_location& where) {
  const EmulatorScope scope;
  if (machine().exited > 0) {
    throw Fault(Rule::kBarrierAfterExit,
                fmt::format("{} waits at __syncthreads ({}) though {} of {} threads have left "
                            "the kernel",
                            describe_thread(), describe_place(where), machine().exited, machine().threads));
  }
  if (machine().at_barrier > 0 &&
      (where.line() != machine().barrier.line() || where.column() != machine().barrier.column() ||
       (where.file_name() != machine().barrier.file_name() &&
        std::strcmp(where.file_name(), machine().barrier.file_name()) != 0))) {
    throw Fault(Rule::kDifferentBarriers,
                fmt::format("{} is at the __syncthreads of {} while others wait at that of {}", describe_thread(),
                            describe_place(where), describe_place(machine().barrier)));
  }
  machine().barrier = where;
  if (++machine().at_barrier == machine().threads) {
    machine().at_barrier = 0;
    watch_barrier();
    for (int thread = 0; thread < machine().threads; ++thread) release(thread);
  }
  wait_for_release();
}

void* shared_memory(size_t bytes) {
  const EmulatorScope scope;
  if (bytes > machine().shared->bytes) {
    throw Fault(Rule::kSharedTooSmall, fmt::format("{} wants {} bytes of shared memory, the launch asked for {}",
                                                   describe_thread(), bytes, machine().shared->bytes));
  }
  return machine().shared->base;
}

int current_thread() {
  if (machine().launch == nullptr) fail(ExitCode::kInternal, "a device function was called outside a kernel");
  return machine().current;
}

bool kernel_code_runs() {
  return machine().kernel_code;
}

EmulatorScope::EmulatorScope() {
  machine().kernel_code = false;
}

EmulatorScope::~EmulatorScope() {
  machine().kernel_code = machine().launch != nullptr;
}

bool on_own_stack(const void* address) {
  return fiber_of(machine().current).owns(address);
}

bool on_any_stack(const void* address) {
  return std::any_of(machine().fibers.begin(), machine().fibers.end(), [&](const auto& f) { return f->owns(address); });
}

int64_t shared_offset(const void* address, size_t bytes) {
  const auto* byte = static_cast<const unsigned char*>(address);
  const unsigned char* base = machine().shared->base;
  if (byte < base || byte + bytes > base + machine().shared->bytes) return -1;
  return byte - base;
}

void count_ldmatrix(int row_groups, int conflicts) {
  machine().row_groups += static_cast<uint64_t>(row_groups);
  machine().conflicts += static_cast<uint64_t>(conflicts);
}

// To the next thread that is ready; to run_block where there is none.
void wait_for_release() {
  Fiber& own = fiber_of(machine().current);
  if (machine().ready.empty()) {
    own.pause();
    return;
  }
  select_next();
  Fiber& next = fiber_of(machine().current);
  if (&next != &own) own.hand_over(next);
}

void release(int thread) {
  machine().ready.add(thread);
}

void give_way() {
  release(machine().current);
  wait_for_release();
}

void drop_thread(const Fault& fault) {
  machine().failure = std::make_exception_ptr(fault);
  fiber_of(machine().current).pause();
  std::abort();  // a dropped thread never runs again
}

uint32_t schedule_random(uint32_t n) {
  return machine().schedule.seed == 0 ? 0 : static_cast<uint32_t>(machine().random()) % n;
}

std::string describe_thread(int thread) {
  if (machine().launch == nullptr) return "the host";
  const uint3 index = machine().indices[static_cast<size_t>(thread)];
  return fmt::format("thread ({}, {}, {}) of block ({}, {}, {}) of {}", index.x, index.y, index.z, blockIdx.x,
                     blockIdx.y, blockIdx.z, kernel_name(machine().launch->kernel));
}

std::string describe_thread() {
  return describe_thread(machine().current);
}

std::string describe_place(const std::source_location& where) {
  return fmt::format("{}:{}:{}", where.file_name(), where.line(), where.column());
}

}  // namespace assay::emulation
