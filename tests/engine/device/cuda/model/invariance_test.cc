// Batch invariance through the CUDA device: where the kernels cut is decided by a token's own request. Under the
// emulation this says nothing of the hardware and of cuBLASLt; on a GPU it does.
#include <gtest/gtest.h>

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

TEST(CudaInvariance, ResponsesDoNotDependOnTheStep) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  size_t compared = 0;
  size_t wanted = 0;
  for (const char* dtype : {"bf16", "f32"}) {
    const std::vector<Request> requests = small_requests(std::string(dtype) == "bf16");
    const std::map<size_t, std::string> expected = answers(model, requests, dtype, 512);
    ASSERT_EQ(expected.size(), requests.size());
    const auto compare = [&](size_t first, int step_tokens) {
      const std::span<const Request> part = std::span(requests).subspan(first);
      for (const auto& [index, text] : answers(model, part, dtype, step_tokens)) {
        EXPECT_EQ(text, expected.at(first + index)) << dtype << ", steps of " << step_tokens << ", " << index;
        ++compared;
      }
      wanted += part.size();
    };
    compare(0, 8);
    compare(0, 96);
    compare(3, 512);  // other requests share the pages
  }
  EXPECT_EQ(compared, wanted);
  std::cout << compared << " responses equal to the bit\n";
}

}  // namespace
}  // namespace assay::engine
