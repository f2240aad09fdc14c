#include "engine/device/cuda/launch_error.h"

#include "base/error.h"

namespace assay::engine::cuda {

void check_launch(int status) {
  if (status != 0) fail(ExitCode::kUnavailable, "CUDA, launch: error {} of the emulation", status);
}

}  // namespace assay::engine::cuda
