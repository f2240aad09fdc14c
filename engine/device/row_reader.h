// How a device reads a weight matrix from its file: row by row.
#pragma once

#include <concepts>
#include <functional>
#include <utility>

#include "engine/device/data_type.h"

namespace assay::engine {

// Called from several threads.
class RowReader {
 public:
  using Read = std::function<void(int row, float* out)>;
  using Stored = std::function<const void*(int row)>;

  RowReader() = default;
  template <typename Function>
  requires std::invocable<const Function&, int, float*> RowReader(Function read)
      : read_(std::move(read)) {}  // NOLINT: a function is a reader
  // Rows that lie in memory as `type`, of any alignment, as well.
  RowReader(Read read, DataType type, Stored stored)
      : read_(std::move(read)), stored_type_(type), stored_(std::move(stored)) {}

  // The row as f32.
  void operator()(int row, float* out) const { read_(row, out); }

  bool is_stored_as(DataType type) const { return stored_ != nullptr && stored_type_ == type; }
  // Where is_stored_as(the matrix's type) holds: the row as it is.
  const void* stored(int row) const { return stored_(row); }

 private:
  Read read_;
  DataType stored_type_ = DataType::kF32;
  Stored stored_;
};

}  // namespace assay::engine
