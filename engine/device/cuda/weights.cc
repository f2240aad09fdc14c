#include "engine/device/cuda/weights.h"

#include <algorithm>
#include <vector>

#include "engine/device/cuda/kernels/rows.h"
#include "engine/parallel.h"

namespace assay::engine::cuda {
namespace {

// Of f32 that are on their way at once.
constexpr size_t kPartBytes = size_t{32} << 20;

}  // namespace

DeviceMatrix load_matrix(Runtime& runtime, BufferPool& pool, int rows, int cols, DataType type, const RowReader& read,
                         int threads) {
  const size_t row_floats = static_cast<size_t>(cols);
  const size_t row_bytes = row_floats * bytes_of(type);
  DeviceMatrix matrix{runtime.allocate(static_cast<size_t>(rows) * row_bytes), rows, cols, type};

  const int rows_of_part = std::clamp<int>(static_cast<int>(kPartBytes / (row_floats * sizeof(float))), 1, rows);
  std::vector<float> part(static_cast<size_t>(rows_of_part) * row_floats);
  const std::shared_ptr<void> arrived = type == DataType::kF32 ? nullptr : pool.take(part.size() * sizeof(float));
  for (int first = 0; first < rows; first += rows_of_part) {
    const int count = std::min(rows_of_part, rows - first);
    parallel_for(static_cast<size_t>(count), threads,
                 [&](size_t i) { read(first + static_cast<int>(i), part.data() + i * row_floats); });
    std::byte* target = static_cast<std::byte*>(matrix.memory.get()) + static_cast<size_t>(first) * row_bytes;
    const size_t bytes = static_cast<size_t>(count) * row_floats * sizeof(float);
    runtime.copy_to_device(type == DataType::kF32 ? target : arrived.get(), part.data(), bytes);
    if (type != DataType::kF32) {
      convert(runtime.stream(), type, {arrived.get(), target, nullptr, cols, cols, count, cols});
    }
  }
  return matrix;
}

}  // namespace assay::engine::cuda
