// The checkpoints of golden/architectures beside Llama: facts, both styles of config, weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/safetensors.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

struct Case {
  const char* name;
  Architecture architecture;
  int64_t parameters;
  std::vector<TokenId> end_tokens;
};

struct Sizes {
  int layers, dim, heads, kv_heads, head_dim, ffn_dim, vocab, context;
};

Architecture architecture(const char* family, const Sizes& sizes, float norm_eps, double theta,
                          const std::function<void(Architecture&)>& particulars) {
  Architecture a;
  a.family = family;
  a.layers = sizes.layers;
  a.dim = sizes.dim;
  a.heads = sizes.heads;
  a.kv_heads = sizes.kv_heads;
  a.head_dim = sizes.head_dim;
  a.ffn_dim = sizes.ffn_dim;
  a.vocab = sizes.vocab;
  a.context = sizes.context;
  a.norm_eps = norm_eps;
  a.rope.theta = theta;
  a.attention_scale = static_cast<float>(1 / std::sqrt(static_cast<double>(sizes.head_dim)));
  particulars(a);
  return a;
}

void gemma(Architecture& a) {
  a.tied = true;
  a.activation = Activation::kGeluTanh;
  a.embedding_scale = static_cast<float>(std::sqrt(96.0));
}

const std::vector<Case>& folders() {
  static const std::vector<Case> kFolders = {
      {"gemma", architecture("gemma", {3, 96, 4, 1, 32, 256, 384, 8192}, 1e-6F, 1e4, gemma), 350880, {379}},
      {"gemma2",
       architecture("gemma2", {4, 96, 4, 2, 24, 192, 384, 8192}, 1e-6F, 1e4,
                    [](Architecture& a) {
                      gemma(a);
                      a.output_norms = true;
                      a.attention_scale = static_cast<float>(1 / std::sqrt(40.0));
                      a.attention_soft_cap = 6;
                      a.logit_soft_cap = 8;
                      a.windows = {16, 0, 16, 0};
                    }),
       370272,
       {379}},
      {"mistral-v0.1",
       architecture("mistral", {3, 64, 4, 2, 16, 160, 320, 32768}, 1e-5F, 1e4,
                    [](Architecture& a) {
                      a.windows = {16, 16, 16};
                    }),
       170432,
       {318}},
      {"mistral-v0.2",
       architecture("mistral", {2, 64, 4, 2, 16, 160, 320, 32768}, 1e-5F, 1e6, [](Architecture&) {}),
       127296,
       {318}},
      {"mixtral",
       architecture("mixtral", {3, 64, 4, 2, 16, 96, 288, 32768}, 1e-5F, 1e6,
                    [](Architecture& a) { a.experts = 4, a.experts_per_token = 2; }),
       296128,
       {286}},
      {"olmo2",
       architecture("olmo2", {3, 64, 4, 2, 16, 160, 320, 4096}, 1e-6F, 5e5,
                    [](Architecture& a) {
                      a.query_key_norm = QueryKeyNorm::kProjection;
                      a.input_norms = false;
                      a.output_norms = true;
                    }),
       170720,
       {318}},
      {"phi3",
       architecture("phi3", {2, 64, 4, 2, 16, 160, 320, 4096}, 1e-5F, 1e4,
                    [](Architecture& a) {
                      a.windows = {24, 24};
                    }),
       127296,
       {318}},
      {"qwen2-padded-vocab",
       architecture("qwen2", {2, 64, 4, 2, 16, 160, 320, 32768}, 1e-6F, 1e6,
                    [](Architecture& a) { a.qkv_bias = true; }),
       127552,
       {299}},
      {"qwen2-tied",
       architecture("qwen2", {3, 64, 4, 2, 16, 160, 320, 32768}, 1e-6F, 1e6,
                    [](Architecture& a) { a.qkv_bias = true, a.tied = true; }),
       150336,
       {318}},
      {"qwen3",
       architecture("qwen3", {3, 64, 4, 2, 24, 160, 320, 40960}, 1e-6F, 1e6,
                    [](Architecture& a) { a.query_key_norm = QueryKeyNorm::kHead, a.tied = true; }),
       168528,
       {318}},
  };
  return kFolders;
}

