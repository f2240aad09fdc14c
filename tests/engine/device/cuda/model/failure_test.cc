// What happens when a GPU fails: the run ends with the device's own words, what was answered stays, and the rest can be
// asked again.
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/device/cuda/cuda_device.h"
#include "engine/engine.h"
#include "tests/engine/device/cuda/model/emulated_runtime.h"
#include "tests/engine/device/cuda/model/small_requests.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using assay::testing::emulated_runtime;
using assay::testing::EmulatedFaults;
using assay::testing::small_requests;
using testing::exact_text;

Engine open(const std::filesystem::path& model, int64_t memory, EmulatedFaults faults) {
  EngineOptions options;
  options.dtype = "bf16";
  options.step_tokens = 32;
  options.test_devices.make = [=](DataType type) {
    return cuda::make_cuda_device(emulated_runtime(memory, faults), type, 1);
  };
  return {model.string(), options};
}

std::string refused(const std::function<void()>& what) {
  try {
    what();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUnavailable);
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

constexpr int64_t kPlenty = int64_t{1} << 30;

TEST(CudaFailure, AModelThatDoesNotFitIsRefusedWithTheNumbers) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  const std::string message = refused([&] { open(model, 50'000, {}); });
  EXPECT_NE(message.find("weights"), std::string::npos) << message;
  EXPECT_NE(message.find("GiB"), std::string::npos) << message;
}

TEST(CudaFailure, AnAllocationThatFailsEndsTheStart) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  for (const int nth : {0, 3, 20}) {
    const std::string message = refused([&] { open(model, kPlenty, {nth, -1}); });
    EXPECT_NE(message.find("free"), std::string::npos) << message;
  }
}

TEST(CudaFailure, AnErrorInMidRunKeepsWhatWasAnswered) {
  ASSAY_REQUIRE_SHARED(model, "golden/architectures/llama3");
  const std::vector<Request> requests = small_requests(false);
  Engine sound = open(model, kPlenty, {});
  const std::map<size_t, Response> expected = testing::run_all(sound, requests);

  Engine failing = open(model, kPlenty, {-1, 20});
  std::map<size_t, Response> got;
  RunCallbacks callbacks;
  callbacks.on_responses = [&](std::vector<Response> responses) {
    for (Response& response : responses) got.emplace(response.request, std::move(response));
  };
  const std::string message = refused([&] { failing.run(requests, callbacks); });
  EXPECT_NE(message.find("ECC"), std::string::npos) << message;
  EXPECT_LT(got.size(), expected.size());

  // The rest, asked of another engine, gives what an undisturbed run gave.
  std::vector<Request> rest;
  std::vector<size_t> rest_of;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (got.contains(i)) {
      EXPECT_EQ(exact_text(got.at(i)), exact_text(expected.at(i)));
    } else {
      rest.push_back(requests[i]);
      rest_of.push_back(i);
    }
  }
  Engine again = open(model, kPlenty, {});
  for (const auto& [index, response] : testing::run_all(again, rest)) {
    EXPECT_EQ(exact_text(response), exact_text(expected.at(rest_of[index])));
  }
}

}  // namespace
}  // namespace assay::engine
