// ggml's K-quants: 256 values with an f16 scale, cut into groups that have small factors of their own
// (ggml-common.h, block_q2_K to block_q6_K).
//
// Where a value's bits lie: a byte holds the bits of values that are 32 apart, so that a stretch of 32 values takes the
// same bits of 32 consecutive bytes, the next stretch the next bits of the same bytes, and so on. A stretch is
// therefore unpacked to bytes first, and multiplied after that: short loops that mix both were three times slower.
#include "engine/checkpoint/dequantise.h"
#include "engine/checkpoint/half.h"

namespace assay::engine {
namespace {

constexpr int kSuperBlock = 256;  // values
constexpr int kStretch = 32;
constexpr int kStretches = kSuperBlock / kStretch;
constexpr int kFactorGroup = 16;  // values with one factor in q2_k, q3_k and q6_k; a stretch in q4_k and q5_k

// Two bits of each value: 32 bytes have 128 values. The stretch begins in that byte and lies so many bits up.
int two_bits_begin(int stretch) {
  return stretch / 4 * kStretch;
}
int two_bits_shift(int stretch) {
  return stretch % 4 * 2;
}

// Factor of group g of q3_k, -32 to 31: the low 4 bits of factors 0-7 are the low nibbles of bytes 0-7, those of 8-15
// the high nibbles; the high 2 bits of factors g, g + 4, g + 8 and g + 12 share byte 8 + g, lowest first.
int q3_k_factor(const uint8_t* packed, int group) {
  const int low = packed[group % 8] >> (group / 8 * 4) & 15;
  const int high = packed[8 + group % 4] >> (group / 4 * 2) & 3;
  return (low | high << 4) - 32;
}

struct FactorAndMinimum {
  float factor;   // of the quantised values
  float minimum;  // subtracted from each
};

// Six-bit numbers of group g of q4_k and q5_k, in 12 bytes: factors 0-3 are the low 6 bits of bytes 0-3 and minima 0-3
// those of bytes 4-7; of groups 4-7 the low 4 bits are the nibbles of bytes 8-11, the factor's below the minimum's, and
// the high 2 bits are the spare ones of bytes 0-3 and 4-7.
FactorAndMinimum six_bit_numbers(const uint8_t* packed, int group, float scale, float minimum_scale) {
  int factor = packed[group % 4] & 63;
  int minimum = packed[group % 4 + 4] & 63;
  if (group >= 4) {
    factor = (packed[group + 4] & 15) | packed[group - 4] >> 6 << 4;
    minimum = packed[group + 4] >> 4 | packed[group] >> 6 << 4;
  }
  return {scale * static_cast<float>(factor), minimum_scale * static_cast<float>(minimum)};
}

}  // namespace

// 16 bytes, a group's factor in the low nibble and its minimum in the high one; 64 bytes of two-bit values; f16 scale
// of the factors; f16 scale of the minima
void dequantise_q2_k(const uint8_t* block, int64_t values, float* out) {
  uint8_t quants[kStretch];
  for (; values > 0; values -= kSuperBlock, block += 84) {
    const float scale = load_f16(block + 80);
    const float minimum_scale = load_f16(block + 82);
    for (int stretch = 0; stretch < kStretches; ++stretch) {
      const uint8_t* bytes = block + 16 + two_bits_begin(stretch);
      const int shift = two_bits_shift(stretch);
      for (int i = 0; i < kStretch; ++i) quants[i] = bytes[i] >> shift & 3;
      for (int half = 0; half < 2; ++half, out += kFactorGroup) {
        const uint8_t packed = block[2 * stretch + half];
        const float factor = scale * static_cast<float>(packed & 15);
        const float minimum = minimum_scale * static_cast<float>(packed >> 4);
        const uint8_t* from = quants + half * kFactorGroup;
        for (int i = 0; i < kFactorGroup; ++i) out[i] = factor * static_cast<float>(from[i]) - minimum;
      }
    }
  }
}

// 32 bytes, bit b of byte i being the third bit of value i of stretch b; 64 bytes of the two lower bits; 12 bytes of
// factors; f16 scale. Values are -4 to 3.
void dequantise_q3_k(const uint8_t* block, int64_t values, float* out) {
  int8_t quants[kStretch];
  for (; values > 0; values -= kSuperBlock, block += 110) {
    const float scale = load_f16(block + 108);
    for (int stretch = 0; stretch < kStretches; ++stretch) {
      const uint8_t* low = block + 32 + two_bits_begin(stretch);
      const int shift = two_bits_shift(stretch);
      for (int i = 0; i < kStretch; ++i) {
        quants[i] = static_cast<int8_t>(((low[i] >> shift & 3) | (block[i] >> stretch & 1) << 2) - 4);
      }
      for (int half = 0; half < 2; ++half, out += kFactorGroup) {
        const float factor = scale * static_cast<float>(q3_k_factor(block + 96, 2 * stretch + half));
        const int8_t* from = quants + half * kFactorGroup;
        for (int i = 0; i < kFactorGroup; ++i) out[i] = factor * static_cast<float>(from[i]);
      }
    }
  }
}

// f16 scale of the factors; f16 scale of the minima; 12 bytes of both; 128 bytes of nibbles, of which each 32 bytes
// have two groups
void dequantise_q4_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kSuperBlock, block += 144) {
    const float scale = load_f16(block);
    const float minimum_scale = load_f16(block + 2);
    for (int group = 0; group < kStretches; ++group, out += kStretch) {
      const auto [factor, minimum] = six_bit_numbers(block + 4, group, scale, minimum_scale);
      const uint8_t* quants = block + 16 + group / 2 * kStretch;
      const int shift = group % 2 * 4;
      for (int i = 0; i < kStretch; ++i) out[i] = factor * static_cast<float>(quants[i] >> shift & 15) - minimum;
    }
  }
}

