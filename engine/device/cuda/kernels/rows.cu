#include "engine/device/cuda/kernels/dispatch.cuh"
#include "engine/device/cuda/kernels/rows.cuh"

namespace assay::engine::cuda {
namespace {

template <typename From, typename To>
void move_rows(Stream stream, const RowsParams& params) {
  if (params.rows == 0 || params.cols == 0) return;
  constexpr int kPiece = kRowsThreads * kEight;
  const dim3 grid(static_cast<unsigned>(params.rows), static_cast<unsigned>((params.cols + kPiece - 1) / kPiece));
  launch(move_rows_kernel<From, To>, grid, dim3(kRowsThreads), 0, stream, params);
}

}  // namespace

void embed(Stream stream, Type type, const RowsParams& params) {
  widen(stream, type, params);
}

void gather_rows(Stream stream, Type type, const RowsParams& params) {
  with_type(type, [&](auto tag) {
    using T = typename decltype(tag)::Element;
    move_rows<T, T>(stream, params);
  });
}

void convert(Stream stream, Type type, const RowsParams& params) {
  with_type(type, [&](auto tag) { move_rows<float, typename decltype(tag)::Element>(stream, params); });
}

void widen(Stream stream, Type type, const RowsParams& params) {
  with_type(type, [&](auto tag) { move_rows<typename decltype(tag)::Element, float>(stream, params); });
}

}  // namespace assay::engine::cuda
