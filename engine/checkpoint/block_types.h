// How the values of a tensor are stored: the one table of every type that safetensors or GGUF names.
//
// A block is the smallest unit of a type: `block_values` consecutive values of a row in `block_bytes` bytes, 1 value
// for the plain types. Types without `dequantise` are known by size alone: a file that holds them is well formed, but
// they cannot be read as weights. Layouts: ggml/docs/gguf.md and ggml-common.h (block_q4_0 and so on); safetensors
// README, "Format".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::engine {

struct BlockType {
  const char* name;         // lower case: "bf16", "q4_1"
  int ggml_type;            // number in a GGUF's tensor table; -1 where GGUF has no such type
  const char* safetensors;  // "BF16"; empty where safetensors has no such type
  int block_values;
  int block_bytes;
  // `values` values, a multiple of block_values, from `blocks` (of any alignment) as f32. All types here are exact in
  // f32 but for the one rounding of each multiplication and addition that the layout prescribes.
  void (*dequantise)(const uint8_t* blocks, int64_t values, float* out);
};

// Null where there is no such type.
const BlockType* find_ggml_type(uint32_t ggml_type);
const BlockType* find_safetensors_type(std::string_view dtype);

// "f32, f16, bf16, ...": the types with `dequantise`, for messages.
std::string readable_ggml_types();
std::string readable_safetensors_types();

}  // namespace assay::engine
