// The Llama checkpoints of golden/architectures and models: facts, weights, both styles of config.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <iostream>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/gguf_vocabulary.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

Architecture llama(int layers, int dim, int heads, int kv_heads, int head_dim, int ffn_dim, int vocab, int context,
                   float norm_eps, double theta, bool tied) {
  Architecture a;
  a.family = "llama";
  a.layers = layers;
  a.dim = dim;
  a.heads = heads;
  a.kv_heads = kv_heads;
  a.head_dim = head_dim;
  a.ffn_dim = ffn_dim;
  a.vocab = vocab;
  a.context = context;
  a.norm_eps = norm_eps;
  a.rope.theta = theta;
  a.tied = tied;
  a.attention_scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)));
  return a;
}

Architecture scaled(Architecture a, double factor) {
  a.rope.llama3 =
      Llama3RopeScaling{.factor = factor, .low_freq_factor = 1, .high_freq_factor = 4, .original_context = 64};
  return a;
}

const Architecture kLlama2 = llama(3, 64, 4, 4, 16, 176, 288, 4096, 1e-5f, 1e4, false);
const Architecture kLlama3 = llama(2, 64, 8, 2, 8, 160, 320, 8192, 1e-5f, 5e5, false);
const Architecture kSharded = llama(4, 64, 8, 2, 8, 160, 320, 8192, 1e-5f, 5e5, false);
const Architecture kLlama31 = llama(3, 64, 4, 2, 16, 160, 320, 512, 1e-5f, 5e5, false);
const Architecture kLlama32 = llama(3, 64, 4, 1, 16, 192, 352, 2048, 1e-5f, 5e5, true);
const Architecture kOdd = llama(3, 72, 3, 1, 24, 100, 317, 2048, 1e-6f, 1e4, false);

struct Case {
  const char* name;
  Architecture architecture;
  const char* stored;
  std::vector<TokenId> end_tokens;
  size_t files = 1;
};

const std::vector<Case>& folders() {
  static const std::vector<Case> kFolders = {
      {"llama2", kLlama2, "bf16", {286}},
      {"llama3", kLlama3, "bf16", {316}},
      {"llama3-sharded", kSharded, "bf16", {316}, 3},
      {"llama3.1", scaled(kLlama31, 8), "bf16", {316, 319}},
      {"llama3.1-f32", scaled(kLlama31, 8), "f32", {316, 319}},
      {"llama3.1-f32-of-bf16", scaled(kLlama31, 8), "f32", {316, 319}},
      {"llama3.2-tied", scaled(kLlama32, 32), "bf16", {348, 351}},
      {"llama-odd-f16", kOdd, "f16", {315}},
  };
  return kFolders;
}

TEST(Golden, FoldersOpenWithTheirArchitecture) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  for (const Case& expected : folders()) {
    const Checkpoint checkpoint = Checkpoint::open((golden / expected.name).string());
    EXPECT_EQ(checkpoint.architecture(), expected.architecture) << expected.name;
    EXPECT_EQ(checkpoint.stored_type(), expected.stored) << expected.name;
    EXPECT_EQ(checkpoint.end_tokens(), expected.end_tokens) << expected.name;
    EXPECT_EQ(checkpoint.weight_files().size(), expected.files) << expected.name;
    EXPECT_EQ(checkpoint.tokenizer_file(), golden / expected.name / "tokenizer.json") << expected.name;
    EXPECT_FALSE(checkpoint.gguf_vocabulary()) << expected.name;
  }
  EXPECT_EQ(folders().size(), 8u);
}

TEST(Golden, BothStylesOfConfigSayTheSame) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  int pairs = 0;
  for (const Case& expected : folders()) {
    for (const char* other : {"config.old-style.json", "config.new-style.json"}) {
      const fs::path path = golden / expected.name / other;
      if (!fs::exists(path)) continue;
      EXPECT_EQ(read_config(JsonFields::from_file(path)), expected.architecture) << path;
      ++pairs;
    }
  }
  EXPECT_EQ(pairs, 7);  // llama3.1-f32-of-bf16 has one style
}

