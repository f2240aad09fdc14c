#include "engine/device/cpu/ops.h"

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "engine/device/cpu/bf16.h"
#include "engine/device/cpu/parallel_rows.h"
#include "engine/device/cpu/segments.h"
#include "engine/device/cpu/vec_ops.h"

namespace assay::engine {
namespace {

// Turns queries and keys of one row and writes its keys and values at its position. `row`: of qkv.
void write_row(const VectorOps& ops, float* row, int heads, int position, int page, CpuKvCache& cache, int layer) {
  const auto [layers, kv_heads, head_dim, pages] = cache.shape();
  const int half = head_dim / 2;
  const float* cosines = cache.rotations.cosines(position);
  const float* sines = cache.rotations.sines(position);
  for (int head = 0; head < heads + kv_heads; ++head) ops.rotate(row + head * head_dim, half, cosines, sines);
  const int slot = position % kPageTokens;
  for (int head = 0; head < kv_heads; ++head) {
    const float* key = row + (heads + head) * head_dim;
    const float* value = key + kv_heads * head_dim;
    float* keys = cache.keys(layer, head, page) + slot;
    for (int d = 0; d < head_dim; ++d) keys[d * kPageTokens] = key[d];
    std::memcpy(cache.values(layer, head, page) + slot * head_dim, value, sizeof(float) * head_dim);
  }
}

void copy_page(const PageCopy& copy, const CpuKvCache& cache, int layer, int head) {
  const size_t head_dim = static_cast<size_t>(cache.shape().head_dim);
  const size_t tokens = static_cast<size_t>(copy.tokens);
  const float* from = cache.keys(layer, head, copy.from);
  float* to = cache.keys(layer, head, copy.to);
  for (size_t d = 0; d < head_dim; ++d) {
    std::memcpy(to + d * kPageTokens, from + d * kPageTokens, tokens * sizeof(float));
  }
  std::memcpy(cache.values(layer, head, copy.to), cache.values(layer, head, copy.from),
              tokens * head_dim * sizeof(float));
}

void check_copies(std::span<const PageCopy> copies, int pages) {
  for (const PageCopy& copy : copies) {
    if (copy.from < 0 || copy.from >= pages || copy.to < 0 || copy.to >= pages || copy.from == copy.to ||
        copy.tokens < 0 || copy.tokens > kPageTokens) {
      fail(ExitCode::kInternal, "page copy of {} tokens from {} to {} in a cache of {} pages", copy.tokens, copy.from,
           copy.to, pages);
    }
  }
}

// 1 / sqrt(mean(x^2) + eps)
float norm_factor(const VectorOps& ops, const float* x, int dim, float eps) {
  return static_cast<float>(1 / std::sqrt(double{ops.sum_of_squares(x, dim)} / dim + double{eps}));
}

}  // namespace

const VectorOps& vector_ops(VectorLevel level) {
  switch (level) {
    case VectorLevel::kAvx512:
      return kVectorOpsAvx512;
    case VectorLevel::kAvx2:
      return kVectorOpsAvx2;
    case VectorLevel::kScalar:
      break;
  }
  return kVectorOpsScalar;
}

void CpuTable::read(int row, float* out) const {
  read_(row, out);
  if (type_ == DataType::kBf16) {
    for (int i = 0; i < cols_; ++i) out[i] = from_bf16(to_bf16(out[i]));
  }
}

void embed(ThreadPool& pool, const CpuTable& table, std::span<const TokenId> ids, float scale, float* out) {
  for (TokenId id : ids) {
    if (id < 0 || id >= table.rows()) {
      fail_input("token id {} is outside the embedding of {} rows: the tokenizer does not belong to this model", id,
                 table.rows());
    }
  }
  const size_t cols = static_cast<size_t>(table.cols());
  parallel_rows(pool, static_cast<int>(ids.size()), cols, [&](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      float* row = out + static_cast<size_t>(i) * cols;
      table.read(ids[static_cast<size_t>(i)], row);
      for (size_t c = 0; c < cols; ++c) row[c] *= scale;
    }
  });
}

void rms_norm(ThreadPool& pool, const VectorOps& ops, const float* x, int rows, int dim, const float* weight, float eps,
              float* out) {
  parallel_rows(pool, rows, static_cast<size_t>(dim), [&](int begin, int end) {
    for (int row = begin; row < end; ++row) {
      const size_t at = static_cast<size_t>(row) * static_cast<size_t>(dim);
      ops.scale_and_weigh(x + at, dim, norm_factor(ops, x + at, dim, eps), weight, out + at);
    }
  });
}

