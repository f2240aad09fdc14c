#include "engine/device/cpu/linear.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "engine/device/cpu/linear_pack.h"

namespace assay::engine {
namespace {

int round_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Sixteen rows of weights to the lines of a panel, which are `step` elements apart. Chunks over K keep what is read and
// what is written in the first-level cache, and each line is written whole.
template <class Element>
void pack_lines(const float* rows, int inputs, int depth, size_t step, uint32_t* panel) {
  constexpr int kChunk = 64;
  for (int k = 0; k < depth; k += kChunk) {
    uint32_t* to = panel + static_cast<size_t>(k / Element::kDepth) * step;
    for (int lane = 0; lane < kPanelOutputs; lane += 4) {
      pack_columns<Element>(rows + static_cast<ptrdiff_t>(lane) * inputs + k, inputs, 4, inputs - k,
                            std::min(kChunk, depth - k), static_cast<int>(step), to + lane);
    }
  }
}

// Outputs [first, first + 16) into their panel, whose lines are `step` bytes apart. `rows` has room for 16 x inputs.
void pack_panel(const RowReader& read, int first, int outputs, int inputs, int depth, DataType type, float* rows,
                std::byte* panel, size_t step) {
  for (int lane = 0; lane < kPanelOutputs; ++lane) {
    float* row = rows + static_cast<ptrdiff_t>(lane) * inputs;
    if (first + lane < outputs) {
      read(first + lane, row);
    } else {
      std::fill(row, row + inputs, 0.0f);
    }
  }
  auto* lines = reinterpret_cast<uint32_t*>(panel);
  if (type == DataType::kF32) {
    pack_lines<KeepF32>(rows, inputs, depth, step / sizeof(uint32_t), lines);
  } else {
    pack_lines<PairsOfBf16>(rows, inputs, depth, step / sizeof(uint32_t), lines);
  }
}

// How a product is cut: row_parts * panel_parts pieces, at most one a thread.
struct Grid {
  int row_parts = 1;
  int panel_parts = 1;
};

// The cut whose largest piece is smallest; fewest cuts between rows where several are, since each such piece reads all
// weights again.
Grid best_grid(int threads, int row_blocks, int panel_groups) {
  Grid best;
  int64_t least = INT64_MAX;
  for (int row_parts = 1; row_parts <= std::min(threads, row_blocks); ++row_parts) {
    const int panel_parts = std::min(threads / row_parts, panel_groups);
    const int64_t largest =
        int64_t{(row_blocks + row_parts - 1) / row_parts} * ((panel_groups + panel_parts - 1) / panel_parts);
    if (largest < least) {
      least = largest;
      best = {row_parts, panel_parts};
    }
  }
  return best;
}

int cut(int count, int part, int parts) {
  return static_cast<int>(int64_t{count} * part / parts);
}

PackedRows pack_rows(ThreadPool& pool, const LinearKernel& kernel, const PackedLinear& w, const float* x, int rows,
                     LinearScratch& scratch) {
  const int depth = w.panels().depth;
  const int padded = round_up(rows, kernel.packed_rows);
  std::byte* packed = scratch.reserve(static_cast<size_t>(padded) * static_cast<size_t>(depth) * kernel.input_bytes);
  pool.parallel((rows + kernel.tile_rows - 1) / kernel.tile_rows, [&](int block) {
    const int row = block * kernel.tile_rows;
    for (int k = 0; k < depth; k += std::min(kernel.block_depth, depth - k)) {
      const int count = std::min(kernel.block_depth, depth - k);
      const size_t place =
          static_cast<size_t>(k) * static_cast<size_t>(padded) + static_cast<size_t>(row) * static_cast<size_t>(count);
      const float* from = x + static_cast<size_t>(row) * static_cast<size_t>(w.inputs()) + std::min(k, w.inputs());
      kernel.pack(from, w.inputs(), std::min(kernel.tile_rows, rows - row), std::clamp(w.inputs() - k, 0, count), count,
                  packed + place * kernel.input_bytes);
    }
  });
  return {packed, padded};
}

}  // namespace

PackedLinear::PackedLinear(ThreadPool& pool, WeightArena& arena, int outputs, int inputs, DataType type,
                           const RowReader& read)
    : inputs_(inputs), type_(type) {
  if (outputs <= 0 || inputs <= 0 || inputs > (1 << 24)) {
    fail_input("a matrix of {} x {} cannot be packed; the checkpoint's shapes are wrong", outputs, inputs);
  }
  const bool f32 = type == DataType::kF32;
  panels_.outputs = outputs;
  panels_.depth = f32 ? inputs : round_up(inputs, kBf16DepthMultiple);
  panels_.together = f32 ? 1 : 2;
  panels_.stride = static_cast<size_t>(panels_.depth) * kPanelOutputs * (f32 ? sizeof(float) : 2 * sizeof(uint16_t));
  memory_ = arena.take(bytes());
  panels_.data = memory_.get();
  const int panels = panel_count();
  const int parts = std::min(pool.threads(), panels);
  pool.parallel(parts, [&](int part) {
    std::vector<float> rows(size_t{kPanelOutputs} * static_cast<size_t>(inputs));
    for (int panel = cut(panels, part, parts); panel < cut(panels, part + 1, parts); ++panel) {
      std::byte* to = memory_.get() + static_cast<size_t>(panel / panels_.together) * panels_.stride +
                      static_cast<size_t>(panel % panels_.together * kLineBytes);
      pack_panel(read, panel * kPanelOutputs, outputs, inputs, panels_.depth, type, rows.data(), to,
                 static_cast<size_t>(panels_.together) * kLineBytes);
    }
  });
}

std::byte* LinearScratch::reserve(size_t bytes) {
  if (bytes > size_) {
    memory_.reset();
    size_ = 0;
    memory_ = allocate_aligned(bytes);
    size_ = bytes;
  }
  return memory_.get();
}

void linear(ThreadPool& pool, const LinearKernel& kernel, const PackedLinear& w, const float* x, int rows, float* out,
            bool add, LinearScratch& scratch) {
  if (rows <= 0) {
    return;
  }
  const Panels& panels = w.panels();
  const int blocks = (rows + kernel.tile_rows - 1) / kernel.tile_rows;
  const auto row_of = [&](int block) { return std::min(block * kernel.tile_rows, rows); };
  const PackedRows packed = pack_rows(pool, kernel, w, x, rows, scratch);

  const int groups = (w.panel_count() + kernel.tile_panels - 1) / kernel.tile_panels;
  const Grid grid = best_grid(pool.threads(), blocks, groups);
  pool.parallel(grid.row_parts * grid.panel_parts, [&](int part) {
    const int block = cut(blocks, part / grid.panel_parts, grid.row_parts);
    const int row = row_of(block);
    const int last_row = row_of(cut(blocks, part / grid.panel_parts + 1, grid.row_parts));
    const int first = cut(groups, part % grid.panel_parts, grid.panel_parts) * kernel.tile_panels;
    const int last = cut(groups, part % grid.panel_parts + 1, grid.panel_parts) * kernel.tile_panels;
    kernel.multiply(panels, packed, row, last_row - row, first, std::min(last, w.panel_count()), out, add);
  });
}

const LinearKernel& linear_kernel(KernelSet set, DataType type) {
  const bool f32 = type == DataType::kF32;
  switch (set) {
    case KernelSet::kScalar:
      return f32 ? kLinearScalarF32 : kLinearScalarBf16;
    case KernelSet::kAvx2:
      return f32 ? kLinearAvx2F32 : kLinearAvx2Bf16;
    case KernelSet::kAvx512:
      return f32 ? kLinearAvx512F32 : kLinearAvx512Bf16;
    case KernelSet::kAvx512Bf16:
      return f32 ? kLinearAvx512F32 : kLinearAvx512Bf16Dot;
    case KernelSet::kAmx:
      return f32 ? kLinearAvx512F32 : kLinearAmx;
  }
  fail(ExitCode::kInternal, "kernel set {} has no matrix kernels", static_cast<int>(set));
}

}  // namespace assay::engine
