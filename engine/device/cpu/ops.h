// The operations of engine/device/device.h but the matrix product and the routing of experts, on a CPU: what CpuDevice
// forwards to. Shapes, formulas and the law of batch invariance are stated there.
//
// The arithmetic is written once over vectors of 16 floats (vec_*.h) and compiled for each instruction set. Lanes,
// chains and the trees that close a sum are those of the 16 lanes in every set, and every operation is correctly
// rounded, so all levels give the same bits; the level decides the speed alone.
//
// Thread-safety: calls with different outputs and caches may run at once, each with a pool of its own. Pointers need no
// alignment. A page id or token id out of range is an Error(kInternal) or Error(kBadInput), never a wild read.
#pragma once

#include <span>

#include "engine/device/cpu/kv_cache.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/device.h"

namespace assay::engine {

enum class VectorLevel { kScalar, kAvx2, kAvx512 };

// The arithmetic of a level, for the calls below (vec_ops.h). The machine must have its instructions.
struct VectorOps;
const VectorOps& vector_ops(VectorLevel level);

// The embedding as it lies in the checkpoint: rows are read when they are looked up, so it takes no memory of its own.
class CpuTable final : public Table {
 public:
  CpuTable(int rows, int cols, DataType type, RowReader read)
      : rows_(rows), cols_(cols), type_(type), read_(std::move(read)) {}
  int rows() const { return rows_; }
  int cols() const { return cols_; }
  // In kBf16, rounded to nearest even.
  void read(int row, float* out) const;

 private:
  int rows_, cols_;
  DataType type_;
  RowReader read_;
};

void embed(ThreadPool& pool, const CpuTable& table, std::span<const TokenId> ids, float scale, float* out);

void rms_norm(ThreadPool& pool, const VectorOps& ops, const float* x, int rows, int dim, const float* weight, float eps,
              float* out);

void rms_norm_and_add(ThreadPool& pool, const VectorOps& ops, const float* x, int rows, int dim, const float* weight,
                      float eps, float* out);

// x: from the first block of the first row; `stride`: floats from row to row; `dim`: of a block.
void rms_norm_blocks(ThreadPool& pool, const VectorOps& ops, float* x, int rows, size_t stride, int blocks, int dim,
                     const float* weight, float eps);

void add_bias(ThreadPool& pool, float* x, int rows, int cols, const float* bias);

void rope_and_cache_write(ThreadPool& pool, const VectorOps& ops, float* qkv, int heads,
                          std::span<const float> frequencies, std::span<const Segment> segments,
                          std::span<const PageCopy> copies, CpuKvCache& cache, int layer);

void attention(ThreadPool& pool, const VectorOps& ops, const float* qkv, const AttentionRule& rule,
               std::span<const Segment> segments, const CpuKvCache& cache, int layer, float* out);

void activate_and_multiply(ThreadPool& pool, const VectorOps& ops, const float* gate_up, int rows, int dim,
                           Activation activation, float* out);

void soft_cap(ThreadPool& pool, const VectorOps& ops, float* x, int rows, int cols, float cap);

void gather_rows(ThreadPool& pool, const float* x, int dim, std::span<const int> indices, float* out);

void log_softmax_and_gather(ThreadPool& pool, const VectorOps& ops, const float* logits, int rows, int vocab,
                            std::span<const Target> targets, std::span<LogProbability> out);

// -1 also for a row whose maximum is infinite.
void sample(ThreadPool& pool, const VectorOps& ops, const float* logits, int rows, int vocab,
            std::span<const Device::Draw> draws, std::span<TokenId> out);

}  // namespace assay::engine
