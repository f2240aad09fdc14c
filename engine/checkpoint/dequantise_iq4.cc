// Four bits that choose one of sixteen levels, closer together near zero where most weights lie
// (ggml-common.h, block_iq4_nl, block_iq4_xs, kvalues_iq4nl).
#include "engine/checkpoint/dequantise.h"
#include "engine/checkpoint/half.h"

namespace assay::engine {
namespace {

constexpr float kLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

constexpr int kIq4Group = 32;  // values with one factor
constexpr int kIq4Half = kIq4Group / 2;
constexpr int kXsBlock = 256;  // values of iq4_xs

// 16 bytes whose low nibbles are values 0-15 and whose high nibbles are values 16-31.
void dequantise_group(float factor, const uint8_t* quants, float* out) {
  float levels[16];
  for (int i = 0; i < 16; ++i) levels[i] = factor * kLevels[i];
  for (int i = 0; i < kIq4Half; ++i) {
    out[i] = levels[quants[i] & 15];
    out[i + kIq4Half] = levels[quants[i] >> 4];
  }
}

}  // namespace

// f16 scale; nibbles
void dequantise_iq4_nl(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kIq4Group, block += 18, out += kIq4Group)
    dequantise_group(load_f16(block), block + 2, out);
}

// f16 scale; 2 bytes, the high 2 bits of the 8 groups' factors, the first in the lowest bits; 4 bytes, their low
// nibbles; 16 bytes of nibbles for each group. Factors are -32 to 31.
void dequantise_iq4_xs(const uint8_t* block, int64_t values, float* out) {
  for (; values > 0; values -= kXsBlock, block += 136) {
    const float scale = load_f16(block);
    const int high_bits = load_u16(block + 2);
    for (int group = 0; group < kXsBlock / kIq4Group; ++group, out += kIq4Group) {
      const int low = block[4 + group / 2] >> (group % 2 * 4) & 15;
      const int high = high_bits >> (2 * group) & 3;
      const float factor = scale * static_cast<float>((low | high << 4) - 32);
      dequantise_group(factor, block + 8 + group * kIq4Half, out);
    }
  }
}

}  // namespace assay::engine
