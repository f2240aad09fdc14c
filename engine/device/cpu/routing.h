// Which experts a row chooses, and the way of rows to their experts and back (engine/device/device.h).
#pragma once

#include <span>
#include <vector>

#include "engine/device/cpu/ops.h"
#include "engine/device/expert_places.h"

namespace assay::engine {

class CpuRouting final : public Routing {
 public:
  // logits (rows, experts). Error(kInternal) where there are fewer experts than choices.
  CpuRouting(ThreadPool& pool, const VectorOps& ops, const float* logits, RowCount rows, int experts, int choices);

  int first_place(int expert) const override { return places_.first_place[static_cast<size_t>(expert)]; }
  RowCount places(int expert) const override { return places_.counts[static_cast<size_t>(expert)]; }

  int rows() const { return rows_; }
  int choices() const { return choices_; }
  // Of each place, the row that chose it: (places).
  std::span<const int> place_rows() const { return places_.row_of_place; }
  // Of each choice, best first: (rows, choices).
  int place(int row, int choice) const { return places_.place_of_choice[index(row, choice)]; }
  float weight(int row, int choice) const { return weights_[index(row, choice)]; }

 private:
  size_t index(int row, int choice) const {
    return static_cast<size_t>(row) * static_cast<size_t>(choices_) + static_cast<size_t>(choice);
  }

  int rows_;
  int choices_;
  ExpertPlaces places_;
  std::vector<float> weights_;
};

// out (places, cols) = rows of x
void gather_places(ThreadPool& pool, const float* x, int cols, const CpuRouting& routing, float* out);
// out (rows, cols) += weighted places of x
void combine_places(ThreadPool& pool, const float* x, int cols, const CpuRouting& routing, float* out);

}  // namespace assay::engine
