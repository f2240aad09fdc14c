#include "engine/checkpoint/block_types.h"

#include <vector>

#include "base/text.h"
#include "engine/checkpoint/dequantise.h"

namespace assay::engine {
namespace {

constexpr BlockType kTypes[] = {
    {"f32", 0, "F32", 1, 4, dequantise_f32},
    {"f16", 1, "F16", 1, 2, dequantise_f16},
    {"bf16", 30, "BF16", 1, 2, dequantise_bf16},
    {"q8_0", 8, "", 32, 34, dequantise_q8_0},
    {"q4_0", 2, "", 32, 18, dequantise_q4_0},
    {"q4_1", 3, "", 32, 20, dequantise_q4_1},
    {"q5_0", 6, "", 32, 22, dequantise_q5_0},
    {"q5_1", 7, "", 32, 24, dequantise_q5_1},
    {"q8_1", 9, "", 32, 36, nullptr},
    {"q2_k", 10, "", 256, 84, dequantise_q2_k},
    {"q3_k", 11, "", 256, 110, dequantise_q3_k},
    {"q4_k", 12, "", 256, 144, dequantise_q4_k},
    {"q5_k", 13, "", 256, 176, dequantise_q5_k},
    {"q6_k", 14, "", 256, 210, dequantise_q6_k},
    {"q8_k", 15, "", 256, 292, nullptr},
    {"iq2_xxs", 16, "", 256, 66, nullptr},
    {"iq2_xs", 17, "", 256, 74, nullptr},
    {"iq3_xxs", 18, "", 256, 98, nullptr},
    {"iq1_s", 19, "", 256, 50, nullptr},
    {"iq4_nl", 20, "", 32, 18, dequantise_iq4_nl},
    {"iq3_s", 21, "", 256, 110, nullptr},
    {"iq2_s", 22, "", 256, 82, nullptr},
    {"iq4_xs", 23, "", 256, 136, dequantise_iq4_xs},
    {"iq1_m", 29, "", 256, 56, nullptr},
    {"tq1_0", 34, "", 256, 54, nullptr},
    {"tq2_0", 35, "", 256, 66, nullptr},
    {"mxfp4", 39, "", 32, 17, nullptr},
    {"nvfp4", 40, "", 64, 36, nullptr},
    {"q1_0", 41, "", 128, 18, nullptr},
    {"q2_0", 42, "", 64, 18, nullptr},
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
