// Weights in device memory.
#pragma once

#include <memory>

#include "engine/device/cuda/buffers.h"
#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// A matrix (rows, cols) of `type`, row after row without gaps.
struct DeviceMatrix {
  std::shared_ptr<void> memory;
  int rows = 0;
  int cols = 0;
  DataType type = DataType::kF32;
};

// Reads the rows on `threads` threads and brings them over in parts of some megabytes: as they are where the file has
// the type, else as f32, which are rounded there.
DeviceMatrix load_matrix(Runtime& runtime, BufferPool& pool, int rows, int cols, DataType type, const RowReader& read,
                         int threads);

class CudaLinear final : public Linear {
 public:
  explicit CudaLinear(DeviceMatrix matrix) : matrix_(std::move(matrix)) {}
  int outputs() const override { return matrix_.rows; }
  int inputs() const override { return matrix_.cols; }
  const DeviceMatrix& matrix() const { return matrix_; }

 private:
  DeviceMatrix matrix_;
};

class CudaTable final : public Table {
 public:
  explicit CudaTable(DeviceMatrix matrix) : matrix_(std::move(matrix)) {}
  const DeviceMatrix& matrix() const { return matrix_; }

 private:
  DeviceMatrix matrix_;
};

}  // namespace assay::engine::cuda
