// --device cuda:all, with processors in the place of GPUs: the prefix tree is shared out, and nothing of it shows.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>

#include "base/error.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/engine.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using testing::exact_text;
using testing::mixed_requests;
using testing::run_all;

Engine open(const std::filesystem::path& model, int devices) {
  EngineOptions options;
  options.memory_gib = 0.2;
  options.step_tokens = 128;
  options.test_devices = {[](DataType type) { return make_cpu_device("auto", type, 1); }, devices};
  return {model.string(), options};
}

TEST(SeveralDevices, GiveTheResponsesOfOne) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  const std::vector<Request> requests = mixed_requests(11, 60);
  Engine one = open(model, 1);
  const std::map<size_t, Response> expected = run_all(one, requests);
  ASSERT_EQ(expected.size(), requests.size());
  for (const int devices : {2, 3}) {
    Engine several = open(model, devices);
    std::map<size_t, Response> got;
    std::atomic<int> inside = 0;  // callbacks take turns
    Progress last;
    RunCallbacks callbacks;
    callbacks.on_responses = [&](std::vector<Response> responses) {
      EXPECT_EQ(inside++, 0);
      for (Response& response : responses) {
        EXPECT_TRUE(got.emplace(response.request, std::move(response)).second) << "answered twice";
      }
      --inside;
    };
    callbacks.on_step = [&](const Progress& progress) {
      EXPECT_EQ(inside++, 0);
      last = progress;
      --inside;
    };
    EXPECT_TRUE(several.run(requests, callbacks));
    ASSERT_EQ(got.size(), requests.size());
    for (const auto& [index, response] : got) EXPECT_EQ(exact_text(response), exact_text(expected.at(index))) << index;
    EXPECT_EQ(last.prompt_tokens_done, last.prompt_tokens_total);
    EXPECT_EQ(last.generated_tokens_left, 0);
    const Plan plan = several.plan(requests);
    EXPECT_EQ(plan.requests, static_cast<int64_t>(requests.size()));
    EXPECT_EQ(plan.prompt_tokens, last.prompt_tokens_total);
    std::cout << devices << " devices: " << got.size() << " responses equal to the bit, " << plan.prompt_tokens
              << " prompt tokens, with one " << one.plan(requests).prompt_tokens << "\n";
  }
}

TEST(SeveralDevices, AnErrorOfOneAndAStopEndAll) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  const std::vector<Request> requests = mixed_requests(12, 60);
  Engine engine = open(model, 3);
  RunCallbacks full;
  size_t stored = 0;
  full.on_responses = [&](const std::vector<Response>& responses) {
    stored += responses.size();
    if (stored > 4) fail(ExitCode::kUnavailable, "the disk is full");
  };
  EXPECT_THROW(engine.run(requests, full), Error);
  EXPECT_LT(stored, requests.size());

  std::atomic<bool> stop = false;
  std::map<size_t, Response> got;
  RunCallbacks stopped;
  stopped.stop = &stop;
  stopped.on_responses = [&](std::vector<Response> responses) {
    for (Response& response : responses) got.emplace(response.request, std::move(response));
    stop = true;
  };
  EXPECT_FALSE(engine.run(requests, stopped));
  EXPECT_FALSE(got.empty());
  EXPECT_LT(got.size(), requests.size());
  // What was cut off leaves nothing behind.
  EXPECT_EQ(run_all(engine, requests).size(), requests.size());
}

}  // namespace
}  // namespace assay::engine
