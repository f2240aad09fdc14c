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

class Model {
 public:
  // Packs the weights. `max_rows`: tokens of a step at most. The checkpoint must outlive the model.
  Model(const Checkpoint& checkpoint, Device& device, DataType type, int max_rows);
  ~Model();

  void make_cache(int pages);
  int64_t weight_bytes() const;
  int64_t page_bytes() const;

  // NaN in the logits: Error(kBadInput) that names the first layer whose output has it and the row of the step in
  // `nan_row`.
  StepResult forward(const Step& step);

  // All logits of the step's rows (rows, vocab), for tests and tools.
  std::vector<float> logits(const Step& step);

  struct NanFound;  // thrown by forward; engine.cc adds the request's name

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::engine
