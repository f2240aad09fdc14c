// Rows from one place to another, between T (layout.h) and f32: the embedding, the rows that somebody asked for, the
// upload of weights. A value that T cannot hold is rounded to nearest even; a NaN stays one.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// to[r] = scale * from[ids[r]] for r < rows, or of from[r] without ids. Rows of `cols` values, `stride` values apart;
// the two matrices do not overlap. Fastest where addresses and strides are multiples of 16 bytes. Ids are not checked.
struct RowsParams {
  const void* from = nullptr;
  void* to = nullptr;
  const int32_t* ids = nullptr;
  int64_t from_stride = 0;
  int64_t to_stride = 0;
  int rows = 0;
  int cols = 0;
  float scale = 1;  // in f32, before the result is rounded
};

// From a table of T, ids in device memory, to the f32 stream.
void embed(Stream stream, Type type, const RowsParams& params);
// From T to T: kF32 for the stream, another type for operands.
void gather_rows(Stream stream, Type type, const RowsParams& params);
// From f32 to T.
void convert(Stream stream, Type type, const RowsParams& params);
// From T to f32.
void widen(Stream stream, Type type, const RowsParams& params);

}  // namespace assay::engine::cuda
