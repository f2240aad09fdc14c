// What this machine can do at most, measured: the two numbers that a kernel's speed is a share of.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/kernel_set.h"
#include "engine/device/cpu/thread_pool.h"

namespace assay::engine {

// Floating-point operations a second, in units of 1e9, of all threads of the pool: multiply-adds (two operations each)
// on registers alone, by the instruction that the set's matrix products use for `type`. The best of many short runs,
// about a tenth of a second in all. The machine must have the set.
double peak_gflops(ThreadPool& pool, KernelSet set, DataType type);

// Bytes a second, in units of 1e9, that all threads together read from memory: a buffer four times the last-level
// cache, the best of several loops and of many passes, about a second in all. Error(kUnavailable) without memory for
// it.
double read_gb_per_second(ThreadPool& pool);

// Bytes of the last-level cache; 32 MiB where the system does not say.
int64_t last_level_cache_bytes();

// The loops, one file an instruction set; declared here for limits.cc alone.
namespace limits {

// Runs `rounds` rounds and returns the operations done.
using PeakLoop = int64_t (*)(int64_t rounds);
int64_t peak_scalar(int64_t rounds);
int64_t peak_avx2(int64_t rounds);
int64_t peak_avx512(int64_t rounds);
int64_t peak_avx512bf16(int64_t rounds);
int64_t peak_amx(int64_t rounds);

// Reads `bytes`, a multiple of kReadMultiple, and returns something that depends on all of them.
inline constexpr int64_t kReadMultiple = 8 * 4096;
using ReadLoop = uint64_t (*)(const std::byte* from, int64_t bytes);
uint64_t read_scalar(const std::byte* from, int64_t bytes);
uint64_t read_avx2(const std::byte* from, int64_t bytes);           // front to back
uint64_t read_avx2_streams(const std::byte* from, int64_t bytes);   // eight places at once
uint64_t read_avx2_prefetch(const std::byte* from, int64_t bytes);  // front to back, asking ahead
uint64_t read_avx2_prefetch_streams(const std::byte* from, int64_t bytes);

}  // namespace limits

}  // namespace assay::engine
