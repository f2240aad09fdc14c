// The forward pass of a decoder-only transformer, written once against engine/device.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/device/device.h"

namespace assay::engine {

// One forward pass over a flat list of tokens from many sequences.
struct Step {
  std::vector<TokenId> tokens;
  std::vector<Segment> segments;  // cover all tokens, in order; their pages point into `pages` of the scheduler
  std::vector<PageCopy> copies;

  // What is wanted of the logits. Rows are rows of the step.
  std::vector<Target> targets;  // ascending by row
  struct NextToken {
    int row = 0;
    Device::Draw draw;
  };
  std::vector<NextToken> next_tokens;  // ascending by row
};

struct StepResult {
  std::vector<LogProbability> logprobs;  // one a target
  std::vector<TokenId> next_tokens;      // one a next token
};

// Thrown by Model::finish when a wanted logit is NaN: nothing that was computed from it may be scored.
struct NanFound {
  int layer = 0;  // the first layer whose output has a NaN in that row; -1 the embedding, `layers` the output matrix
  int row = 0;    // of the step
};

// Not thread-safe.
class Model {
 public:
  // Reads and packs the weights. `max_rows`: tokens of a step at most. The device must outlive the model.
  Model(const Checkpoint& checkpoint, Device& device, DataType type, int max_rows);
  ~Model();

  // The key-value cache, of `pages` pages. To be called once, before the first forward.
  void make_cache(int pages);

  // Asks the device for a step, which must stay as it is until finish() returns what came of it. A device that computes
  // elsewhere lets the host go on meanwhile.
  void start(const Step& step);
  // Throws NanFound. After an error of either call the next step may be started.
  StepResult finish();
  StepResult forward(const Step& step) {
    start(step);
    return finish();
  }

  // Logits of every row of the step (rows, vocab), whatever the step wants: for tests and tools.
  std::vector<float> logits(const Step& step);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Bytes that the weights of `architecture` take on a device, packed, and one page of its cache there.
int64_t weight_bytes(const Architecture& architecture, DataType type);
// Weights that one token is multiplied by, the output matrix not counted; of experts those that it chooses.
int64_t weights_per_token(const Architecture& architecture);
int64_t page_bytes(const Architecture& architecture, const Device& device);

}  // namespace assay::engine
