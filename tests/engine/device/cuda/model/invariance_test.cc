// Batch invariance through the CUDA device: where the kernels cut is decided by a token's own request. Under the
// emulation this says nothing of the hardware and of cuBLASLt; on a GPU it does.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "engine/device/cuda/cuda_device.h"
#include "engine/engine.h"
#include "tests/engine/device/cuda/model/small_requests.h"
#include "tests/engine/device/cuda/model/test_runtime.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using assay::testing::small_requests;
using assay::testing::test_runtime;
using testing::exact_text;
using testing::run_all;

std::map<size_t, std::string> answers(const std::filesystem::path& model, std::span<const Request> requests,
                                      const std::string& dtype, int step_tokens) {
  EngineOptions options;
  options.dtype = dtype;
  options.step_tokens = step_tokens;
  options.memory_gib = 0.5;
  options.test_devices.make = [](DataType type) { return cuda::make_cuda_device(test_runtime(), type, 2); };
  Engine engine(model.string(), options);
  EXPECT_EQ(engine.facts().device, "cuda");
  std::map<size_t, std::string> texts;
  for (const auto& [index, response] : run_all(engine, requests)) texts[index] = exact_text(response);
  return texts;
}

struct Case {
  const char* folder;
  const char* dtype;
  bool with_long;
};

// Routing, alternating windows with soft caps, a window that leaves out a whole piece of a generated token's keys.
const Case kCases[] = {{"llama3", "bf16", true},
                       {"llama3", "f32", false},
                       {"mixtral", "bf16", false},
                       {"gemma2", "bf16", false},
                       {"mistral-v0.1", "bf16", true}};

class CudaInvariance : public ::testing::TestWithParam<Case> {};

TEST_P(CudaInvariance, ResponsesDoNotDependOnTheStep) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  const Case& test = GetParam();
  const std::filesystem::path model = root / test.folder;
  const std::vector<Request> requests = small_requests(test.with_long);
  const std::map<size_t, std::string> expected = answers(model, requests, test.dtype, 512);
  ASSERT_EQ(expected.size(), requests.size());
  size_t compared = 0;
  size_t wanted = 0;
  const auto compare = [&](size_t first, int step_tokens) {
    const std::span<const Request> part = std::span(requests).subspan(first);
    for (const auto& [index, text] : answers(model, part, test.dtype, step_tokens)) {
      EXPECT_EQ(text, expected.at(first + index)) << "steps of " << step_tokens << ", " << index;
      ++compared;
    }
    wanted += part.size();
  };
  compare(0, 8);
  compare(3, 96);  // other requests share the pages
  EXPECT_EQ(compared, wanted);
  std::cout << test.folder << " in " << test.dtype << ": " << compared << " responses equal to the bit\n";
}

INSTANTIATE_TEST_SUITE_P(Golden, CudaInvariance, ::testing::ValuesIn(kCases), [](const auto& instance) {
  std::string name = std::string(instance.param.folder) + "_" + instance.param.dtype;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

}  // namespace
}  // namespace assay::engine
