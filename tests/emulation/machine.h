// Runs a grid: one block at a time, each of its threads a fiber. A fault or an exception of any thread ends the launch
// and leaves run_grid as that exception; the block's other threads are dropped where they pause, so that a kernel's
// local variables must not need destructors, as on the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <vector>

#include "tests/emulation/fault.h"
#include "tests/emulation/geometry.h"

namespace assay::emulation {

struct GridLaunch {
  const void* kernel = nullptr;  // its address: the key of its record
  dim3 grid;
  dim3 block;
  size_t shared_bytes = 0;
  const void* params = nullptr;
  void (*call)(const void* kernel, const void* params) = nullptr;
};

// Error(kUnavailable) for what a device of compute capability 8.0 to 9.0 refuses: block or grid out of range, more than
// 227 KB of shared memory.
void run_grid(const GridLaunch& launch);

// Where it is not null, launches go there instead of being run: the emulation of a CUDA graph.
using LaunchRecord = std::vector<std::function<void()>>;
LaunchRecord*& recording();

// Inside a kernel: __syncthreads.
void block_barrier(const std::source_location& where);

// The block's shared memory; Fault where the launch asked for fewer bytes.
void* shared_memory(size_t bytes);

// --- for the emulation's own files

inline constexpr int kWarp = 32;

// The calling thread's number in its block. Error outside a kernel.
int current_thread();

// Whether the code that runs is a kernel's own. The emulation's functions that a kernel calls begin with an
// EmulatorScope, so that nobody takes their accesses for the kernel's: the linker may have merged inline functions of
// watched and unwatched files.
bool kernel_code_runs();
class EmulatorScope {
 public:
  EmulatorScope();
  ~EmulatorScope();
  EmulatorScope(const EmulatorScope&) = delete;
  EmulatorScope& operator=(const EmulatorScope&) = delete;
};

// The stack of the calling thread; of any thread of the block.
bool on_own_stack(const void* address);
bool on_any_stack(const void* address);
// Offset from the start of the block's shared memory; -1 outside it.
int64_t shared_offset(const void* address, size_t bytes);
void count_ldmatrix(int row_groups, int conflicts);

// Back to the scheduler; `release` makes a thread of the same block ready again.
void wait_for_release();
void release(int thread);
// The calling thread is ready and lets others go first.
void give_way();
// Ends the launch with `fault` without an exception through the caller's frame.
[[noreturn]] void drop_thread(const Fault& fault);
// A random number below n, of the schedule's seed; 0 without a seed.
uint32_t schedule_random(uint32_t n);

// "thread (1, 0, 0) of block (0, 0, 0) of KERNEL"
std::string describe_thread(int thread);
std::string describe_thread();
std::string describe_place(const std::source_location& where);

}  // namespace assay::emulation
