// Steps of generated tokens as records (CUDA graphs): a small model's step is hundreds of launches of a few
// microseconds each, and the GPU waits between them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/device/cuda/buffers.h"
#include "engine/device/cuda/kv_pages.h"
#include "engine/device/cuda/step_layout.h"

namespace assay::engine::cuda {

// Not thread-safe.
class DecodeRecords {
 public:
  DecodeRecords(Runtime& runtime, BufferPool& pool, const RotationTable& rotations)
      : runtime_(runtime), pool_(pool), rotations_(rotations) {}

  // Runs `operations`, which use `step` and matrices, the same whenever a step has as many rows: the first time as they
  // are, then from a record of them, whose lists become those of `step`.
  void run(const StepLayout& step, const KvPages& cache, const std::function<void()>& operations);

  // To be called when memory that records name goes.
  void forget() { records_.clear(); }

 private:
  struct Record {
    bool seen = false;
    std::shared_ptr<void> graph;
    std::unique_ptr<StepLayout> layout;  // whose lists the graph reads
    std::shared_ptr<void> rotations;
    std::vector<std::shared_ptr<void>> uploads;  // other lists that it reads, the same in every step
  };
  void make(Record& record, const StepLayout& step, const std::function<void()>& operations);

  Runtime& runtime_;
  BufferPool& pool_;
  const RotationTable& rotations_;
  std::map<std::pair<const KvPages*, int>, Record> records_;  // by cache and number of rows
};

}  // namespace assay::engine::cuda