TEST(Golden, GgufFilesOpenWithTheirArchitecture) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures/gguf");
  const std::vector<Case> cases = {
      {"llama3-F32.gguf", kLlama3, "f32", {316}},         {"llama3-F16.gguf", kLlama3, "f16", {316}},
      {"llama3-BF16.gguf", kLlama3, "bf16", {316}},       {"llama3-Q8_0.gguf", kLlama3, "q8_0", {316}},
      {"llama3-Q4_0.gguf", kLlama3, "q4_0", {316}},       {"llama3-Q4_1.gguf", kLlama3, "q4_1", {316}},
      {"llama3-Q5_0.gguf", kLlama3, "q5_0", {316}},       {"llama3-Q5_1.gguf", kLlama3, "q5_1", {316}},
      {"llama3-F16-align64.gguf", kLlama3, "f16", {316}}, {"llama3-Q8_0-version2.gguf", kLlama3, "q8_0", {316}},
      {"llama3.1-BF16.gguf", kLlama31, "bf16", {316}},    {"llama3.2-tied-Q8_0.gguf", kLlama32, "q8_0", {348}},
  };
  for (const Case& expected : cases) {
    const Checkpoint checkpoint = Checkpoint::open((golden / expected.name).string());
    Architecture actual = checkpoint.architecture();
    const bool has_divisors = std::string(expected.name).find("llama3.") == 0;
    EXPECT_EQ(actual.rope.frequency_divisors.size(), has_divisors ? 8u : 0u) << expected.name;
    actual.rope.frequency_divisors.clear();
    EXPECT_EQ(actual, expected.architecture) << expected.name;
    EXPECT_EQ(checkpoint.stored_type(), expected.stored) << expected.name;
    EXPECT_EQ(checkpoint.end_tokens(), expected.end_tokens) << expected.name;
    EXPECT_EQ(checkpoint.tokenizer_file(), "") << expected.name;
    ASSERT_TRUE(checkpoint.gguf_vocabulary()) << expected.name;
    EXPECT_EQ(checkpoint.gguf_vocabulary()->tokens.size(), static_cast<size_t>(actual.vocab)) << expected.name;
    EXPECT_GT(read_all(checkpoint).size(), static_cast<size_t>(checkpoint.parameters()) - 1) << expected.name;
  }
}

size_t count_equal_bits(const std::vector<float>& a, const std::vector<float>& b) {
  size_t equal = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) equal += std::memcmp(&a[i], &b[i], sizeof(float)) == 0;
  return equal;
}

// bf16 values on f16's grid: both have enough digits for them, but below 2^-14 f16's steps stay 2^-24.
std::vector<float> as_f16(std::vector<float> values) {
  for (float& value : values) {
    if (std::abs(value) < 0x1p-14f) value = std::copysign(std::nearbyint(value * 0x1p24f) * 0x1p-24f, value);
  }
  return values;
}

// Query and key rows of the GGUF lie in another order: equal bits prove that they are put back.
TEST(Golden, WeightsOfUnquantisedGgufsAreThoseOfTheSafetensors) {
  ASSAY_REQUIRE_SHARED(shared, "golden/architectures");
  const std::vector<std::pair<const char*, const char*>> pairs = {
      {"llama3", "gguf/llama3-F32.gguf"},      {"llama3", "gguf/llama3-BF16.gguf"},
      {"llama3", "gguf/llama3-F16.gguf"},      {"llama3", "gguf/llama3-F16-align64.gguf"},
      {"llama3.1", "gguf/llama3.1-BF16.gguf"}, {"llama3.1", "llama3.1-f32-of-bf16"},
  };
  size_t compared = 0;
  for (const auto& [left, right] : pairs) {
    const Checkpoint checkpoint = Checkpoint::open((shared / right).string());
    std::vector<float> expected = read_all(Checkpoint::open((shared / left).string()));
    if (checkpoint.stored_type() == "f16") expected = as_f16(expected);
    const std::vector<float> actual = read_all(checkpoint);
    ASSERT_EQ(actual.size(), expected.size()) << right;
    EXPECT_EQ(count_equal_bits(actual, expected), expected.size()) << right;
    compared += expected.size();
  }
  EXPECT_EQ(compared, 4u * 123200u + 2u * 170432u);
  std::cout << "weights compared bit for bit: " << compared << "\n";
}

