// Every case of golden/architectures/malformed.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <map>
#include <set>

#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

// The folder's name and what the message must name: the field, and for some the value.
const std::map<std::string, std::vector<std::string>> kRefused = {
    {"st-header-truncated", {"model.safetensors", "header"}},
    {"st-header-length-beyond-file", {"model.safetensors", "header", "1000000"}},
    {"st-file-empty", {"model.safetensors", "0 bytes"}},
    {"st-header-not-json", {"model.safetensors", "header", "JSON"}},
    {"st-overlapping-tensors", {"model.safetensors", "q_proj", "k_proj", "overlaps"}},
    {"st-offset-beyond-file", {"model.safetensors", "model.norm.weight", "data_offsets"}},
    {"st-data-truncated", {"model.safetensors", "data_offsets", "cut short"}},
    {"st-offsets-negative", {"model.safetensors", "q_proj", "data_offsets", "-64"}},
    {"st-shape-negative", {"model.safetensors", "q_proj", "shape", "-16"}},
    {"st-dtype-unknown", {"model.safetensors", "q_proj", "dtype", "F99"}},
    {"st-dtype-wrong", {"model.safetensors", "q_proj", "F32"}},
    {"st-duplicate-tensor-name", {"model.safetensors", "q_proj", "twice"}},
    {"st-missing-tensor", {"model.safetensors", "model.layers.0.mlp.up_proj.weight", "missing"}},
    {"config-shape-mismatch", {"model.safetensors", "hidden_size", "32"}},
    {"config-missing-num_hidden_layers", {"config.json", "num_hidden_layers", "missing"}},
    {"config-unknown-architecture", {"config.json", "model_type", "zebra", "llama"}},
    {"config-wrong-type", {"config.json", "hidden_size", "sixteen"}},
    {"config-kv-heads-do-not-divide", {"config.json", "num_attention_heads", "num_key_value_heads"}},
    {"config-negative", {"config.json", "intermediate_size", "-32"}},
    {"config-unknown-rope-type", {"config.json", "rope_scaling", "rope_type", "super", "llama3"}},
    {"index-missing-shard", {"model.safetensors.index.json", "model-00002-of-00002.safetensors"}},
    {"index-not-json", {"model.safetensors.index.json", "JSON"}},
    {"weights-absent", {"model.safetensors", "GGUF"}},
    {"gguf-bad-magic", {"model.gguf", "GGUF"}},
    {"gguf-version-99", {"model.gguf", "99"}},
    {"gguf-empty", {"model.gguf", "magic"}},
    {"gguf-kv-count-huge", {"model.gguf", "metadata entries", "4611686018427387904"}},
    {"gguf-string-length-huge", {"model.gguf", "metadata key", "9223372036854775808"}},
    {"gguf-array-count-huge", {"model.gguf", "tokenizer.ggml.tokens", "1152921504606846976"}},
    {"gguf-kv-type-wrong", {"model.gguf", "llama.block_count", "integer"}},
    {"gguf-truncated-in-tensor-info", {"model.gguf", "cut short"}},
    {"gguf-truncated-in-data", {"model.gguf", "blk.0.ffn_down.weight", "cut short"}},
    {"gguf-alignment-0", {"model.gguf", "general.alignment"}},
    {"gguf-tensor-offset-past-end", {"model.gguf", "blk.0.ffn_up.weight", "1048576"}},
    {"gguf-tensors-overlap", {"model.gguf", "blk.0.ffn_up.weight", "blk.0.ffn_down.weight", "overlap"}},
    {"gguf-tensor-type-removed", {"model.gguf", "blk.0.ffn_up.weight", "type 4", "q4_0"}},
    {"gguf-dims-zero-size", {"model.gguf", "blk.0.ffn_up.weight", "(0, 16)"}},
    {"gguf-shape-mismatch", {"model.gguf", "embedding_length"}},
    {"gguf-duplicate-tensor-name", {"model.gguf", "blk.0.ffn_gate.weight", "twice"}},
    {"gguf-missing-tensor", {"model.gguf", "blk.0.attn_v.weight", "missing"}},
    {"gguf-unknown-architecture", {"model.gguf", "general.architecture", "zebra", "llama"}},
};

// The good controls.
const std::set<std::string> kGood = {"control-good", "gguf-control-good"};

// Well formed as files: the NaN is found by the forward pass, the id without an embedding by the engine.
const std::set<std::string> kSeenLater = {"st-nan-weight", "tokenizer-id-beyond-vocab"};

TEST(Malformed, EveryCase) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed");
  size_t refused = 0;
  size_t opened = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    if (kGood.contains(name) || kSeenLater.contains(name)) {
      const Checkpoint checkpoint = Checkpoint::open(entry.path().string());
      EXPECT_EQ(checkpoint.parameters(), 6576) << name;
      EXPECT_GT(read_all(checkpoint).size(), 6576u) << name;  // the tied head counts twice
      ++opened;
      continue;
    }
    const auto expected = kRefused.find(name);
    ASSERT_NE(expected, kRefused.end()) << name << " is not in the table";
    const Error error = error_of([&] { Checkpoint::open(entry.path().string()); }, name);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << name;
    for (const std::string& part : expected->second) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << name << ": " << error.what();
    }
    ++refused;
  }
  EXPECT_EQ(refused, kRefused.size());
  EXPECT_EQ(opened, kGood.size() + kSeenLater.size());
  EXPECT_EQ(refused + opened, 45u);
  std::cout << "malformed checkpoints: " << refused << " refused, " << opened << " opened\n";
}

TEST(Malformed, TheNanIsDeliveredAsItIs) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/st-nan-weight");
  const std::vector<float> query = read_all(Checkpoint::open(folder.string()).weight(Weight::kQuery));
  EXPECT_EQ(std::count_if(query.begin(), query.end(), [](float value) { return std::isnan(value); }), 1);
}

TEST(Malformed, GgufVersion1IsRefusedByItsVersion) {
  ASSAY_REQUIRE_SHARED(file, "models/stories260K/crabml-stories260K-f32-GGUFv1.gguf");
  const Error error = error_of([&] { Checkpoint::open(file.string()); }, "version 1");
  EXPECT_EQ(error.code(), ExitCode::kBadInput);
  EXPECT_NE(std::string(error.what()).find("version 1"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace assay::engine::testing
