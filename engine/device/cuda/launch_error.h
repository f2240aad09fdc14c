// A refused launch becomes an Error in launch_error.cc, which nvcc does not compile: it need not know fmt.
#pragma once

namespace assay::engine::cuda {

// `status`: a cudaError_t. Error(kUnavailable) with the device's own words unless it is cudaSuccess (0).
void check_launch(int status);

}  // namespace assay::engine::cuda
