// CUDA's stream for headers that every compiler reads: host functions of kernels, the device, tests.
#pragma once

struct CUstream_st;

namespace assay::engine::cuda {

// cudaStream_t, as the toolkit declares it. Null is the default stream.
using Stream = CUstream_st*;

}  // namespace assay::engine::cuda
