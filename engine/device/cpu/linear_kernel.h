// What a set of matrix kernels is: between linear.h, which divides a product among threads, and linear_<set>.cc, which
// computes a part of it.
//
// Weights W (outputs, inputs) lie in panels of 16 outputs, one layout for every set and every number of rows:
//   f32   [outputs/16][inputs][16]
//   bf16  [outputs/32][depth/2][2][16][2]   depth: inputs rounded up to 32
// The last bf16 index runs over two neighbours in K of one output, 32 bits as vdpbf16ps and AMX want them; the one
// before the last two over a pair of panels. So a thread reads one stream of memory front to back, whatever the number
// of rows, and even one row has the chains of multiply-adds that it takes to keep up with it. Missing outputs and
// inputs are zeros.
//
// Order of arithmetic, the same for one row and for five hundred, which makes a row's bits independent of the others:
//   scalar, avx2, avx512  one chain of fused multiply-adds over k from 0, for each output; the three have equal bits
//   avx512bf16            one chain of vdpbf16ps over pairs of k
//   amx                   one chain of tdpbf16ps over blocks of 32 k
// Between blocks over K the sums rest in memory as f32, which does not round.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/kernel_set.h"
#include "engine/device/device.h"

namespace assay::engine {

inline constexpr int kPanelOutputs = 16;
inline constexpr int kBf16DepthMultiple = 32;
inline constexpr int kLineBytes = 64;  // 16 weights of f32, or 16 pairs of bf16

struct Panels {
  const std::byte* data = nullptr;
  int outputs = 0;
  int depth = 0;      // of a panel, over K, padding included
  int together = 1;   // panels that are interleaved: 1 in f32, 2 in bf16
  size_t stride = 0;  // bytes of so many panels
};

// x (rows, inputs), packed: blocks over K one after the other, in each the blocks of rows one after the other, so that
// what a panel's block over K meets is one piece of memory. `rows` is rounded up to the kernel's packed_rows.
struct PackedRows {
  const std::byte* data = nullptr;
  int rows = 0;
};

struct LinearKernel {
  int tile_rows = 0;       // rows of a block
  int tile_panels = 0;     // products are divided at multiples of so many panels
  int block_depth = 0;     // inputs of a block over K
  int packed_rows = 0;     // a block is padded with zeros to a multiple of so many rows
  size_t input_bytes = 0;  // of a packed input

  // Packs one block of rows (rows <= tile_rows, at `stride` floats) over one block of K: `depth` inputs of which the
  // first `valid` are there. In bf16 this is where x is rounded.
  void (*pack)(const float* x, int stride, int rows, int valid, int depth, std::byte* to) = nullptr;

  // out = x * W^T, or += that, for `rows` rows from `first_row`, a multiple of tile_rows, and the columns of the panels
  // [first, last). out is that of row 0, (x.rows, w.outputs).
  void (*multiply)(const Panels& w, const PackedRows& x, int first_row, int rows, int first, int last, float* out,
                   bool add) = nullptr;
};

// Kernels of one set, which the machine must have.
const LinearKernel& linear_kernel(KernelSet set, DataType type);

// One a file. A set without bf16 instructions widens bf16 weights to f32.
extern const LinearKernel kLinearScalarF32, kLinearScalarBf16;
extern const LinearKernel kLinearAvx2F32, kLinearAvx2Bf16;
extern const LinearKernel kLinearAvx512F32, kLinearAvx512Bf16;
extern const LinearKernel kLinearAvx512Bf16Dot;
extern const LinearKernel kLinearAmx;

}  // namespace assay::engine
