#include "engine/checkpoint/block_types.h"

#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace assay::engine {

float f16_to_f32(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  const uint32_t magnitude = uint32_t{bits & 0x7fffu} << 13;
  // Moving the exponent's bias from 15 to 127; a subnormal number becomes a normal one that is 2^-14 too large. Masks
  // instead of branches let the compiler convert several values at once.
  const uint32_t normal = magnitude + (112u << 23);
  const uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude + (113u << 23)) - 0x1p-14f);
  const uint32_t is_subnormal = 0u - static_cast<uint32_t>(magnitude < (1u << 23));
  const uint32_t is_special = 0u - static_cast<uint32_t>(magnitude >= (31u << 23));  // infinity or NaN
  const uint32_t finite = (normal & ~is_subnormal) | (subnormal & is_subnormal);
  return std::bit_cast<float>(sign | finite | ((255u << 23) & is_special));
}

namespace {

template <typename T>
T load(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

constexpr int kBlock = 32;  // values of a block of every quantised type below
constexpr int kHalf = kBlock / 2;

float load_f16(const uint8_t* from) {
  return f16_to_f32(load<uint16_t>(from));
}

void dequantise_f32(const uint8_t* blocks, int64_t values, float* out) {
  std::memcpy(out, blocks, static_cast<size_t>(values) * sizeof(float));
}

void dequantise_f16(const uint8_t* blocks, int64_t values, float* out) {
  for (int64_t i = 0; i < values; ++i) out[i] = load_f16(blocks + 2 * i);
}

void dequantise_bf16(const uint8_t* blocks, int64_t values, float* out) {
  for (int64_t i = 0; i < values; ++i) out[i] = std::bit_cast<float>(uint32_t{load<uint16_t>(blocks + 2 * i)} << 16);
}

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

// Nibbles as in q4_0, with bit 4 of value i in bit i of `high`.
void unpack_five_bits(uint32_t high, const uint8_t* nibbles, int* out) {
  for (int i = 0; i < kHalf; ++i) {
    out[i] = (nibbles[i] & 15) | static_cast<int>((high >> i & 1) << 4);
    out[i + kHalf] = (nibbles[i] >> 4) | static_cast<int>((high >> (i + kHalf) & 1) << 4);
  }
}

// f16 scale; 4 bytes of high bits; nibbles
void dequantise_q5_0(const uint8_t* block, int64_t values, float* out) {
  std::array<int, kBlock> quants;
  for (; values > 0; values -= kBlock, block += 22, out += kBlock) {
    const float scale = load_f16(block);
    unpack_five_bits(load<uint32_t>(block + 2), block + 6, quants.data());
    for (int i = 0; i < kBlock; ++i) out[i] = scale * static_cast<float>(quants[i] - 16);
  }
}

// f16 scale, f16 minimum; 4 bytes of high bits; nibbles
void dequantise_q5_1(const uint8_t* block, int64_t values, float* out) {
  std::array<int, kBlock> quants;
  for (; values > 0; values -= kBlock, block += 24, out += kBlock) {
    const float scale = load_f16(block);
    const float minimum = load_f16(block + 2);
    unpack_five_bits(load<uint32_t>(block + 4), block + 8, quants.data());
    for (int i = 0; i < kBlock; ++i) out[i] = scale * static_cast<float>(quants[i]) + minimum;
  }
}

constexpr BlockType kTypes[] = {
    {"f32", 0, "F32", 1, 4, dequantise_f32},
    {"f16", 1, "F16", 1, 2, dequantise_f16},
    {"bf16", 30, "BF16", 1, 2, dequantise_bf16},
    {"q8_0", 8, "", kBlock, 34, dequantise_q8_0},
    {"q4_0", 2, "", kBlock, 18, dequantise_q4_0},
    {"q4_1", 3, "", kBlock, 20, dequantise_q4_1},
    {"q5_0", 6, "", kBlock, 22, dequantise_q5_0},
    {"q5_1", 7, "", kBlock, 24, dequantise_q5_1},
    {"q8_1", 9, "", kBlock, 36, nullptr},
    {"q2_k", 10, "", 256, 84, nullptr},
    {"q3_k", 11, "", 256, 110, nullptr},
    {"q4_k", 12, "", 256, 144, nullptr},
    {"q5_k", 13, "", 256, 176, nullptr},
    {"q6_k", 14, "", 256, 210, nullptr},
    {"q8_k", 15, "", 256, 292, nullptr},
    {"iq2_xxs", 16, "", 256, 66, nullptr},
    {"iq2_xs", 17, "", 256, 74, nullptr},
    {"iq3_xxs", 18, "", 256, 98, nullptr},
    {"iq1_s", 19, "", 256, 50, nullptr},
    {"iq4_nl", 20, "", kBlock, 18, nullptr},
    {"iq3_s", 21, "", 256, 110, nullptr},
    {"iq2_s", 22, "", 256, 82, nullptr},
    {"iq4_xs", 23, "", 256, 136, nullptr},
    {"iq1_m", 29, "", 256, 56, nullptr},
    {"tq1_0", 34, "", 256, 54, nullptr},
    {"tq2_0", 35, "", 256, 66, nullptr},
    {"mxfp4", 39, "", kBlock, 17, nullptr},
    {"f64", 28, "F64", 1, 8, nullptr},
    {"i8", 24, "I8", 1, 1, nullptr},
    {"i16", 25, "I16", 1, 2, nullptr},
    {"i32", 26, "I32", 1, 4, nullptr},
    {"i64", 27, "I64", 1, 8, nullptr},
    {"bool", -1, "BOOL", 1, 1, nullptr},
    {"u8", -1, "U8", 1, 1, nullptr},
    {"u16", -1, "U16", 1, 2, nullptr},
    {"u32", -1, "U32", 1, 4, nullptr},
    {"u64", -1, "U64", 1, 8, nullptr},
    {"c64", -1, "C64", 1, 8, nullptr},
    {"f8_e4m3", -1, "F8_E4M3", 1, 1, nullptr},
    {"f8_e5m2", -1, "F8_E5M2", 1, 1, nullptr},
    {"f8_e8m0", -1, "F8_E8M0", 1, 1, nullptr},
    {"f6_e2m3", -1, "F6_E2M3", 4, 3, nullptr},
    {"f6_e3m2", -1, "F6_E3M2", 4, 3, nullptr},
    {"f4", -1, "F4", 2, 1, nullptr},
};

}  // namespace

const BlockType* find_ggml_type(uint32_t ggml_type) {
  for (const BlockType& type : kTypes) {
    if (type.ggml_type >= 0 && static_cast<uint32_t>(type.ggml_type) == ggml_type) return &type;
  }
  return nullptr;
}

const BlockType* find_safetensors_type(std::string_view dtype) {
  for (const BlockType& type : kTypes) {
    if (*type.safetensors != '\0' && type.safetensors == dtype) return &type;
  }
  return nullptr;
}

std::string readable_ggml_types() {
  std::vector<std::string> names;
  for (const BlockType& type : kTypes) {
    if (type.dequantise != nullptr && type.ggml_type >= 0) names.emplace_back(type.name);
  }
  return join(names, ", ");
}

std::string readable_safetensors_types() {
  std::vector<std::string> names;
  for (const BlockType& type : kTypes) {
    if (type.dequantise != nullptr && *type.safetensors != '\0') names.emplace_back(type.safetensors);
  }
  return join(names, ", ");
}

}  // namespace assay::engine