TEST(GoldenFamilies, FoldersOpenWithTheirArchitecture) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  size_t values = 0;
  for (const Case& expected : folders()) {
    const Checkpoint checkpoint = Checkpoint::open((golden / expected.name).string());
    EXPECT_EQ(checkpoint.architecture(), expected.architecture) << expected.name;
    EXPECT_EQ(checkpoint.parameters(), expected.parameters) << expected.name;
    EXPECT_EQ(checkpoint.stored_type(), "bf16") << expected.name;
    EXPECT_EQ(checkpoint.end_tokens(), expected.end_tokens) << expected.name;
    const std::vector<float> all = read_all(checkpoint);
    EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](float value) { return std::isfinite(value); }));
    values += all.size();
  }
  std::cout << "folders: " << folders().size() << ", weights read: " << values << "\n";
}

TEST(GoldenFamilies, BothStylesOfConfigSayTheSame) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  int configs = 0;
  for (const Case& expected : folders()) {
    for (const char* name : {"config.json", "config.old-style.json", "config.new-style.json"}) {
      const fs::path path = golden / expected.name / name;
      if (!fs::exists(path)) continue;
      EXPECT_EQ(read_config(JsonFields::from_file(path)), expected.architecture) << path;
      ++configs;
    }
  }
  EXPECT_EQ(configs, 20);
}

TEST(GoldenFamilies, GgufFilesOpenWithTheirArchitecture) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  size_t equal = 0;
  for (const char* name : {"gemma", "qwen2-tied"}) {
    const Checkpoint expected = Checkpoint::open((golden / name).string());
    const Checkpoint actual = Checkpoint::open((golden / "gguf" / (std::string(name) + "-BF16.gguf")).string());
    EXPECT_EQ(actual.architecture(), expected.architecture()) << name;
    EXPECT_EQ(actual.parameters(), expected.parameters()) << name;
    // Norms of Gemma are stored less 1 in one of the two, rows of queries and keys in the same order in both.
    const std::vector<float> values = read_all(expected);
    EXPECT_EQ(read_all(actual), values) << name;
    equal += values.size();
  }
  std::cout << "weights that are the same in safetensors and GGUF: " << equal << "\n";
}

// The same weights by another way: the tensor as the file has it.
TEST(GoldenFamilies, NormsOfGemmaAreOneMoreThanStored) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  int compared = 0;
  for (const auto& [name, which, tensor] : std::vector<std::tuple<const char*, Weight, const char*>>{
           {"gemma", Weight::kFinalNorm, "model.norm.weight"},
           {"gemma2", Weight::kAttentionOutputNorm, "model.layers.0.post_attention_layernorm.weight"},
           {"gemma2", Weight::kFfnNorm, "model.layers.0.pre_feedforward_layernorm.weight"},
           {"gemma2", Weight::kFfnOutputNorm, "model.layers.0.post_feedforward_layernorm.weight"}}) {
    const SafetensorsFile file(golden / name / "model.safetensors");
    const Tensor& stored = file.tensors().find(tensor)->second;
    std::vector<float> expected(static_cast<size_t>(stored.values()));
    stored.type->dequantise(stored.data, stored.values(), expected.data());
    for (float& value : expected) value += 1;
    EXPECT_EQ(read_all(Checkpoint::open((golden / name).string()).weight(which)), expected) << tensor;
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

TEST(GoldenFamilies, WeightsThatAnArchitectureHasNot) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  const Checkpoint mixtral = Checkpoint::open((golden / "mixtral").string());
  EXPECT_EQ(mixtral.weight(Weight::kRouter).rows, 4);
  EXPECT_EQ(mixtral.weight(Weight::kGate, 2, 3).rows, 96);
  EXPECT_NE(read_all(mixtral.weight(Weight::kGate, 2, 3)), read_all(mixtral.weight(Weight::kGate, 2, 2)));
  for (const auto& [which, layer, expert] : {std::tuple{Weight::kGate, 0, 4},
                                             {Weight::kQueryBias, 0, 0},
                                             {Weight::kFinalNorm, 1, 0},
                                             {Weight::kAttentionOutputNorm, 0, 0}}) {
    EXPECT_EQ(error_of([&, w = which, l = layer, e = expert] { mixtral.weight(w, l, e); }, "weight").code(),
              ExitCode::kInternal);
  }
}

}  // namespace
}  // namespace assay::engine::testing
