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
};

void skinny_linear(Stream stream, Type type, const SkinnyLinearParams& params);

// Floats of `scratch` that a product needs; 0 where it needs none.
size_t skinny_scratch_floats(int rows, int inputs, int outputs, bool add);

// Inputs of a piece, the last of which may be shorter.
int skinny_piece_inputs(int inputs);

}  // namespace assay::engine::cuda
