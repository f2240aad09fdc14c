// One device at work: the model on it, and the loop that answers a share of the requests.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/answers.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/device/device.h"
#include "engine/encode_requests.h"
#include "engine/engine.h"
#include "engine/load_tokenizer.h"
#include "engine/model/model.h"

namespace assay::engine {

// What all lanes of an engine have in common. Outlives them.
struct LaneModel {
  std::string name;  // as the user named it
  Checkpoint checkpoint;
  DataType type = DataType::kF32;
  LoadedTokenizer loaded;
  EndOfText end;
};

// Requests of a lane, all of them encoded. `which[i]` is the number of request i in the list of all.
struct LaneShare {
  std::vector<size_t> which;
  std::vector<EncodedRequest> encoded;  // by place in `which`
};

// Called by a lane while its device computes the next step.
struct LaneCallbacks {
  std::function<void(std::vector<Response>)> on_responses;
  std::function<void(const Progress&)> on_step;
  std::function<bool()> stopped;
};

// Not thread-safe; different lanes may run at once.
class Lane {
 public:
  // Checks that the weights fit and reads them. `step_tokens` and `memory_gib`: EngineOptions.
  Lane(const LaneModel& model, std::unique_ptr<Device> device, int step_tokens, double memory_gib);

  const Device& device() const { return *device_; }
  int step_tokens() const { return step_tokens_; }

  // What the share costs here.
  Plan plan(LaneShare share) const;
  // True when all is answered, false when `stopped` ended it after the step in flight. Whatever ends it, responses that
  // were complete have been handed out. Error(kBadInput) for a NaN, naming layer and request.
  bool run(std::span<const Request> all, LaneShare share, const LaneCallbacks& callbacks);

 private:
  int64_t weights_in_memory() const;
  void check_weights_fit() const;
  Scheduler schedule(Sequences& sequences) const;
  [[noreturn]] void report_nan(const NanFound& found, size_t request) const;

  const LaneModel& shared_;
  std::unique_ptr<Device> device_;
  int step_tokens_;
  int64_t budget_;  // bytes for weights and cache together
  std::unique_ptr<Model> model_;
};

}  // namespace assay::engine