// As q4_k, with 32 bytes between factors and nibbles: bit g of byte i is the fifth bit of value i of group g
void dequantise_q5_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kSuperBlock, block += 176) {
    const float scale = load_f16(block);
    const float minimum_scale = load_f16(block + 2);
    for (int group = 0; group < kStretches; ++group, out += kStretch) {
      const auto [factor, minimum] = six_bit_numbers(block + 4, group, scale, minimum_scale);
      const uint8_t* high = block + 16;
      const uint8_t* low = block + 48 + group / 2 * kStretch;
      const int shift = group % 2 * 4;
      for (int i = 0; i < kStretch; ++i) {
        const int quant = (low[i] >> shift & 15) | (high[i] >> group & 1) << 4;
        out[i] = factor * static_cast<float>(quant) - minimum;
      }
    }
  }
}

// 128 bytes of low nibbles, of which each 64 bytes have 128 values; 64 bytes of the two higher bits; 16 signed bytes,
// the groups' factors; f16 scale. Values are -32 to 31.
void dequantise_q6_k(const uint8_t* block, int64_t values, float* out) {
  int8_t quants[kStretch];
  for (; values > 0; values -= kSuperBlock, block += 210) {
    const float scale = load_f16(block + 208);
    for (int stretch = 0; stretch < kStretches; ++stretch) {
      const uint8_t* low = block + stretch / 4 * 64 + stretch % 2 * kStretch;
      const uint8_t* high = block + 128 + two_bits_begin(stretch);
      const int low_shift = stretch % 4 / 2 * 4;
      const int high_shift = two_bits_shift(stretch);
      for (int i = 0; i < kStretch; ++i) {
        quants[i] = static_cast<int8_t>(((low[i] >> low_shift & 15) | (high[i] >> high_shift & 3) << 4) - 32);
      }
      for (int half = 0; half < 2; ++half, out += kFactorGroup) {
        const float factor = scale * static_cast<float>(static_cast<int8_t>(block[192 + 2 * stretch + half]));
        const int8_t* from = quants + half * kFactorGroup;
        for (int i = 0; i < kFactorGroup; ++i) out[i] = factor * static_cast<float>(from[i]);
      }
    }
  }
}

}  // namespace assay::engine
