// Steps of generated tokens that run from a record (a CUDA graph): the tokens are those of steps that were not
// recorded.
#include <gtest/gtest.h>

#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/layout.h"
#include "engine/engine.h"
#include "tests/engine/device/cuda/model/emulated_runtime.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using assay::testing::emulated_runtime;
using assay::testing::EmulatedCounts;
using testing::exact_text;

struct Told {
  std::vector<std::string> responses;
  int replays = 0;
};

// `together`: all requests in one run, so that they generate side by side; else one run each.
Told generate(const std::filesystem::path& model, std::span<const Request> requests, const std::string& dtype,
              bool together) {
  EmulatedCounts counts;
  EngineOptions options;
  options.dtype = dtype;
  options.test_devices.make = [&](DataType type) {
    return cuda::make_cuda_device(emulated_runtime(int64_t{1} << 30, {}, &counts), type, 2);
  };
  Engine engine(model.string(), options);
  Told told;
  for (size_t i = 0; i < requests.size(); i += together ? requests.size() : 1) {
    for (const auto& [index, response] :
         testing::run_all(engine, requests.subspan(i, together ? requests.size() : 1))) {
      told.responses.push_back(exact_text(response));
    }
  }
  told.replays = counts.replays;
  return told;
}

TEST(CudaDecodeRecords, GiveTheSameTokens) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  const std::string head = "Q: What is the colour of a lemon? A:";
  std::string long_head;
  // Its generation goes on into a second piece of its keys, for which a record has no room.
  while (long_head.size() + 6 < cuda::kPieceTokens) long_head += "one two ";
  const std::vector<Request> requests = {GenerateRequest{head, {}, false, 9, {}},
                                         GenerateRequest{head + " red", {}, false, 9, {0.8, 0.95, 1, 17, 0}},
                                         GenerateRequest{long_head, {}, false, 14, {}}};
  for (const char* dtype : {"bf16", "f32"}) {
    const Told alone = generate(model, requests, dtype, false);
    const Told together = generate(model, requests, dtype, true);
    EXPECT_EQ(alone.responses, together.responses) << dtype;
    // One by one: the steps but for those of the prompt, the first, and the one that is recorded and run as well.
    EXPECT_GT(alone.replays, 18) << dtype;
    EXPECT_GT(together.replays, 5) << dtype;
    std::cout << dtype << ": " << alone.replays << " and " << together.replays << " steps from records\n";
  }
}

}  // namespace
}  // namespace assay::engine
