#include <algorithm>

#include "engine/device/cuda/kernels/dispatch.cuh"
#include "engine/device/cuda/kernels/skinny_linear.cuh"

namespace assay::engine::cuda {
namespace {

constexpr int kPieces = 4;
constexpr int kLeastPieceInputs = 256;
constexpr int kPieceUnit = 64;  // a whole number of stages, for every T

// Outputs from which on blocks that sum all pieces are enough of them: two for each of 132 multiprocessors.
constexpr int kEnoughOutputs = 2 * 132 * 64;

bool sums_whole(int inputs, int outputs, bool add) {
  // Piece after piece into `out` would not be added to it once.
  return inputs <= skinny_piece_inputs(inputs) || (!add && outputs >= kEnoughOutputs);
}

// What skinny_rows_at_once counts with.
static_assert(sizeof(SkinnyShared<float, SkinnyShape<8, 2, 16, 4>>) == 221'184);
static_assert(sizeof(SkinnyShared<float, SkinnyShape<4, 1, 16, 4>>) == 110'592);

template <typename T, typename Shape>
void launch_shape(Stream stream, const SkinnyLaunch& params) {
  const unsigned tiles = static_cast<unsigned>((params.product.outputs + Shape::kOutputs - 1) / Shape::kOutputs);
  const unsigned pieces = params.whole ? 1U : static_cast<unsigned>(params.pieces);
  launch(skinny_linear_kernel<T, Shape>, dim3(tiles, pieces), dim3(Shape::kThreads), sizeof(SkinnyShared<T, Shape>),
         stream, params);
}

// Few rows: small blocks with much in flight. Many: as many outputs in a block as its memory allows, because each block
// reads all of x.
template <typename T>
void launch_for_rows(Stream stream, const SkinnyLaunch& params) {
  const int rows = params.product.rows;
  if (rows <= 8) {
    launch_shape<T, SkinnyShape<4, 1, 1, 5>>(stream, params);
  } else if (rows <= 16) {
    launch_shape<T, SkinnyShape<4, 1, 2, 5>>(stream, params);
  } else if (rows <= 32) {
    launch_shape<T, SkinnyShape<4, 1, 4, 5>>(stream, params);
  } else if (rows <= 64) {
    launch_shape<T, SkinnyShape<4, 1, 8, 4>>(stream, params);
  } else if (rows <= 128) {
    launch_shape<T, SkinnyShape<4, 1, 16, 4>>(stream, params);
  } else {
    launch_shape<T, SkinnyShape<8, 2, 16, 4>>(stream, params);
  }
}

}  // namespace

int skinny_piece_inputs(int inputs) {
  const int fair = (inputs + kPieces - 1) / kPieces;
  return std::max(kLeastPieceInputs, (fair + kPieceUnit - 1) / kPieceUnit * kPieceUnit);
}

size_t skinny_scratch_floats(int rows, int inputs, int outputs, bool add) {
  if (sums_whole(inputs, outputs, add)) return 0;
  const int piece = skinny_piece_inputs(inputs);
  const size_t pieces = static_cast<size_t>((inputs + piece - 1) / piece);
  return pieces * static_cast<size_t>(std::min(rows, kMostSkinnyRows)) * static_cast<size_t>(outputs);
}

void skinny_linear(Stream stream, Type type, const SkinnyLinearParams& params) {
  SkinnyLaunch slice{params};
  slice.piece_inputs = skinny_piece_inputs(params.inputs);
  slice.pieces = (params.inputs + slice.piece_inputs - 1) / slice.piece_inputs;
  slice.whole = sums_whole(params.inputs, params.outputs, params.add);
  with_type(type, [&](auto tag) {
    using T = typename decltype(tag)::Element;
    for (int first = 0; first < params.rows; first += params.rows_at_once) {
      slice.product.x = static_cast<const T*>(params.x) + int64_t{first} * params.inputs;
      slice.product.out = params.out + int64_t{first} * params.outputs;
      slice.product.rows = std::min(params.rows_at_once, params.rows - first);
      launch_for_rows<T>(stream, slice);
      if (slice.whole) continue;
      const unsigned parts = static_cast<unsigned>((params.outputs + kAddPiecesThreads - 1) / kAddPiecesThreads);
      launch(add_pieces_kernel<kAddPiecesThreads>, dim3(static_cast<unsigned>(slice.product.rows), parts),
             dim3(kAddPiecesThreads), 0, stream, slice);
    }
  });
}

}  // namespace assay::engine::cuda
