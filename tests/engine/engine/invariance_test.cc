// Batch invariance: a response depends on its request and the model alone, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <numeric>

#include "base/random.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/engine.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using testing::exact_text;
using testing::run_all;

std::vector<std::string> answers(Engine& engine, std::span<const Request> requests) {
  std::vector<std::string> texts;
  for (const auto& [index, response] : run_all(engine, requests)) texts.push_back(exact_text(response));
  return texts;
}

struct Variant {
  const char* name;
  int step_tokens;
  int threads;
  double memory_gib;  // 0: weights and 640 KiB of pages
};

// The same requests to the same model: in other steps, on other threads and in other memory; in another order; a part
// of them; with others around them. Returns how many responses were compared with those of the first run.
size_t compare_runs(const std::filesystem::path& model, const std::string& kernels, const std::string& dtype,
                    const std::vector<Request>& requests, std::vector<Variant> variants) {
  const size_t count = requests.size();
  size_t compared = 0;
  const auto open = [&](const Variant& variant) {
    EngineOptions options;
    options.kernels = kernels;
    options.dtype = dtype;
    options.step_tokens = variant.step_tokens;
    options.threads = variant.threads;
    options.memory_gib = variant.memory_gib;
    return Engine(model.string(), options);
  };
  Engine base = open({"base", 512, 1, 1});
  const std::vector<std::string> expected = answers(base, requests);
  EXPECT_EQ(expected.size(), count);
  const auto compare = [&](Engine& engine, const std::vector<size_t>& chosen, const std::string& name) {
    std::vector<Request> some;
    for (const size_t i : chosen) some.push_back(requests[i]);
    const std::vector<std::string> got = answers(engine, some);
    ASSERT_EQ(got.size(), chosen.size());
    for (size_t k = 0; k < chosen.size(); ++k) {
      EXPECT_EQ(got[k], expected[chosen[k]]) << dtype << ", " << name << ", request " << chosen[k];
      ++compared;
    }
  };

  std::vector<size_t> all(count);
  std::iota(all.begin(), all.end(), size_t{0});
  for (Variant& variant : variants) {
    if (variant.memory_gib == 0) {
      variant.memory_gib = static_cast<double>(base.plan({}).weight_bytes + (640 << 10)) / (1 << 30);
    }
    Engine engine = open(variant);
    compare(engine, all, variant.name);
  }
  PythonRandom random(3);
  std::vector<size_t> shuffled;
  for (const uint32_t i : random.sample(static_cast<uint32_t>(count), static_cast<uint32_t>(count)))
    shuffled.push_back(i);
  compare(base, shuffled, "another order");
  compare(base, {shuffled.begin(), shuffled.begin() + 5}, "a part");
  for (size_t i = 0; i < count; i += 10) compare(base, {i}, "alone");
  std::vector<size_t> twice = all;
  twice.insert(twice.end(), shuffled.begin(), shuffled.end());
  compare(base, twice, "everything twice");
  EXPECT_EQ(compared, (variants.size() + 3) * count + 5 + (count + 9) / 10);
  return compared;
}

class Invariance : public ::testing::TestWithParam<std::string> {};

TEST_P(Invariance, ResponsesDoNotDependOnTheRun) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  // The scalar kernels are the oracle, and slow.
  const bool scalar = GetParam() == "scalar";
  const std::vector<std::string> dtypes =
      scalar ? std::vector<std::string>{"f32"} : std::vector<std::string>{"f32", "bf16"};
  const std::vector<Request> requests = testing::mixed_requests(11, scalar ? 8 : 50);
  size_t compared = 0;
  for (const std::string& dtype : dtypes) {
    compared += compare_runs(model, GetParam(), dtype, requests,
                             {{"steps of 16", 16, 2, 1},
                              {"steps of 64", 64, 1, 1},
                              {"steps of 4096", 4096, 2, 1},
                              {"little memory", 512, 2, 0}});  // 20 pages
  }
  std::cout << GetParam() << ": " << compared << " responses equal to the bit\n";
}

INSTANTIATE_TEST_SUITE_P(KernelSets, Invariance, ::testing::ValuesIn(cpu_kernel_sets()),
                         [](const auto& set) { return set.param; });

// What other families add: routing, windows, soft caps, biases, norms of queries and keys, fused weights.
class FamilyInvariance : public ::testing::TestWithParam<std::string> {};

TEST_P(FamilyInvariance, ResponsesDoNotDependOnTheRun) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  // Their tokens are letters and syllables: eight requests are some thousands.
  const std::vector<Request> requests = testing::mixed_requests(17, 8);
  size_t compared = 0;
  for (const char* dtype : {"f32", "bf16"}) {
    compared += compare_runs(root / GetParam(), "auto", dtype, requests,
                             {{"steps of 16", 16, 2, 1}, {"steps of 100", 100, 1, 1}});
  }
  std::cout << GetParam() << ": " << compared << " responses equal to the bit\n";
}

INSTANTIATE_TEST_SUITE_P(Golden, FamilyInvariance,
                         ::testing::Values("mixtral", "gemma2", "mistral-v0.1", "phi3", "qwen2-tied", "olmo2"),
                         [](const auto& folder) {
                           std::string name = folder.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::engine
