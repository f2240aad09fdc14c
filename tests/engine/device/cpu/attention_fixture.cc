#include "tests/engine/device/cpu/attention_fixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/device/rotation.h"

namespace assay::engine {

AttentionRule AttentionShape::rule() const {
  return {heads, static_cast<float>(1 / std::sqrt(double{0} + head_dim)), soft_cap, window};
}

std::vector<float> AttentionShape::frequencies() const {
  std::vector<float> result;
  for (int i = 0; i < head_dim / 2; ++i) result.push_back(static_cast<float>(std::pow(10000.0, -2.0 * i / head_dim)));
  return result;
}

Sequence random_sequence(const AttentionShape& shape, int tokens, uint32_t seed, std::vector<int32_t> pages) {
  return {random_floats(static_cast<size_t>(tokens) * shape.qkv(), seed), std::move(pages)};
}

std::vector<double> attention_by_definition(const AttentionShape& shape, const Sequence& sequence) {
  const int tokens = static_cast<int>(sequence.qkv.size() / shape.qkv());
  const int head_dim = shape.head_dim;
  std::vector<double> x(sequence.qkv.begin(), sequence.qkv.end());
  const std::vector<float> frequencies = shape.frequencies();
  for (int t = 0; t < tokens; ++t) {
    for (int head = 0; head < shape.heads + shape.kv_heads; ++head) {
      double* row = x.data() + static_cast<size_t>(t) * shape.qkv() + head * head_dim;
      for (int i = 0; i < head_dim / 2; ++i) {
        const double c = std::cos(double{rotation_angle(t, frequencies[static_cast<size_t>(i)])});
        const double s = std::sin(double{rotation_angle(t, frequencies[static_cast<size_t>(i)])});
        const double a = row[i];
        const double b = row[i + head_dim / 2];
        row[i] = a * c - b * s;
        row[i + head_dim / 2] = b * c + a * s;
      }
    }
  }
  std::vector<double> out(static_cast<size_t>(tokens) * shape.out());
  std::vector<double> weights(static_cast<size_t>(tokens));
  const double scale = shape.rule().scale;
  const double cap = shape.soft_cap;
  for (int t = 0; t < tokens; ++t) {
    for (int head = 0; head < shape.heads; ++head) {
      const double* query = x.data() + static_cast<size_t>(t) * shape.qkv() + head * head_dim;
      const int kv_head = head / (shape.heads / shape.kv_heads);
      const double* keys = x.data() + (shape.heads + kv_head) * head_dim;
      const double* values = keys + shape.kv_heads * head_dim;
      double top = -std::numeric_limits<double>::infinity();
      const int first = shape.first_seen(t);
      for (int j = first; j <= t; ++j) {
        double dot = 0;
        for (int d = 0; d < head_dim; ++d) dot += query[d] * keys[static_cast<size_t>(j) * shape.qkv() + d];
        weights[j] = cap > 0 ? cap * std::tanh(dot * scale / cap) : dot * scale;
        top = std::max(top, weights[j]);
      }
      double sum = 0;
      for (int j = first; j <= t; ++j) sum += weights[j] = std::exp(weights[j] - top);
      double* row = out.data() + static_cast<size_t>(t) * shape.out() + head * head_dim;
      for (int j = first; j <= t; ++j) {
        for (int d = 0; d < head_dim; ++d) {
          row[d] += weights[j] / sum * values[static_cast<size_t>(j) * shape.qkv() + d];
        }
      }
    }
  }
  return out;
}

AttentionRig::AttentionRig(const AttentionShape& shape, int pages, const VectorOps& ops, int threads)
    : shape_(shape), cache_({2, shape.kv_heads, shape.head_dim, pages}), ops_(ops), pool_(threads) {}

std::vector<float> AttentionRig::step(const std::vector<Piece>& pieces, const std::vector<PageCopy>& copies) {
  std::vector<float> qkv;
  std::vector<Segment> segments;
  int rows = 0;
  for (const Piece& piece : pieces) {
    const auto at = [&](int token) {
      return piece.sequence->qkv.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(token) * shape_.qkv());
    };
    qkv.insert(qkv.end(), at(piece.begin), at(piece.end));
    segments.push_back({rows, piece.end - piece.begin, piece.begin, piece.sequence->pages});
    rows += piece.end - piece.begin;
  }
  std::vector<float> out(static_cast<size_t>(rows) * shape_.out());
  rope_and_cache_write(pool_, ops_, qkv.data(), shape_.heads, shape_.frequencies(), segments, copies, cache_, 1);
  attention(pool_, ops_, qkv.data(), shape_.rule(), segments, cache_, 1, out.data());
  return out;
}

std::vector<float> AttentionRig::run(const Sequence& sequence, const std::vector<int>& sizes) {
  const int tokens = static_cast<int>(sequence.qkv.size() / shape_.qkv());
  std::vector<float> out;
  size_t steps = 0;
  for (int done = 0; done < tokens; ++steps) {
    const int end = std::min(tokens, done + sizes[std::min(steps, sizes.size() - 1)]);
    const std::vector<float> part = step({{&sequence, done, end}});
    out.insert(out.end(), part.begin(), part.end());
    done = end;
  }
  return out;
}

void AttentionRig::spoil(int page) {
  for (int head = 0; head < shape_.kv_heads; ++head) {
    std::fill_n(cache_.keys(1, head, page), 2 * kPageTokens * shape_.head_dim, std::numeric_limits<float>::quiet_NaN());
  }
}

}  // namespace assay::engine
