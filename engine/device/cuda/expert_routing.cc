#include "engine/device/cuda/expert_routing.h"

#include "base/error.h"
#include "engine/device/cuda/kernels/choose_experts.h"

namespace assay::engine::cuda {

ExpertRouting::ExpertRouting(Runtime& runtime, BufferPool& pool, const Matrix& logits, RowCount rows, int choices)
    : rows_(rows.total()), choices_(choices) {
  if (choices < 1 || choices > logits.cols) {
    fail(ExitCode::kInternal, "{} choices among {} experts", choices, logits.cols);
  }
  std::vector<int32_t> chosen(static_cast<size_t>(rows_) * static_cast<size_t>(choices));
  const std::shared_ptr<void> on_device = pool.take(chosen.size() * sizeof(int32_t));
  weights_ = std::static_pointer_cast<float>(pool.take(chosen.size() * sizeof(float)));
  auto* device_chosen = static_cast<int32_t*>(on_device.get());
  choose_experts(runtime.stream(), {logits.f32(), device_chosen, weights_.get(), rows_, logits.cols, choices});
  runtime.copy_to_host(chosen.data(), device_chosen, chosen.size() * sizeof(int32_t));
  places_ = order_places(chosen, rows, logits.cols);
  row_of_place_ = pool.upload(places_.row_of_place);
  place_of_choice_ = pool.upload(places_.place_of_choice);
}

}  // namespace assay::engine::cuda
