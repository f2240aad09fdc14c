// How the CUDA engine keeps its data; what kernels, device and tests agree on. All pointers are device memory.
//
// Element types. T is the type of weights, of the inputs of matrix products ("operands") and of the cache: Bf16, F16 or
// float, as --dtype says. The residual stream, sums, softmax and logits are f32. What a product writes for the next
// kernel to read ("products": qkv, gate_up) is f32 too.
//
// Cache of one layer: (pages, kv_heads, 2, kPageTokens, head_dim), keys (0) before values (1), keys already turned by
// their position. Key head of query head h: h / (heads / kv_heads).
#pragma once

#include <cstdint>

#include "engine/device/data_type.h"
#include "engine/device/page.h"

struct CUstream_st;

namespace assay::engine::cuda {

// cudaStream_t, named without the toolkit's headers, so that the declarations of the kernels are plain C++.
using Stream = CUstream_st*;

// T of a kernel, chosen when it is launched.
using Type = DataType;

// Consecutive tokens of one sequence within a step (engine/device/device.h, Segment), with its page table as a place in
// one list of the step.
struct DeviceSegment {
  int32_t first_row = 0;
  int32_t rows = 0;
  int32_t first_position = 0;
  int32_t first_page = 0;  // index into the step's list of pages
};

// The first `tokens` positions of page `from` become those of page `to`.
struct DeviceCopy {
  int32_t from = 0;
  int32_t to = 0;
  int32_t tokens = 0;
};

// Keys of one piece of decode attention. A generated token's attention is cut at multiples of it, counted from the
// start of the sequence, whoever shares the pages: so its bits depend on its own position alone.
inline constexpr int kPieceTokens = 256;

}  // namespace assay::engine::cuda
