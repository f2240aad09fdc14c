// Logits, log-probabilities and greedy continuations against the reference implementation's, for every Llama-family
// checkpoint of the golden folder, every GGUF of the types that this reader knows, and the three real small models;
// with every kernel set that this machine can run.
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

TEST(GoldenLogits, EveryLlamaCheckpointInF32) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  const std::vector<GoldenCase> cases = golden_cases(root);
  const std::vector<std::string> sets = cpu_kernel_sets();
  for (const std::string& kernels : sets) {
    SCOPED_TRACE("kernels " + kernels);
    double worst = 0;
    for (const GoldenCase& golden : cases) {
      // Kernels do not see in what type a file stores weights, and these are the largest of the models.
      const bool is_kquant = golden.name.starts_with("gguf/kquant");
      const Depth depth = is_kquant && kernels != sets.back() ? Depth::kShort : Depth::kAll;
      const auto device = [&] { return make_cpu_device(kernels, DataType::kF32, 2); };
      worst = std::max(worst, compare_golden(golden, device, depth));
    }
    std::cout << cases.size() << " checkpoints, kernels " << kernels << ": largest difference of a logit " << worst
              << "\n";
  }
}

// The README's table gives the size of the effect of bf16 arithmetic; weights that are stored in bf16 and activations
// rounded at each matrix product must stay within it.
TEST(GoldenLogits, Bf16StaysWithinTheSizeOfItsRounding) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  for (const std::string& kernels : cpu_kernel_sets()) {
    for (const char* name : {"llama2", "llama3", "llama3.1", "llama3.2-tied"}) {
      SCOPED_TRACE(std::string(name) + ", kernels " + kernels);
      Loaded loaded = load(root / name, kernels, DataType::kBf16);
      const auto ids = json::parse(read_file(root / name / "ref" / "inputs.json")).at("sequences").at(2);
      const std::vector<float> logits = logits_of(*loaded.model, ids.get<std::vector<TokenId>>());
      const double difference = largest_difference(logits, read_floats(root / name / "ref" / "logits_40.f32"));
      const json reference = json::parse(read_file(root / name / "ref" / "reference.json"));
      EXPECT_GT(difference, 1e-3) << "bf16 was not used";
      EXPECT_LT(difference, 0.5);
      std::cout << name << " in bf16, kernels " << kernels << ": largest difference of a logit " << difference << "\n";
    }
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

TEST(Forward, NanInAWeightIsFoundInItsLayerAndRow) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/st-nan-weight");
  Loaded loaded = load(folder, "auto");
  assay::testing::SequenceFeeder feeder(kPages);
  Step& step = feeder.append({1, 2, 3});
  step.targets = {{1, 5}};
  try {
    loaded.model->forward(step);
    FAIL() << "a NaN went unnoticed";
  } catch (const NanFound& found) {
    EXPECT_EQ(found.layer, 0);
    EXPECT_EQ(found.row, 1);
  }
}

}  // namespace
}  // namespace assay::engine
