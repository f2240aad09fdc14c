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
#include "tests/support/golden.h"
#include "tests/support/sequence.h"

namespace assay::engine {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr double kLogitTolerance = 2e-4;  // golden/architectures/README.md
constexpr double kLogprobTolerance = 1e-4;
constexpr int kMaxRows = 256;
constexpr int kPages = 64;

std::vector<float> read_floats(const fs::path& path) {
  const std::string bytes = read_file(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::copy_n(bytes.data(), values.size() * sizeof(float), reinterpret_cast<char*>(values.data()));
  return values;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

struct Loaded {
  std::unique_ptr<Device> device;
  std::unique_ptr<Model> model;
};

Loaded load(const fs::path& path, const std::string& kernels, DataType type = DataType::kF32) {
  Loaded loaded;
  const Checkpoint checkpoint = Checkpoint::open(path.string());
  loaded.device = make_cpu_device(kernels, type, 2);
  loaded.model = std::make_unique<Model>(checkpoint, *loaded.device, type, kMaxRows);
  loaded.model->make_cache(kPages);
  return loaded;
}

std::vector<float> logits_of(Model& model, const std::vector<TokenId>& ids) {
  testing::SequenceFeeder feeder(kPages);
  return model.logits(feeder.append(ids));
}

// Log-probabilities of ids[1..] through the scoring path, in steps of at most kMaxRows tokens.
std::vector<float> logprobs_of(Model& model, const std::vector<TokenId>& ids) {
  testing::SequenceFeeder feeder(kPages);
  std::vector<float> logprobs;
  for (size_t begin = 0; begin + 1 < ids.size(); begin += kMaxRows) {
    const size_t end = std::min(begin + kMaxRows, ids.size() - 1);
    Step& step =
        feeder.append({ids.begin() + static_cast<ptrdiff_t>(begin), ids.begin() + static_cast<ptrdiff_t>(end)});
    for (size_t i = begin; i < end; ++i) step.targets.push_back({static_cast<int>(i - begin), ids[i + 1]});
    for (const LogProbability& result : model.forward(step).logprobs) logprobs.push_back(result.logprob);
  }
  return logprobs;
}

std::vector<TokenId> greedy_of(Model& model, std::vector<TokenId> prompt, size_t count) {
  testing::SequenceFeeder feeder(kPages);
  std::vector<TokenId> generated;
  for (size_t begin = 0; begin + kMaxRows < prompt.size();) {
    model.forward(feeder.append({prompt.begin(), prompt.begin() + kMaxRows}));
    prompt.erase(prompt.begin(), prompt.begin() + kMaxRows);
  }
  while (generated.size() < count) {
    const int last = static_cast<int>(prompt.size()) - 1;
    Step& step = feeder.append(prompt);
    step.next_tokens = {{last, {}}};
    generated.push_back(model.forward(step).next_tokens.at(0));
    prompt = {generated.back()};
  }
  return generated;
}

struct Case {
  std::string name;
  fs::path checkpoint;
  fs::path reference;
  fs::path inputs;
};

std::vector<Case> golden_cases(const fs::path& root) {
  std::vector<Case> cases;
  for (const char* name : {"llama-odd-f16", "llama2", "llama3", "llama3-sharded", "llama3.1", "llama3.1-f32",
                           "llama3.1-f32-of-bf16", "llama3.2-tied"}) {
    // The f32 copy of bf16 weights has the original's logits, bit for bit (README).
    const std::string reference = std::string(name) == "llama3.1-f32-of-bf16" ? "llama3.1" : name;
    cases.push_back({name, root / name, root / reference / "ref", root / reference / "ref" / "inputs.json"});
  }
  const std::vector<std::pair<std::string, std::string>> ggufs = {
      {"llama3-F32", "llama3"},           {"llama3-F16", "llama3"},      {"llama3-BF16", "llama3"},
      {"llama3-Q8_0", "llama3"},          {"llama3-Q4_0", "llama3"},     {"llama3-Q4_1", "llama3"},
      {"llama3-Q5_0", "llama3"},          {"llama3-Q5_1", "llama3"},     {"llama3-F16-align64", "llama3"},
      {"llama3-Q8_0-version2", "llama3"}, {"llama3.1-BF16", "llama3.1"}, {"llama3.2-tied-Q8_0", "llama3.2-tied"}};
  for (const auto& [name, inputs] : ggufs) {
    std::string reference = name;
    if (name == "llama3-F16-align64") reference = "llama3-F16";
    if (name == "llama3-Q8_0-version2") reference = "llama3-Q8_0";
    cases.push_back({"gguf/" + name, root / "gguf" / (name + ".gguf"), root / "gguf" / (reference + ".ref"),
                     root / "gguf" / (inputs + ".inputs.json")});
  }
  return cases;
}

void compare_case(const Case& test, const std::string& kernels, double& worst) {
  SCOPED_TRACE(test.name + ", kernels " + kernels);
  const json reference = json::parse(read_file(test.reference / "reference.json"));
  const auto sequences = json::parse(read_file(test.inputs)).at("sequences").get<std::vector<std::vector<TokenId>>>();
  ASSERT_EQ(sequences.size(), 4u);
  Loaded loaded = load(test.checkpoint, kernels);
  const std::vector<std::string> files = {"logits_1.f32", "logits_7.f32", "logits_40.f32", "logits_200_last8.f32"};
  for (size_t i = 0; i < sequences.size(); ++i) {
    const std::vector<float> expected = read_floats(test.reference / files[i]);
    const std::vector<float> logits = logits_of(*loaded.model, sequences[i]);
    // All positions of the first three, the last eight of the longest.
    ASSERT_EQ(logits.size(), i < 3 ? expected.size() : expected.size() / 8 * sequences[i].size());
    const double difference = largest_difference(std::span(logits).last(expected.size()), expected);
    EXPECT_LE(difference, kLogitTolerance) << files[i];
    worst = std::max(worst, difference);

    const std::vector<float> logprobs = logprobs_of(*loaded.model, sequences[i]);
    const auto expected_logprobs = reference.at("token_logprobs").at(i).get<std::vector<float>>();
    EXPECT_LE(largest_difference(logprobs, expected_logprobs), kLogprobTolerance) << files[i];
  }
  for (size_t i : {size_t{1}, size_t{2}}) {
    const auto expected = reference.at("greedy").at(std::to_string(sequences[i].size())).at("ids");
    EXPECT_EQ(greedy_of(*loaded.model, sequences[i], expected.size()), expected.get<std::vector<TokenId>>());
  }
}

TEST(GoldenLogits, EveryLlamaCheckpointInF32) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  const std::vector<Case> cases = golden_cases(root);
  for (const std::string& kernels : cpu_kernel_sets()) {
    double worst = 0;
    for (const Case& test : cases) compare_case(test, kernels, worst);
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
  testing::SequenceFeeder feeder(kPages);
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
