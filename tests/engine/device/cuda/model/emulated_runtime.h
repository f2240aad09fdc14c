// The CUDA device's runtime under the emulation: memory is the emulation's, kernels run when they are launched, and a
// plain product on the host stands in for cuBLASLt.
#pragma once

#include <memory>

#include "engine/device/cuda/runtime.h"

namespace assay::testing {

// What shall go wrong, for tests of what happens then. Counted from the first call on, 0 is the next one; -1 never.
struct EmulatedFaults {
  int failing_allocation = -1;
  int failing_product = -1;  // as a launch that the device refuses, or an ECC error that it reports
};

// What was done, where a test asks for it. Outlives the runtime.
struct EmulatedCounts {
  int replays = 0;
};

std::unique_ptr<engine::cuda::Runtime> emulated_runtime(int64_t memory_bytes = int64_t{1} << 30,
                                                        EmulatedFaults faults = {}, EmulatedCounts* counts = nullptr);

}  // namespace assay::testing
