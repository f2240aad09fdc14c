#include "tests/engine/device/cuda/attention_rig.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/device/page.h"

namespace assay::engine::cuda {

using assay::testing::DeviceBuffer;

AttentionRig::AttentionRig(const AttentionShape& shape, const NamedType& type, int pages, float deviation)
    : shape_(shape), type_(type), deviation_(deviation) {
  if (shape_.scale == 0) shape_.scale = static_cast<float>(1 / std::sqrt(double{0} + shape.head_dim));
  cache_.assign(static_cast<size_t>(pages * shape.kv_heads * 2 * kPageTokens * shape.head_dim),
                std::numeric_limits<float>::quiet_NaN());
}

size_t AttentionRig::place(const Sequence& sequence, int position, int kv_head, int half) const {
  const int page = sequence.pages.at(static_cast<size_t>(position / kPageTokens));
  return static_cast<size_t>((((page * shape_.kv_heads + kv_head) * 2 + half) * kPageTokens + position % kPageTokens) *
                             shape_.head_dim);
}

float& AttentionRig::key(const Sequence& sequence, int position, int kv_head, int column) {
  return cache_.at(place(sequence, position, kv_head, 0) + static_cast<size_t>(column));
}
float& AttentionRig::value(const Sequence& sequence, int position, int kv_head, int column) {
  return cache_.at(place(sequence, position, kv_head, 1) + static_cast<size_t>(column));
}

void AttentionRig::write(const Sequence& sequence, int begin, int end) {
  const auto n = static_cast<size_t>(shape_.head_dim);
  for (int position = begin; position < end; ++position) {
    for (int head = 0; head < shape_.kv_heads; ++head) {
      for (int half = 0; half < 2; ++half) {
        const auto seed =
            static_cast<uint32_t>(((position * shape_.kv_heads + head) * 2 + half) * 1009) + sequence.seed;
        const std::vector<float> row = rounded(type_.type, random_normal(n, seed, half == 0 ? deviation_ : 1));
        std::copy(row.begin(), row.end(),
                  cache_.begin() + static_cast<ptrdiff_t>(place(sequence, position, head, half)));
      }
    }
  }
}

std::vector<float> AttentionRig::queries(const Sequence& sequence, int position) const {
  return random_normal(static_cast<size_t>(width()), sequence.seed * 7919 + static_cast<uint32_t>(position),
                       deviation_);
}

std::vector<float> AttentionRig::run_pieces(const AttentionInputs& in, const std::vector<DeviceSegment>& segments,
                                            const std::vector<int32_t>& pages, size_t rows) const {
  const PiecePlan plan = plan_pieces(segments, pages, shape_.heads / shape_.kv_heads, shape_.window);
  const DeviceBuffer<PieceItem> items(plan.items);
  const DeviceBuffer<PieceRow> piece_rows(plan.rows);
  const DeviceBuffer<MergeRow> merges(plan.merges);
  const size_t states = static_cast<size_t>(plan.partials * shape_.heads);
  DeviceBuffer<float> max(states);
  DeviceBuffer<float> sum(states);
  DeviceBuffer<float> partial_out(states * static_cast<size_t>(shape_.head_dim));
  const PiecePartials partials{max.data(), sum.data(), partial_out.data()};
  attention_pieces(nullptr, type_.type,
                   {in, items.data(), static_cast<int>(plan.items.size()), piece_rows.data(), partials});
  Elements out(type_.type, rows * static_cast<size_t>(width()));
  merge_pieces(
      nullptr, type_.type,
      {partials, merges.data(), static_cast<int>(plan.merges.size()), shape_.heads, shape_.head_dim, out.data()});
  return out.download();
}

std::vector<float> AttentionRig::run(AttentionKernel kernel, const std::vector<Stretch>& step) const {
  std::vector<float> qkv;
  std::vector<DeviceSegment> segments;
  std::vector<int32_t> pages;
  int rows = 0;
  for (const Stretch& stretch : step) {
    segments.push_back({rows, stretch.rows, stretch.first, static_cast<int32_t>(pages.size())});
    // No more pages than the last row needs.
    const int needed = (stretch.first + stretch.rows - 1) / kPageTokens + 1;
    pages.insert(pages.end(), stretch.sequence->pages.begin(), stretch.sequence->pages.begin() + needed);
    for (int i = 0; i < stretch.rows; ++i) {
      const std::vector<float> query = queries(*stretch.sequence, stretch.first + i);
      qkv.insert(qkv.end(), query.begin(), query.end());
      qkv.resize(qkv.size() + static_cast<size_t>(2 * shape_.kv_heads * shape_.head_dim),
                 std::numeric_limits<float>::quiet_NaN());
    }
    rows += stretch.rows;
  }
  const DeviceBuffer<float> device_qkv(qkv);
  const DeviceBuffer<int32_t> device_pages(pages);
  Elements device_cache(type_.type, cache_);
  const AttentionInputs in{device_qkv.data(), device_cache.data(), device_pages.data(), shape_.heads, shape_.kv_heads,
                           shape_.head_dim,   shape_.scale,        shape_.soft_cap,     shape_.window};
  const auto n = static_cast<size_t>(rows);
  if (kernel == AttentionKernel::kPieces) return run_pieces(in, segments, pages, n);
  Elements out(type_.type, n * static_cast<size_t>(width()));
  if (kernel == AttentionKernel::kPlain) {
    const std::vector<PlainRow> plan = plan_plain(segments, shape_.window);
    const DeviceBuffer<PlainRow> plain_rows(plan);
    attention_plain(nullptr, {in, plain_rows.data(), rows, static_cast<float*>(out.data())});
  } else {
    const std::vector<PromptTile> plan = plan_prompt(segments, shape_.heads / shape_.kv_heads, shape_.window);
    const DeviceBuffer<PromptTile> tiles(plan);
    attention_prompt(nullptr, type_.type, {in, tiles.data(), static_cast<int>(plan.size()), out.data()});
  }
  return out.download();
}

void AttentionRig::compare(const std::vector<Stretch>& step, const std::vector<float>& out, Worst& worst) const {
  const float* row = out.data();
  for (const Stretch& stretch : step) {
    for (int i = 0; i < stretch.rows; ++i) {
      // What the kernels round is part of their definition: queries here, keys and values in the cache.
      const std::vector<float> query = rounded(type_.type, queries(*stretch.sequence, stretch.first + i));
      for (int head = 0; head < shape_.heads; ++head, row += shape_.head_dim) {
        compare_row(*stretch.sequence, stretch.first + i, head, query.data() + head * shape_.head_dim, row, worst);
      }
    }
  }
}

void AttentionRig::compare_row(const Sequence& sequence, int position, int head, const float* query, const float* out,
                               Worst& worst) const {
  const int head_dim = shape_.head_dim;
  const int kv_head = head / (shape_.heads / shape_.kv_heads);
  const int begin = shape_.window > 0 ? std::max(0, position - shape_.window + 1) : 0;
  std::vector<double> weights;
  double top = -std::numeric_limits<double>::infinity();
  double largest_product = 0;  // sum of |q k| * scale
  for (int j = begin; j <= position; ++j) {
    const float* keys = &cache_[place(sequence, j, kv_head, 0)];
    double score = 0;
    double product = 0;
    for (int d = 0; d < head_dim; ++d) {
      const double qk = double{query[d]} * keys[d];
      score += qk;
      product += std::abs(qk);
    }
    score *= double{shape_.scale};
    if (shape_.soft_cap > 0) score = double{shape_.soft_cap} * std::tanh(score / double{shape_.soft_cap});
    largest_product = std::max(largest_product, product * double{shape_.scale});
    top = std::max(top, score);
    weights.push_back(score);
  }
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - top);
  // An error of a score is one of its weight, above and below the line.
  const double by_scores = 2 * largest_product * (head_dim / 4 + 4) * 0x1p-23 + 0x1p-20;
  for (int d = 0; d < head_dim; ++d) {
    double exact = 0;
    double absolute = 0;
    double largest = 0;
    for (int j = begin; j <= position; ++j) {
      const double v = double{cache_[place(sequence, j, kv_head, 1) + static_cast<size_t>(d)]};
      const double weight = weights[static_cast<size_t>(j - begin)] / sum;
      exact += weight * v;
      absolute += weight * std::abs(v);
      largest = std::max(largest, std::abs(v));
    }
    double tolerance = type_.half_ulp * (std::abs(exact) + absolute) + by_scores * absolute;
    // Weights below 2^-14 lose bits in f16.
    if (type_.type == Type::kF16) tolerance += 0x1p-25 * static_cast<double>(weights.size()) * largest;
    worst.see(double{out[d]}, exact, tolerance);
  }
}

}  // namespace assay::engine::cuda
