#include "engine/device/cuda/kernels/copy_pages.cuh"
#include "engine/device/cuda/kernels/dispatch.cuh"

namespace assay::engine::cuda {

void copy_pages(Stream stream, Type type, const CopyPagesParams& params) {
  if (params.count == 0) return;
  const dim3 grid(static_cast<unsigned>(params.count), static_cast<unsigned>(2 * params.kv_heads));
  with_type(type, [&](auto tag) {
    launch(copy_pages_kernel<typename decltype(tag)::Element>, grid, dim3(kCopyThreads), 0, stream, params);
  });
}

size_t independent_copies(std::span<const DeviceCopy> copies) {
  const auto meet = [](const DeviceCopy& earlier, const DeviceCopy& later) {
    return later.from == earlier.to || later.to == earlier.to || later.to == earlier.from;
  };
  for (size_t later = 1; later < copies.size(); ++later) {
    for (size_t earlier = 0; earlier < later; ++earlier) {
      if (meet(copies[earlier], copies[later])) return later;
    }
  }
  return copies.size();
}

}  // namespace assay::engine::cuda
