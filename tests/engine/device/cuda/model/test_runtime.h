// The runtime that the tests of this folder compute on: the emulated one, or a GPU's where they are linked for it.
#pragma once

#include <memory>

#include "engine/device/cuda/runtime.h"

namespace assay::testing {

std::unique_ptr<engine::cuda::Runtime> test_runtime();

}  // namespace assay::testing
