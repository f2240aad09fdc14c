// A matrix product for few rows - generated tokens -, where reading the weights is all the work: W is read once for up
// to 256 rows.
//
// The inputs are cut into at most four pieces, at places that `inputs` alone decides. A product is the sum of its
// pieces' sums in order, each of which is summed in order by the same instructions: so a row has the same bits alone
// and among 256, whatever tiles and grids the number of rows and outputs suggests. With 64 outputs a block, a product
// of 4,096 outputs makes 256 blocks, two for each multiprocessor.
#pragma once

#include <cstddef>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

inline constexpr int kMostSkinnyRows = 256;

// Rows that one launch can take where a block may have so much shared memory: 256 with 216 KB (Hopper), 128 with 108 KB
// (A100), else 64. How many it takes decides no bit.
constexpr int skinny_rows_at_once(size_t shared_bytes) {
  if (shared_bytes >= 221'184) return kMostSkinnyRows;
  return shared_bytes >= 110'592 ? 128 : 64;
}

// out (rows, outputs; f32) = x (rows, inputs; T) * W^T with W (outputs, inputs; T), or out += that: the product is
// summed first, then added once. All row-major and contiguous; fastest where rows are multiples of 16 bytes. f32 sums.
struct SkinnyLinearParams {
  const void* w = nullptr;
  const void* x = nullptr;
  float* out = nullptr;
  float* scratch = nullptr;  // skinny_scratch_floats
  int rows = 0;
  int inputs = 0;  // at least 1
  int outputs = 0;
  bool add = false;
  int rows_at_once = kMostSkinnyRows;
};

void skinny_linear(Stream stream, Type type, const SkinnyLinearParams& params);

// Floats of `scratch` that a product needs; 0 where it needs none.
size_t skinny_scratch_floats(int rows, int inputs, int outputs, bool add);

// Inputs of a piece, the last of which may be shorter.
int skinny_piece_inputs(int inputs);

}  // namespace assay::engine::cuda
