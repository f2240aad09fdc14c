// ggml's first quantised types: 32 values with one scale, some with a minimum (ggml-common.h, block_q4_0 and so on).
#include <array>
#include <cstring>

#include "engine/checkpoint/dequantise.h"
#include "engine/checkpoint/half.h"

namespace assay::engine {
namespace {

constexpr int kBlock = 32;  // values
constexpr int kHalf = kBlock / 2;

// Bit i: a comparison with it is done for several values at once, where shifts by different counts are not.
constexpr std::array<uint32_t, kBlock> kBit = [] {
  std::array<uint32_t, kBlock> bits{};
  for (int i = 0; i < kBlock; ++i) bits[i] = uint32_t{1} << i;
  return bits;
}();

// Nibbles as in q4_0, with bit 4 of value i in bit i of `high`.
void unpack_five_bits(const uint8_t* high_bits, const uint8_t* nibbles, int* out) {
  uint32_t high;
  std::memcpy(&high, high_bits, sizeof high);
  for (int i = 0; i < kHalf; ++i) out[i] = (nibbles[i] & 15) | ((high & kBit[i]) != 0 ? 16 : 0);
  for (int i = 0; i < kHalf; ++i) out[i + kHalf] = (nibbles[i] >> 4) | ((high & kBit[i + kHalf]) != 0 ? 16 : 0);
}

}  // namespace

// f16 scale; 32 signed bytes
void dequantise_q8_0(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 34, out += kBlock) {
    const float scale = load_f16(block);
    const uint8_t* quants = block + 2;
    for (int i = 0; i < kBlock; ++i) out[i] = scale * static_cast<float>(static_cast<int8_t>(quants[i]));
  }
}

// f16 scale; 16 bytes whose low nibbles are values 0-15 and whose high nibbles are values 16-31
void dequantise_q4_0(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 18, out += kBlock) {
    const float scale = load_f16(block);
    const uint8_t* quants = block + 2;
    for (int i = 0; i < kHalf; ++i) out[i] = scale * static_cast<float>((quants[i] & 15) - 8);
    for (int i = 0; i < kHalf; ++i) out[i + kHalf] = scale * static_cast<float>((quants[i] >> 4) - 8);
  }
}

// f16 scale, f16 minimum; nibbles as in q4_0
void dequantise_q4_1(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kBlock, block += 20, out += kBlock) {
    const float scale = load_f16(block);
    const float minimum = load_f16(block + 2);
    const uint8_t* quants = block + 4;
    for (int i = 0; i < kHalf; ++i) out[i] = scale * static_cast<float>(quants[i] & 15) + minimum;
    for (int i = 0; i < kHalf; ++i) out[i + kHalf] = scale * static_cast<float>(quants[i] >> 4) + minimum;
  }
}

// f16 scale; 4 bytes of high bits; nibbles
void dequantise_q5_0(const uint8_t* block, int64_t values, float* out) {
  std::array<int, kBlock> quants;
  for (; values > 0; values -= kBlock, block += 22, out += kBlock) {
    const float scale = load_f16(block);
    unpack_five_bits(block + 2, block + 6, quants.data());
    for (int i = 0; i < kBlock; ++i) out[i] = scale * static_cast<float>(quants[i] - 16);
  }
}

// f16 scale, f16 minimum; 4 bytes of high bits; nibbles
void dequantise_q5_1(const uint8_t* block, int64_t values, float* out) {
  std::array<int, kBlock> quants;
  for (; values > 0; values -= kBlock, block += 24, out += kBlock) {
    const float scale = load_f16(block);
    const float minimum = load_f16(block + 2);
    unpack_five_bits(block + 4, block + 8, quants.data());
    for (int i = 0; i < kBlock; ++i) out[i] = scale * static_cast<float>(quants[i]) + minimum;
  }
}

}  // namespace assay::engine
