// The routing of a step (engine/device/device.h) on the GPU. The experts are chosen there, and counted and put in order
// on the host, which must know how many rows the product of each expert has: each layer waits for a copy of a few
// kilobytes.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/device/cuda/buffers.h"

namespace assay::engine::cuda {

struct ExpertPlaces {
  std::vector<int32_t> row_of_place;
  std::vector<int32_t> place_of_choice;  // (rows, choices)
  std::vector<int> first_place;          // of each expert
  std::vector<RowCount> counts;          // likewise
};

// `chosen`: (rows, choices) experts, no row twice the same. Error(kInternal) for an expert that does not exist.
ExpertPlaces order_places(std::span<const int32_t> chosen, RowCount rows, int experts);

class ExpertRouting final : public Routing {
 public:
  // logits (rows, experts) f32, 1 <= choices <= experts, or Error(kInternal).
  ExpertRouting(Runtime& runtime, BufferPool& pool, const Matrix& logits, RowCount rows, int choices);

  int first_place(int expert) const override { return places_.first_place[static_cast<size_t>(expert)]; }
  RowCount places(int expert) const override { return places_.counts[static_cast<size_t>(expert)]; }

  int rows() const { return rows_; }
  int choices() const { return choices_; }
  int all_places() const { return rows_ * choices_; }
  // Device memory.
  const int32_t* row_of_place() const { return row_of_place_.get(); }
  const int32_t* place_of_choice() const { return place_of_choice_.get(); }
  const float* weights() const { return weights_.get(); }

 private:
  int rows_;
  int choices_;
  ExpertPlaces places_;
  std::shared_ptr<float> weights_;
  std::shared_ptr<int32_t> row_of_place_;
  std::shared_ptr<int32_t> place_of_choice_;
};

}  // namespace assay::engine::cuda
