// Logits, log-probabilities and greedy continuations against the reference implementation's, for every checkpoint of
// the golden folder, every GGUF of the types that this reader knows, and the three real small models; with every kernel
// set that this machine can run.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/model/model.h"
#include "tests/engine/model/golden_case.h"
#include "tests/support/golden.h"
#include "tests/support/sequence.h"

namespace assay::engine {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

using namespace testing;

Loaded load(const fs::path& path, const std::string& kernels, DataType type = DataType::kF32) {
  return testing::load(path, make_cpu_device(kernels, type, 2), type);
}

TEST(GoldenLogits, EveryCheckpointInF32) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  const std::vector<GoldenCase> cases = golden_cases(root);
  const std::string best = make_cpu_device("auto", DataType::kF32, 1)->kernels();
  for (const std::string& kernels : cpu_kernel_sets()) {
    SCOPED_TRACE("kernels " + kernels);
    if (make_cpu_device(kernels, DataType::kF32, 1)->kernels() != kernels) continue;  // those of a set before it
    // The scalar kernels are the oracle, and slow. None of them sees in what type a file stores weights, and the
    // K-quants are the largest of the models.
    const Depth depth = kernels == "scalar" ? Depth::kShort : Depth::kAll;
    double worst = 0;
    int compared = 0;
    for (const GoldenCase& golden : cases) {
      if (golden.name.starts_with("gguf/kquant") && kernels != best) continue;
      const auto make_device = [&] { return make_cpu_device(kernels, DataType::kF32, 2); };
      worst = std::max(worst, compare_golden(golden, make_device, depth));
      ++compared;
    }
    std::cout << compared << " of " << cases.size() << " checkpoints, kernels " << kernels
              << ": largest difference of a logit " << worst << "\n";
  }
}

// The README's table of what bf16 arithmetic does to a logit, for its second and third sequence (7 and 40 tokens).
// Weights that are stored in bf16 and activations rounded at each matrix product must stay within it.
TEST(GoldenLogits, Bf16StaysWithinTheSizeOfItsRounding) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  struct Size {
    const char* name;
    double of_7, of_40;
  };
  constexpr Size kSizes[] = {
      {"gemma", 0.189, 0.299},        {"gemma2", 0.108, 0.238},       {"llama-odd-f16", 0.119, 0.628},
      {"llama2", 0.229, 0.322},       {"llama3", 0.131, 0.248},       {"llama3-sharded", 0.189, 0.422},
      {"llama3.1", 0.083, 0.263},     {"llama3.1-f32", 0.193, 0.293}, {"llama3.2-tied", 0.193, 0.267},
      {"mistral-v0.1", 0.095, 0.236}, {"mistral-v0.2", 0.142, 0.222}, {"mixtral", 0.140, 1.750},
      {"olmo2", 0.115, 0.174},        {"phi3", 0.095, 0.384},         {"qwen2-padded-vocab", 0.111, 0.217},
      {"qwen2-tied", 0.108, 0.214},   {"qwen3", 0.173, 0.214},
  };
  for (const std::string& kernels : cpu_kernel_sets()) {
    std::cout << "bf16, kernels " << kernels << ":";
    for (const Size& size : kSizes) {
      SCOPED_TRACE(std::string(size.name) + ", kernels " + kernels);
      const fs::path folder = root / size.name;
      Loaded loaded = load(folder, kernels, DataType::kBf16);
      const json sequences = json::parse(read_file(folder / "ref" / "inputs.json")).at("sequences");
      const auto difference = [&](size_t sequence, const char* file) {
        const std::vector<float> logits = logits_of(*loaded.model, sequences.at(sequence).get<std::vector<TokenId>>());
        return largest_difference(logits, read_floats(folder / "ref" / file));
      };
      const double of_7 = difference(1, "logits_7.f32");
      const double of_40 = difference(2, "logits_40.f32");
      EXPECT_GT(of_7, 1e-3) << "bf16 was not used";
      EXPECT_LT(of_7, size.of_7);
      EXPECT_LT(of_40, size.of_40);
      std::cout << "  " << size.name << " " << of_7 << ", " << of_40;
    }
    std::cout << "\n";
  }
}

TEST(GoldenLogits, TinyStoriesAndStories260K) {
  ASSAY_REQUIRE_SHARED(models, "models");
  for (const char* name : {"TinyStories-656K", "stories260K"}) {
    SCOPED_TRACE(name);
    // TinyStories-656K is stored in bf16; its f32 variant is what the reference was computed with, bit for bit.
    Loaded loaded = load(models / name / (std::string(name) + "-f32.gguf"), "auto");
    double worst = 0;
    for (const json& text : json::parse(read_file(models / name / "ref" / "vectors.json"))) {
      const auto ids = text.at("ids").get<std::vector<TokenId>>();
      const std::vector<float> logits = logits_of(*loaded.model, ids);
      worst = std::max(worst, largest_difference(logits, read_floats(models / name / text.at("logits_file"))));
      EXPECT_LE(
          largest_difference(logprobs_of(*loaded.model, ids), text.at("token_logprobs").get<std::vector<float>>()),
          kLogprobTolerance);
      const auto greedy = text.at("greedy64").get<std::vector<TokenId>>();
      EXPECT_EQ(greedy_of(*loaded.model, ids, greedy.size()), greedy);
    }
    EXPECT_LE(worst, kLogitTolerance);
    std::cout << name << ": largest difference of a logit " << worst << "\n";
  }
}

TEST(GoldenLogits, SmolLm2) {
  ASSAY_REQUIRE_SHARED(folder, "models/SmolLM2-135M-Instruct");
  Loaded loaded = load(folder, "auto");
  int prompts = 0;
  double worst = 0;
  const json vectors = json::parse(read_file(folder / "ref_vectors.json"));
  for (const json& prompt : vectors.at("prompts")) {
    SCOPED_TRACE(prompt.at("name").get<std::string>());
    const auto ids = prompt.at("token_ids").get<std::vector<TokenId>>();
    const auto expected = prompt.at("next_token_logprob").get<std::vector<float>>();
    const double difference = largest_difference(logprobs_of(*loaded.model, ids), expected);
    EXPECT_LE(difference, kLogitTolerance);
    worst = std::max(worst, difference);
    // Where the reference's two best logits are closer than 1e-3, another correct engine may take the other.
    auto greedy = prompt.at("greedy_ids").get<std::vector<TokenId>>();
    if (!prompt.at("first_margin_below_1e-3").is_null()) {
      greedy.resize(prompt.at("first_margin_below_1e-3").get<size_t>());
    }
    EXPECT_EQ(greedy_of(*loaded.model, ids, greedy.size()), greedy);
    ++prompts;
  }
  EXPECT_EQ(prompts, 6);
  std::cout << prompts << " prompts: largest difference of a log-probability " << worst << "\n";
}

}  // namespace
}  // namespace assay::engine
