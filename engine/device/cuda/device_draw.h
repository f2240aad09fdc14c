// What the sampling kernel must be told about one row.
#pragma once

#include "engine/device/cuda/kernels/sample.h"
#include "engine/device/device.h"

namespace assay::engine::cuda {

// Draws the uniform number of (seed, sample key, repeat, position) and settles what is greedy.
DeviceDraw device_draw(const Device::Draw& draw);

}  // namespace assay::engine::cuda
