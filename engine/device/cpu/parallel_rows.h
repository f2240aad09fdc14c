// Rows of an operation, shared out to the threads of a pool.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/thread_pool.h"

namespace assay::engine {

// task(begin, end) over 0 .. rows, in one range a thread; in the calling thread where the work is too small to be worth
// waking the others. `row_cost`: of one row, in floats moved or operations.
template <typename Task>
void parallel_rows(ThreadPool& pool, int rows, size_t row_cost, const Task& task) {
  constexpr size_t kWorthSharing = 16384;  // some microseconds
  const int parts = static_cast<size_t>(rows) * row_cost < kWorthSharing ? 1 : std::min(pool.threads(), rows);
  if (parts <= 1) {
    if (rows > 0) task(0, rows);
    return;
  }
  pool.parallel(parts, [&](int part) {
    const auto edge = [&](int p) { return static_cast<int>(int64_t{rows} * p / parts); };
    task(edge(part), edge(part + 1));
  });
}

}  // namespace assay::engine
