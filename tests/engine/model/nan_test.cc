// A NaN in any weight of a layer is found, in that layer and row, for every family.
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/model/model.h"
#include "tests/engine/model/golden_case.h"
#include "tests/support/golden.h"
#include "tests/support/sequence.h"
#include "tests/support/temporary_folder.h"

namespace assay::engine {
namespace {

using namespace testing;
namespace fs = std::filesystem;

// The folder's model.safetensors with every element of one tensor NaN. All elements are bf16.
std::string with_nan(const fs::path& folder, const std::string& tensor) {
  std::string bytes = read_file(folder / "model.safetensors");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  const auto header = nlohmann::json::parse(bytes.substr(sizeof(length), length));
  const auto offsets = header.at(tensor).at("data_offsets").get<std::vector<size_t>>();
  EXPECT_EQ(header.at(tensor).at("dtype"), "BF16");
  for (size_t at = offsets[0]; at < offsets[1]; at += 2) bytes.replace(sizeof(length) + length + at, 2, "\xc0\x7f");
  return bytes;
}

TEST(Forward, NanInAWeightIsFoundInItsLayerAndRow) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  struct Case {
    const char* folder;
    const char* tensor;
    int layer;
  };
  constexpr Case kCases[] = {
      {"llama3", "model.layers.0.mlp.down_proj.weight", 0},
      {"llama3", "model.layers.1.input_layernorm.weight", 1},
      {"llama3", "model.embed_tokens.weight", -1},
      {"llama3", "model.norm.weight", 2},
      {"llama3", "lm_head.weight", 2},
      {"mistral-v0.1", "model.layers.1.self_attn.v_proj.weight", 1},
      {"mixtral", "model.layers.1.block_sparse_moe.gate.weight", 1},
      {"mixtral", "model.layers.2.self_attn.k_proj.weight", 2},
      {"gemma", "model.layers.1.mlp.gate_proj.weight", 1},
      {"gemma2", "model.layers.1.self_attn.q_proj.weight", 1},
      {"gemma2", "model.layers.2.post_feedforward_layernorm.weight", 2},
      {"gemma2", "model.norm.weight", 4},
      {"qwen2-tied", "model.layers.1.self_attn.k_proj.bias", 1},
      {"qwen3", "model.layers.2.self_attn.q_norm.weight", 2},
      {"olmo2", "model.layers.0.self_attn.k_norm.weight", 0},
      {"olmo2", "model.layers.1.post_attention_layernorm.weight", 1},
      {"phi3", "model.layers.1.mlp.gate_up_proj.weight", 1},
  };
  for (const Case& test : kCases) {
    SCOPED_TRACE(std::string(test.folder) + " " + test.tensor);
    const assay::testing::TemporaryFolder copy;
    for (const char* file : {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
      copy.write(file, read_file(root / test.folder / file));
    }
    copy.write("model.safetensors", with_nan(root / test.folder, test.tensor));
    const Loaded loaded = load(copy.path(), make_cpu_device("auto", DataType::kF32, 1), DataType::kF32);
    assay::testing::SequenceFeeder feeder(kPages);
    Step& step = feeder.append({1, 2, 3});
    step.targets = {{1, 5}};
    try {
      loaded.model->forward(step);
      ADD_FAILURE() << "a NaN went unnoticed";
    } catch (const NanFound& found) {
      EXPECT_EQ(found.layer, test.layer);
      EXPECT_EQ(found.row, 1);
    }
  }
  std::cout << std::size(kCases) << " weights\n";
}

// Of one weight among many.
TEST(Forward, OneNanIsFound) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/st-nan-weight");
  const Loaded loaded = load(folder, make_cpu_device("auto", DataType::kF32, 1), DataType::kF32);
  assay::testing::SequenceFeeder feeder(kPages);
  Step& step = feeder.append({1, 2, 3});
  step.targets = {{1, 5}};
  EXPECT_THROW(loaded.model->forward(step), NanFound);
}

}  // namespace
}  // namespace assay::engine
