// Matrix products: weights packed once at load, divided among threads at each call. Layout and order of arithmetic:
// linear_kernel.h.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/device/cpu/linear_kernel.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/cpu/weight_arena.h"
#include "engine/device/device.h"

namespace assay::engine {

class PackedLinear final : public Linear {
 public:
  // Reads each row once, from the threads of the pool. Errors of `read` come through.
  PackedLinear(ThreadPool& pool, WeightArena& arena, int outputs, int inputs, DataType type, const RowReader& read);

  int outputs() const override { return panels_.outputs; }
  int inputs() const override { return inputs_; }
  DataType type() const { return type_; }
  const Panels& panels() const { return panels_; }
  // A multiple of those that are interleaved.
  int panel_count() const {
    const int unit = kPanelOutputs * panels_.together;
    return (panels_.outputs + unit - 1) / unit * panels_.together;
  }
  size_t bytes() const { return static_cast<size_t>(panel_count() / panels_.together) * panels_.stride; }

 private:
  int inputs_;
  DataType type_;
  Panels panels_;
  std::shared_ptr<std::byte[]> memory_;
};

// Where x is packed; kept between calls because it is written at each. Belongs to one caller at a time.
class LinearScratch {
 public:
  std::byte* reserve(size_t bytes);

 private:
  size_t size_ = 0;
  AlignedBytes memory_;
};

// out (rows, outputs) = x (rows, inputs) * W^T, or out += that, added once after the whole sum. out must not overlap x.
// A row's bits depend on that row, W, and the kernel alone. `kernel` must be one for w.type().
void linear(ThreadPool& pool, const LinearKernel& kernel, const PackedLinear& w, const float* x, int rows, float* out,
            bool add, LinearScratch& scratch);

}  // namespace assay::engine
