// ggml's K-quants: 256 values with an f16 scale, cut into groups that have small factors of their own
// (ggml-common.h, block_q2_K to block_q6_K).
//
// Where a value's bits lie: a byte holds the bits of values that are 32 apart, so that values 0-31 of a stretch are the
// lowest bits of 32 consecutive bytes, values 32-63 the next bits of the same bytes, and so on.
#include "engine/checkpoint/dequantise.h"
#include "engine/checkpoint/half.h"

namespace assay::engine {
namespace {

constexpr int kBlock = 256;  // values
constexpr int kGroup = 16;   // values of a group of q2_k, q3_k and q6_k
constexpr int kGroups = kBlock / kGroup;
constexpr int kLongGroup = 32;  // values of a group of q4_k and q5_k
constexpr int kLongGroups = kBlock / kLongGroup;

// Two-bit values of q2_k and q3_k: 64 bytes, of which each half has 128 values; those of group g begin in byte
// `two_bits_begin` and lie `two_bits_shift` bits up.
int two_bits_begin(int group) {
  return group / 8 * 32 + group % 2 * kGroup;
}
int two_bits_shift(int group) {
  return group % 8 / 2 * 2;
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
  for (; values > 0; values -= kBlock, block += 84) {
    const float scale = load_f16(block + 80);
    const float minimum_scale = load_f16(block + 82);
    for (int group = 0; group < kGroups; ++group, out += kGroup) {
      const float factor = scale * static_cast<float>(block[group] & 15);
      const float minimum = minimum_scale * static_cast<float>(block[group] >> 4);
      const uint8_t* quants = block + 16 + two_bits_begin(group);
      const int shift = two_bits_shift(group);
      for (int i = 0; i < kGroup; ++i) out[i] = factor * static_cast<float>(quants[i] >> shift & 3) - minimum;
    }
  }
}

// 32 bytes, bit b of byte i being the third bit of value 32 b + i; 64 bytes of the two lower bits; 12 bytes of factors;
// f16 scale. Values are -4 to 3.
void dequantise_q3_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 110) {
    const float scale = load_f16(block + 108);
    for (int group = 0; group < kGroups; ++group, out += kGroup) {
      const float factor = scale * static_cast<float>(q3_k_factor(block + 96, group));
      const uint8_t* high = block + group % 2 * kGroup;
      const uint8_t* low = block + 32 + two_bits_begin(group);
      const int shift = two_bits_shift(group);
      for (int i = 0; i < kGroup; ++i) {
        const int quant = (low[i] >> shift & 3) | (high[i] >> (group / 2) & 1) << 2;
        out[i] = factor * static_cast<float>(quant - 4);
      }
    }
  }
}

// f16 scale of the factors; f16 scale of the minima; 12 bytes of both; 128 bytes of nibbles, of which each 32 bytes
// have two groups
void dequantise_q4_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 144) {
    const float scale = load_f16(block);
    const float minimum_scale = load_f16(block + 2);
    for (int group = 0; group < kLongGroups; ++group, out += kLongGroup) {
      const auto [factor, minimum] = six_bit_numbers(block + 4, group, scale, minimum_scale);
      const uint8_t* quants = block + 16 + group / 2 * kLongGroup;
      const int shift = group % 2 * 4;
      for (int i = 0; i < kLongGroup; ++i) out[i] = factor * static_cast<float>(quants[i] >> shift & 15) - minimum;
    }
  }
}

// As q4_k, with 32 bytes between factors and nibbles: bit g of byte i is the fifth bit of value i of group g
void dequantise_q5_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 176) {
    const float scale = load_f16(block);
    const float minimum_scale = load_f16(block + 2);
    for (int group = 0; group < kLongGroups; ++group, out += kLongGroup) {
      const auto [factor, minimum] = six_bit_numbers(block + 4, group, scale, minimum_scale);
      const uint8_t* high = block + 16;
      const uint8_t* low = block + 48 + group / 2 * kLongGroup;
      const int shift = group % 2 * 4;
      for (int i = 0; i < kLongGroup; ++i) {
        const int quant = (low[i] >> shift & 15) | (high[i] >> group & 1) << 4;
        out[i] = factor * static_cast<float>(quant) - minimum;
      }
    }
  }
}

// 128 bytes of low nibbles, of which each 64 bytes have 128 values; 64 bytes of the two higher bits; 16 signed bytes,
// the groups' factors; f16 scale. Values are -32 to 31.
void dequantise_q6_k(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 210) {
    const float scale = load_f16(block + 208);
    for (int group = 0; group < kGroups; ++group, out += kGroup) {
      const float factor = scale * static_cast<float>(static_cast<int8_t>(block[192 + group]));
      const int half = group / 8;
      const int quarter = group % 8 / 2;  // 32 values
      const uint8_t* low = block + half * 64 + quarter % 2 * 32 + group % 2 * kGroup;
      const uint8_t* high = block + 128 + two_bits_begin(group);
      const int low_shift = quarter / 2 * 4;
      const int high_shift = two_bits_shift(group);
      for (int i = 0; i < kGroup; ++i) {
        const int quant = (low[i] >> low_shift & 15) | (high[i] >> high_shift & 3) << 4;
        out[i] = factor * static_cast<float>(quant - 32);
      }
    }
  }
}

}  // namespace assay::engine
