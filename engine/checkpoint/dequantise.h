// From the blocks of a stored type to f32: the functions that the table of block_types.cc points to.
//
// Each takes `values` values, a multiple of the type's block, from `blocks` (of any alignment). Scales are f16 numbers
// of 11 significant bits, and what they are multiplied by has at most 13 together (a factor of a group and a quantised
// value), so products are exact in f32 and only the subtraction of a minimum rounds, once: the order in which a loop
// computes them cannot move a bit, and neither can a fused multiply-add.
//
// The loops are plain C++ for the compiler to vectorise: the inner ones have a fixed count and no branch.
#pragma once

#include <cstdint>

namespace assay::engine {

// One value a block.
void dequantise_f32(const uint8_t* blocks, int64_t values, float* out);
void dequantise_f16(const uint8_t* blocks, int64_t values, float* out);
void dequantise_bf16(const uint8_t* blocks, int64_t values, float* out);

// 32 values a block (dequantise_legacy.cc).
void dequantise_q8_0(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q4_0(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q4_1(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q5_0(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q5_1(const uint8_t* blocks, int64_t values, float* out);

// 256 values a block (dequantise_k.cc).
void dequantise_q2_k(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q3_k(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q4_k(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q5_k(const uint8_t* blocks, int64_t values, float* out);
void dequantise_q6_k(const uint8_t* blocks, int64_t values, float* out);

// Sixteen levels that are not evenly spaced (dequantise_iq4.cc): 32 values a block, and 256.
void dequantise_iq4_nl(const uint8_t* blocks, int64_t values, float* out);
void dequantise_iq4_xs(const uint8_t* blocks, int64_t values, float* out);

}  // namespace assay::engine
