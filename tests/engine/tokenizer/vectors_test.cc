// Every reference vector, with every file that holds the tokenizer: ids, ids with special tokens parsed, decoding.
#include "tests/engine/tokenizer/vectors.h"

#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "engine/tokenizer/tokenizer.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using testing::load_tokenizer;
using testing::read_vectors;
using testing::Vector;

struct Case {
  const char* name;
  const char* tokenizer;  // below shared/models
  const char* vectors;
  size_t strings;
};

constexpr Case kCases[] = {
    {"llama3", "llama3-tokenizer/tokenizer.json", "llama3-tokenizer/vectors.jsonl", 1657},
    {"llama3_tiktoken", "llama3-tokenizer/tokenizer.model", "llama3-tokenizer/vectors.jsonl", 1657},
    {"llama3_gguf", "llama3-tokenizer/ggml-vocab-llama-bpe.gguf", "llama3-tokenizer/vectors.jsonl", 1657},
    {"llama31", "llama3-tokenizer/tokenizer.json", "tokenizers/llama3.1/vectors.jsonl", 430},
    {"smollm2", "tokenizers/smollm2/tokenizer.json", "tokenizers/smollm2/vectors.jsonl", 430},
    {"smollm2_pairs", "SmolLM2-135M-Instruct/tokenizer.json", "tokenizers/smollm2/vectors.jsonl", 430},
    {"smollm2_gguf", "SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf", "tokenizers/smollm2/vectors.jsonl", 430},
    {"gpt2", "tokenizers/gpt2/tokenizer.json", "tokenizers/gpt2/vectors.jsonl", 430},
    {"llama2", "tokenizers/llama2/tokenizer.json", "tokenizers/llama2/vectors.jsonl", 430},
    {"mistral_v1", "tokenizers/mistral-v1/tokenizer.json", "tokenizers/mistral-v1/vectors.jsonl", 430},
    {"mistral_v3", "tokenizers/mistral-v3/tokenizer.json", "tokenizers/mistral-v3/vectors.jsonl", 430},
    {"mistral_nemo", "tokenizers/mistral-nemo/tokenizer.json.gz", "tokenizers/mistral-nemo/vectors.jsonl", 430},
    {"qwen25", "tokenizers/qwen2.5/tokenizer.json.gz", "tokenizers/qwen2.5/vectors.jsonl", 430},
    {"gemma2", "tokenizers/gemma2/tokenizer.json.gz", "tokenizers/gemma2/vectors.jsonl", 430},
};

void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

class Vectors : public ::testing::TestWithParam<Case> {};

TEST_P(Vectors, AllEqual) {
  ASSAY_REQUIRE_SHARED(models, "models");
  const Tokenizer tokenizer = load_tokenizer(models / GetParam().tokenizer);
  const std::vector<Vector> vectors = read_vectors(models / GetParam().vectors);
  const size_t ids = testing::compare_all(tokenizer, vectors);
  EXPECT_EQ(vectors.size(), GetParam().strings);
  std::cout << GetParam().name << ": " << vectors.size() << " strings, " << ids << " ids compared\n";
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, Vectors, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace assay::engine