void rms_norm_and_add(ThreadPool& pool, const VectorOps& ops, const float* x, int rows, int dim, const float* weight,
                      float eps, float* out) {
  parallel_rows(pool, rows, static_cast<size_t>(dim), [&](int begin, int end) {
    for (int row = begin; row < end; ++row) {
      const size_t at = static_cast<size_t>(row) * static_cast<size_t>(dim);
      ops.scale_weigh_and_add(x + at, dim, norm_factor(ops, x + at, dim, eps), weight, out + at);
    }
  });
}

void rms_norm_blocks(ThreadPool& pool, const VectorOps& ops, float* x, int rows, size_t stride, int blocks, int dim,
                     const float* weight, float eps) {
  parallel_rows(pool, rows, static_cast<size_t>(blocks) * static_cast<size_t>(dim), [&](int begin, int end) {
    for (int row = begin; row < end; ++row) {
      float* block = x + static_cast<size_t>(row) * stride;
      for (int b = 0; b < blocks; ++b, block += dim) {
        ops.scale_and_weigh(block, dim, norm_factor(ops, block, dim, eps), weight, block);
      }
    }
  });
}

void add_bias(ThreadPool& pool, float* x, int rows, int cols, const float* bias) {
  const size_t n = static_cast<size_t>(cols);
  parallel_rows(pool, rows, n, [&](int begin, int end) {
    for (size_t row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      for (size_t i = 0; i < n; ++i) x[row * n + i] += bias[i];
    }
  });
}

void rope_and_cache_write(ThreadPool& pool, const VectorOps& ops, float* qkv, int heads,
                          std::span<const float> frequencies, std::span<const Segment> segments,
                          std::span<const PageCopy> copies, CpuKvCache& cache, int layer) {
  const auto [layers, kv_heads, head_dim, pages] = cache.shape();
  check_segments(segments, pages);
  check_copies(copies, pages);
  if (frequencies.size() != static_cast<size_t>(head_dim) / 2 || head_dim % 2 != 0) {
    fail(ExitCode::kInternal, "{} rotary frequencies for a head dimension of {}", frequencies.size(), head_dim);
  }
  int positions = 0;
  for (const Segment& segment : segments) positions = std::max(positions, segment.first_position + segment.rows);
  cache.rotations.prepare(pool, frequencies, positions);

  const size_t stride = static_cast<size_t>(heads + 2 * kv_heads) * static_cast<size_t>(head_dim);
  const std::vector<TokenRow> rows = token_rows(segments);
  parallel_rows(pool, static_cast<int>(rows.size()), 2 * stride, [&](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const TokenRow& row = rows[static_cast<size_t>(i)];
      const int page = row.segment->pages[static_cast<size_t>(row.position / kPageTokens)];
      write_row(ops, qkv + static_cast<size_t>(row.row) * stride, heads, row.position, page, cache, layer);
    }
  });
  if (copies.empty()) return;
  // A copy may read what the one before it wrote: heads are independent, the copies of a head are not.
  parallel_rows(pool, kv_heads, copies.size() * static_cast<size_t>(head_dim) * kPageTokens, [&](int begin, int end) {
    for (int head = begin; head < end; ++head) {
      for (const PageCopy& copy : copies) copy_page(copy, cache, layer, head);
    }
  });
}

void activate_and_multiply(ThreadPool& pool, const VectorOps& ops, const float* gate_up, int rows, int dim,
                           Activation activation, float* out) {
  const size_t n = static_cast<size_t>(dim);
  const auto multiply = activation == Activation::kGeluTanh ? ops.gelu_and_multiply : ops.silu_and_multiply;
  parallel_rows(pool, rows, 4 * n, [&](int begin, int end) {
    for (size_t row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      const float* gate = gate_up + row * 2 * n;
      multiply(gate, gate + n, dim, out + row * n);
    }
  });
}

void soft_cap(ThreadPool& pool, const VectorOps& ops, float* x, int rows, int cols, float cap) {
  const size_t n = static_cast<size_t>(cols);
  parallel_rows(pool, rows, 4 * n, [&](int begin, int end) {
    for (size_t row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      ops.soft_cap(x + row * n, cols, cap);
    }
  });
}

void gather_rows(ThreadPool& pool, const float* x, int dim, std::span<const int> indices, float* out) {
  const size_t n = static_cast<size_t>(dim);
  parallel_rows(pool, static_cast<int>(indices.size()), n, [&](int begin, int end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      std::memcpy(out + i * n, x + static_cast<size_t>(indices[i]) * n, n * sizeof(float));
    }
  });
}

}  // namespace assay::engine