TEST(Golden, TheSameModelInEveryFile) {
  ASSAY_REQUIRE_SHARED(models, "models");
  const std::vector<std::pair<fs::path, fs::path>> pairs = {
      {models / "stories260K", models / "stories260K/stories260K-f32.gguf"},
      {models / "TinyStories-656K", models / "TinyStories-656K/TinyStories-656K-f32.gguf"},
      {models / "TinyStories-656K", models / "TinyStories-656K/TinyStories-656K-bf16.gguf"},
      {models / "TinyStories-656K", models / "TinyStories-656K/f32-variant"},
  };
  for (const auto& [left, right] : pairs) {
    const Checkpoint expected = Checkpoint::open(left.string());
    const Checkpoint actual = Checkpoint::open(right.string());
    EXPECT_EQ(actual.architecture(), expected.architecture()) << right;
    EXPECT_EQ(actual.parameters(), expected.parameters()) << right;
    EXPECT_EQ(actual.end_tokens(), (std::vector<TokenId>{2})) << right;
    const std::vector<float> values = read_all(expected);
    EXPECT_EQ(count_equal_bits(read_all(actual), values), values.size()) << right;
  }
}

TEST(Golden, SmolLm2Folder) {
  ASSAY_REQUIRE_SHARED(folder, "models/SmolLM2-135M-Instruct");
  const Checkpoint checkpoint = Checkpoint::open(folder.string());
  EXPECT_EQ(checkpoint.architecture(), llama(30, 576, 9, 3, 64, 1536, 49152, 8192, 1e-5f, 1e5, true));
  EXPECT_EQ(checkpoint.architecture(), read_config(JsonFields::from_file(folder / "config.json")));
  EXPECT_EQ(checkpoint.parameters(), 134515008);
  EXPECT_EQ(checkpoint.stored_type(), "q8_0");  // the embedding
  EXPECT_EQ(checkpoint.weight_files().size(), 1u);
  EXPECT_EQ(checkpoint.tokenizer_file(), folder / "tokenizer.json");
  EXPECT_EQ(checkpoint.add_bos_token(), std::nullopt);
  EXPECT_TRUE(checkpoint.has_chat_template());
  EXPECT_EQ(checkpoint.end_tokens(), std::vector<TokenId>{2});
  const std::optional<GgufVocabulary>& vocabulary = checkpoint.gguf_vocabulary();
  ASSERT_TRUE(vocabulary);
  EXPECT_EQ(vocabulary->model, "gpt2");
  EXPECT_EQ(vocabulary->pre, "smollm");
  EXPECT_EQ(vocabulary->tokens.size(), 49152u);
  EXPECT_EQ(vocabulary->types.size(), 49152u);
  EXPECT_EQ(vocabulary->merges.size(), 48900u);
  EXPECT_EQ(vocabulary->bos, 1);
  EXPECT_EQ(vocabulary->eos, 2);
  EXPECT_EQ(vocabulary->add_bos, false);
  EXPECT_EQ(vocabulary->add_space_prefix, false);
}

TEST(Golden, TokenizerFactsOfRealFolders) {
  ASSAY_REQUIRE_SHARED(models, "models");
  struct Facts {
    const char* name;
    std::optional<bool> add_bos;
    bool chat_template;
  };
  for (const Facts& facts : {Facts{"stories260K", true, false}, Facts{"TinyStories-656K", true, false},
                             Facts{"TinyStories-656K/f32-variant", {}, false}}) {
    const Checkpoint checkpoint = Checkpoint::open((models / facts.name).string());
    EXPECT_EQ(checkpoint.add_bos_token(), facts.add_bos) << facts.name;
    EXPECT_EQ(checkpoint.has_chat_template(), facts.chat_template) << facts.name;
  }
}

TEST(Golden, VocabularyWithoutTensors) {
  ASSAY_REQUIRE_SHARED(path, "models/llama3-tokenizer/ggml-vocab-llama-bpe.gguf");
  const GgufFile file(path);
  EXPECT_TRUE(file.tensors().empty());
  const GgufVocabulary vocabulary = read_vocabulary(file);
  EXPECT_EQ(vocabulary.pre, "llama-bpe");
  EXPECT_EQ(vocabulary.tokens.size(), 128256u);
  EXPECT_EQ(vocabulary.merges.size(), 280147u);
  EXPECT_EQ(vocabulary.bos, 128000);
  EXPECT_EQ(vocabulary.eos, 128001);
  EXPECT_EQ(vocabulary.add_bos, std::nullopt);
  EXPECT_EQ(gguf_end_tokens(file), std::vector<TokenId>{128001});
  const Error error = error_of([&] { Checkpoint::open(path.string()); }, "vocabulary alone");
  EXPECT_EQ(error.code(), ExitCode::kBadInput);
}

}  // namespace
}  // namespace assay::engine::testing
