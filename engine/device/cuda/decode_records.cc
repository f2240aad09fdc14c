#include "engine/device/cuda/decode_records.h"

namespace assay::engine::cuda {
namespace {

// Each keeps some hundred kilobytes; a run that needs more of them is one whose steps seldom look alike.
constexpr size_t kMostRecords = 64;

// Recording ends with it, also when an operation fails.
class Recording {
 public:
  Recording(Runtime& runtime, BufferPool& pool, std::vector<std::shared_ptr<void>>& uploads)
      : runtime_(runtime), pool_(pool) {
    runtime_.begin_recording();
    pool_.keep_uploads(&uploads);
  }
  ~Recording() {
    pool_.keep_uploads(nullptr);
    if (!ended_) runtime_.abandon_recording();
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  std::shared_ptr<void> end() {
    ended_ = true;
    return runtime_.end_recording();
  }

 private:
  Runtime& runtime_;
  BufferPool& pool_;
  bool ended_ = false;
};

}  // namespace

void DecodeRecords::run(const StepLayout& step, const KvPages& cache, const std::function<void()>& operations) {
  step.check(cache.shape().pages);
  if (records_.size() >= kMostRecords) forget();
  Record& record = records_[{&cache, step.rows()}];
  const std::shared_ptr<void> rotations = rotations_.covering(step.positions());
  const bool holds = record.graph != nullptr && record.rotations == rotations && record.layout->become(step);
  if (holds) return runtime_.replay(record.graph.get());
  const bool seen = record.seen;
  record = {};
  record.seen = !seen;  // what did not hold is not recorded again at once
  if (!seen || rotations == nullptr) return operations();
  make(record, step, operations);
  runtime_.replay(record.graph.get());
}

void DecodeRecords::make(Record& record, const StepLayout& step, const std::function<void()>& operations) {
  Recording recording(runtime_, pool_, record.uploads);
  operations();
  record.graph = recording.end();
  record.layout = std::make_unique<StepLayout>(step);
  record.rotations = rotations_.covering(step.positions());
}

}  // namespace assay::engine::cuda
