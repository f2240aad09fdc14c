// What is read out of logits: log-probabilities and the next token.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/random.h"
#include "engine/device/cpu/ops.h"
#include "engine/device/cpu/parallel_rows.h"
#include "engine/device/cpu/vec_ops.h"

namespace assay::engine {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

LogProbability log_probability(const float* row, const RowMaximum& top, double log_sum, TokenId token) {
  const float logit = row[token];
  LogProbability result;
  result.logprob = static_cast<float>(double{logit} - double{top.value} - log_sum);
  result.best = static_cast<float>(-log_sum);
  result.is_argmax = logit == top.value && std::find(row, row + token, top.value) == row + token;
  return result;
}

// Targets of one row.
void gather(const VectorOps& ops, const float* row, int vocab, std::span<const Target> targets, LogProbability* out) {
  const RowMaximum top = ops.maximum(row, vocab);
  if (top.any_nan || !std::isfinite(top.value)) {
    std::fill_n(out, targets.size(), LogProbability{kNan, false});
    return;
  }
  const double log_sum = std::log(ops.sum_of_exp(row, vocab, top.value, 1, nullptr));
  for (const Target& target : targets) *out++ = log_probability(row, top, log_sum, target.token);
}

// A token and its weight, which is its probability times a constant of the row. As one number whose ascending order is
// that of descending weight and then ascending token: weights are not negative, so their representations are ordered.
class Candidate {
 public:
  Candidate() = default;
  Candidate(float weight, TokenId token)
      : key_(uint64_t{~std::bit_cast<uint32_t>(weight)} << 32 | static_cast<uint32_t>(token)) {}
  double weight() const { return double{std::bit_cast<float>(~static_cast<uint32_t>(key_ >> 32))}; }
  TokenId token() const { return static_cast<TokenId>(key_); }
  bool operator<(const Candidate& other) const { return key_ < other.key_; }

 private:
  uint64_t key_ = 0;
};

// Candidates in their order - probability descending, then token - sorted only as far as somebody looks: most draws end
// within the first few of 128,000.
class SortedCandidates {
 public:
  explicit SortedCandidates(std::vector<Candidate> candidates) : candidates_(std::move(candidates)) {}
  size_t size() const { return candidates_.size(); }
  const Candidate& at(size_t i) {
    while (i >= sorted_) {
      const size_t chunk = std::min(candidates_.size() - sorted_, std::max<size_t>(64, 3 * sorted_));
      const auto begin = candidates_.begin() + static_cast<ptrdiff_t>(sorted_);
      const auto end = begin + static_cast<ptrdiff_t>(chunk);
      if (end != candidates_.end()) std::nth_element(begin, end, candidates_.end());
      std::sort(begin, end);
      sorted_ += chunk;
    }
    return candidates_[i];
  }

 private:
  std::vector<Candidate> candidates_;
  size_t sorted_ = 0;
};

// Holtzman et al. 2020, §3.1: the smallest set of most probable tokens whose probabilities reach top_p, renormalised.
TokenId draw_from_nucleus(const std::vector<float>& weights, double total, double top_p, double uniform) {
  const double wanted = top_p >= 1 ? total : top_p * total;
  // Tokens at or below this weight cannot be needed: all of them together weigh at most total - wanted.
  const double needless = top_p >= 1 ? 0 : (total - wanted) / static_cast<double>(weights.size()) * (1 - 1e-9);
  std::vector<Candidate> kept;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (double{weights[i]} > needless) kept.emplace_back(weights[i], static_cast<TokenId>(i));
  }
  SortedCandidates sorted(std::move(kept));
  double nucleus = total;
  if (top_p < 1) {
    nucleus = 0;
    for (size_t i = 0; i < sorted.size() && (i == 0 || nucleus < wanted); ++i) nucleus += sorted.at(i).weight();
  }
  double left = uniform * nucleus;
  size_t i = 0;
  while (i + 1 < sorted.size() && left >= sorted.at(i).weight()) left -= sorted.at(i++).weight();
  return sorted.at(i).token();
}

TokenId next_token(const VectorOps& ops, const float* row, int vocab, const Device::Draw& draw,
                   std::vector<float>& weights) {
  const Sampling& sampling = draw.sampling;
  const RowMaximum top = ops.maximum(row, vocab);
  if (top.any_nan || !std::isfinite(top.value)) return -1;
  const float factor = static_cast<float>(1 / sampling.temperature);
  // A temperature so small that its inverse is infinite is greedy decoding too.
  if (!(sampling.temperature > 0) || !std::isfinite(factor)) {
    return static_cast<TokenId>(std::find(row, row + vocab, top.value) - row);
  }
  weights.resize(static_cast<size_t>(vocab));
  const double total = ops.sum_of_exp(row, vocab, top.value, factor, weights.data());
  const double uniform = uniform_at(sampling.seed, sampling.sample_key, sampling.repeat, draw.position);
  return draw_from_nucleus(weights, total, sampling.top_p, uniform);
}

}  // namespace

void log_softmax_and_gather(ThreadPool& pool, const VectorOps& ops, const float* logits, int rows, int vocab,
                            std::span<const Target> targets, std::span<LogProbability> out) {
  std::vector<size_t> firsts;  // targets that begin another row
  for (size_t i = 0; i < targets.size(); ++i) {
    const Target& target = targets[i];
    if (target.row < 0 || target.row >= rows || target.token < 0 || target.token >= vocab) {
      fail(ExitCode::kInternal, "target token {} of row {} in logits ({}, {})", target.token, target.row, rows, vocab);
    }
    if (i == 0 || target.row != targets[i - 1].row) firsts.push_back(i);
  }
  firsts.push_back(targets.size());
  parallel_rows(pool, static_cast<int>(firsts.size()) - 1, static_cast<size_t>(vocab), [&](int begin, int end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const std::span<const Target> of_row = targets.subspan(firsts[i], firsts[i + 1] - firsts[i]);
      const float* row = logits + static_cast<size_t>(of_row[0].row) * static_cast<size_t>(vocab);
      gather(ops, row, vocab, of_row, out.data() + firsts[i]);
    }
  });
}

void sample(ThreadPool& pool, const VectorOps& ops, const float* logits, int rows, int vocab,
            std::span<const Device::Draw> draws, std::span<TokenId> out) {
  parallel_rows(pool, rows, static_cast<size_t>(vocab), [&](int begin, int end) {
    std::vector<float> weights;
    for (size_t row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      out[row] = next_token(ops, logits + row * static_cast<size_t>(vocab), vocab, draws[row], weights);
    }
  });
}

}  // namespace assay::engine
