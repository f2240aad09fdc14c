// Matrix products: weights packed once at load, divided among threads at each call. Layout and order of arithmetic:
// linear_kernel.h.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "engine/device/cpu/linear_kernel.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/device.h"

namespace assay::engine {

// Memory aligned to 64 bytes; to 2 MiB and on huge pages where it is that large. Not initialised.
// Error(kUnavailable) where there is not enough.
struct FreeAligned {
  void operator()(std::byte* p) const { std::free(p); }
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;
AlignedBytes allocate_aligned(size_t bytes);

class PackedLinear final : public Linear {
 public:
  // Reads each row once, from the threads of the pool. Errors of `read` come through.
  PackedLinear(ThreadPool& pool, int outputs, int inputs, DataType type, const RowReader& read);

  int outputs() const override { return panels_.outputs; }
  int inputs() const override { return inputs_; }
  DataType type() const { return type_; }
  const Panels& panels() const { return panels_; }
  int panel_count() const { return (panels_.outputs + kPanelOutputs - 1) / kPanelOutputs; }
  size_t bytes() const { return static_cast<size_t>(panel_count()) * panels_.stride; }

 private:
  int inputs_;
  DataType type_;
  Panels panels_;
  AlignedBytes memory_;
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
