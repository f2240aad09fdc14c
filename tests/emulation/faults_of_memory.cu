// Overruns, misalignment, memory that nobody wrote, memory of another thread.
#include <cuda_platform.h>

#include "tests/emulation/seeded_faults.h"
#include "tests/emulation/small_run.h"

namespace assay::testing {

// Each file of kernels has a namespace of its own: structs of one name must be one struct.
namespace memory_faults {

using namespace engine::cuda;
using emulation::Rule;

// 25 numbers are 100 bytes, and the heap gives 104: an overrun by one number harms nobody and is seen by the sanitizer
// alone.
constexpr int kSize = 25;

struct Params {
  const float* in;
  float* out;
  int size;
};

struct Values {
  float values[kSize];
};

__global__ void shared_overrun(Params p) {
  auto& shared = shared_as<Values>();
  float* values = shared.values;
  if (threadIdx.x <= kSize) values[threadIdx.x] = p.in[threadIdx.x % kSize];
  if (threadIdx.x < kSize) p.out[threadIdx.x] = values[threadIdx.x];
}

__global__ void global_overrun(Params p) {
  if (threadIdx.x <= kSize) p.out[threadIdx.x] = p.in[threadIdx.x % kSize];
}

struct TwoArrays {
  float first[8];
  float second[8];
};

// The last thread writes behind `first`, into `second`, before `second` is filled.
__global__ void array_overrun(Params p) {
  auto& shared = shared_as<TwoArrays>();
  const int t = static_cast<int>(threadIdx.x);
  if (t < p.size) shared.first[t] = 0;
  __syncthreads();
  if (t < 8) shared.second[t] = p.in[t];
  __syncthreads();
  if (t < kSize) p.out[t] = t < 8 ? shared.second[t] : p.in[t];
}

__global__ void misaligned_vector(Params p) {
  if (threadIdx.x >= kSize) return;
  if (threadIdx.x == 3) {
    const float2 two = *reinterpret_cast<const float2*>(p.in + 3);
    p.out[3] = two.x;
  } else {
    p.out[threadIdx.x] = p.in[threadIdx.x];
  }
}

__global__ void misaligned_copy(Params p) {
  auto& shared = shared_as<Values>();
  cp_async_16(&shared.values[0], p.in + 1);
}

__global__ void shared_that_nobody_wrote(Params p) {
  auto& shared = shared_as<Values>();
  if (threadIdx.x < kSize) p.out[threadIdx.x] = p.in[threadIdx.x] + 0 * shared.values[threadIdx.x];
}

// The value is thrown away, as by a mask: right here, and a NaN away from wrong.
__global__ void global_that_nobody_wrote(Params p) {
  if (threadIdx.x >= kSize) return;
  const float before = p.out[threadIdx.x];
  p.out[threadIdx.x] = before == 12345 ? 0 : p.in[threadIdx.x];
}

struct Pointers {
  uintptr_t first;  // a number, so that the compiler does not warn of the fault
};

__global__ void another_threads_variable(Params p) {
  auto& shared = shared_as<Pointers>();
  float own[2] = {p.in[threadIdx.x % kSize], 0};
  if (threadIdx.x == 0) shared.first = reinterpret_cast<uintptr_t>(own);
  __syncthreads();
  const float first = *reinterpret_cast<const float*>(shared.first);
  __syncthreads();
  if (threadIdx.x < kSize) p.out[threadIdx.x] = first - first + own[0];
}

__global__ void more_shared_than_asked_for(Params p) {
  auto& shared = shared_as<Values>();
  if (threadIdx.x == 0) p.out[0] = shared.values[0];
}

}  // namespace memory_faults

std::vector<SeededFault> faults_of_memory() {
  using namespace memory_faults;
  using F = Found;
  static const auto run_with = [](void (*kernel)(Params), size_t shared_bytes) {
    SmallRun small(kSize);
    launch(kernel, 1, 32, shared_bytes, nullptr, Params{small.in(), small.out(), 9});
    return small.out_is([](int i) { return static_cast<float>(i + 1); });
  };
  static const auto run = [](void (*kernel)(Params)) { return run_with(kernel, sizeof(Values)); };
  return {
      {"one behind the end of shared memory", [] { return run(shared_overrun); }, F::kNot, F::kNot, F::kSanitizer,
       F::kByRule, Rule::kOutsideMemory},
      {"one behind the end of device memory", [] { return run(global_overrun); }, F::kNot, F::kNot, F::kSanitizer,
       F::kByRule, Rule::kOutsideMemory},
      {"one behind the end of an array in shared memory",
       [] { return run(array_overrun); },
       F::kNot,
       F::kNot,
       F::kSanitizer,
       F::kNot,
       {}},
      {"a misaligned 8-byte load", [] { return run(misaligned_vector); }, F::kNot, F::kNot, F::kSanitizer, F::kNot, {}},
      {"a misaligned cp.async", [] { return run(misaligned_copy); }, F::kByRule, F::kByRule, F::kByRule, F::kByRule,
       Rule::kMisaligned},
      {"shared memory that nobody wrote", [] { return run(shared_that_nobody_wrote); }, F::kByValues, F::kByValues,
       F::kByValues, F::kByRule, Rule::kUnwritten},
      {"device memory that nobody wrote, unused", [] { return run(global_that_nobody_wrote); }, F::kNot, F::kNot,
       F::kNot, F::kByRule, Rule::kUnwritten},
      {"another thread's local variable", [] { return run(another_threads_variable); }, F::kNot, F::kNot, F::kNot,
       F::kByRule, Rule::kForeignStack},
      {"more shared memory than the launch asked for",
       [] { return run_with(more_shared_than_asked_for, sizeof(Values) - 4); }, F::kByRule, F::kByRule, F::kByRule,
       F::kByRule, Rule::kSharedTooSmall},
  };
}

}  // namespace assay::testing
