#include "engine/device/cuda/kernels/dispatch.cuh"
#include "engine/device/cuda/kernels/rope.cuh"

namespace assay::engine::cuda {

void rope_and_cache(Stream stream, Type type, const RopeParams& params) {
  if (params.rows == 0) return;
  with_type(type, [&](auto tag) {
    launch(rope_and_cache_kernel<typename decltype(tag)::Element>, dim3(static_cast<unsigned>(params.rows)),
           dim3(kRopeThreads), 0, stream, params);
  });
}

}  // namespace assay::engine::cuda
