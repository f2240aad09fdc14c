#include "engine/device/cuda/expert_routing.h"

#include "base/error.h"
#include "engine/device/cuda/kernels/choose_experts.h"

namespace assay::engine::cuda {

ExpertPlaces order_places(std::span<const int32_t> chosen, RowCount rows, int experts) {
  ExpertPlaces places;
  places.first_place.resize(static_cast<size_t>(experts));
  places.counts.resize(static_cast<size_t>(experts));
  places.row_of_place.resize(chosen.size());
  places.place_of_choice.resize(chosen.size());
  if (chosen.empty()) return places;
  const size_t choices = chosen.size() / static_cast<size_t>(rows.total());
  const size_t generated = static_cast<size_t>(rows.generated) * choices;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] < 0 || chosen[i] >= experts) {
      fail(ExitCode::kInternal, "row {} of a step chose expert {} of {}", i / choices, chosen[i], experts);
    }
    RowCount& count = places.counts[static_cast<size_t>(chosen[i])];
    ++(i < generated ? count.generated : count.prompt);
  }
  int next = 0;
  for (size_t expert = 0; expert < places.counts.size(); ++expert) {
    places.first_place[expert] = next;
    next += places.counts[expert].total();
  }
  // Rows come in order, those of generated tokens first: so do the places of each expert.
  std::vector<int> next_place = places.first_place;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const int place = next_place[static_cast<size_t>(chosen[i])]++;
    places.place_of_choice[i] = place;
    places.row_of_place[static_cast<size_t>(place)] = static_cast<int32_t>(i / choices);
  }
  return places;
}

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
