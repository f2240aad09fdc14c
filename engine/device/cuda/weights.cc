#include "engine/device/cuda/weights.h"

#include <algorithm>
#include <cstring>

#include "engine/device/cuda/kernels/rows.h"
#include "engine/parallel.h"

namespace assay::engine::cuda {

DeviceMatrix load_matrix(Runtime& runtime, BufferPool& pool, int rows, int cols, DataType type, const RowReader& read,
                         int threads) {
  const size_t row_bytes = static_cast<size_t>(cols) * bytes_of(type);
  DeviceMatrix matrix{runtime.allocate(static_cast<size_t>(rows) * row_bytes), rows, cols, type};

  // What travels: rows of the matrix's own type, or f32 that are rounded there.
  const bool as_stored = read.is_stored_as(type);
  const bool rounds = !as_stored && type != DataType::kF32;
  const size_t travelling_bytes = rounds ? static_cast<size_t>(cols) * sizeof(float) : row_bytes;
  const int rows_of_part = std::clamp<int>(static_cast<int>(runtime.fill_bytes() / travelling_bytes), 1, rows);
  const std::shared_ptr<void> arrived =
      rounds ? pool.take(static_cast<size_t>(rows_of_part) * travelling_bytes) : nullptr;
  for (int first = 0; first < rows; first += rows_of_part) {
    const int count = std::min(rows_of_part, rows - first);
    std::byte* target = static_cast<std::byte*>(matrix.memory.get()) + static_cast<size_t>(first) * row_bytes;
    const auto fill = [&](std::byte* into) {
      parallel_for(static_cast<size_t>(count), threads, [&](size_t i) {
        const int row = first + static_cast<int>(i);
        std::byte* place = into + i * travelling_bytes;
        as_stored ? static_cast<void>(std::memcpy(place, read.stored(row), row_bytes))
                  : read(row, reinterpret_cast<float*>(place));
      });
    };
    runtime.fill_device(rounds ? arrived.get() : target, static_cast<size_t>(count) * travelling_bytes, fill);
    if (rounds) convert(runtime.stream(), type, {arrived.get(), target, nullptr, cols, cols, count, cols});
  }
  return matrix;
}

}  // namespace assay::engine::cuda
