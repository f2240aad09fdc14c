#include "engine/device/cpu/routing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "engine/device/cpu/parallel_rows.h"
#include "engine/device/cpu/vec_ops.h"

namespace assay::engine {
namespace {

// The experts of one row and their weights, best first.
void choose(const VectorOps& ops, const float* logits, int experts, int choices, int* chosen, float* weights) {
  const size_t n = static_cast<size_t>(choices);
  if (std::any_of(logits, logits + experts, [](float logit) { return std::isnan(logit); })) {
    std::iota(chosen, chosen + n, 0);
    std::fill_n(weights, n, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  std::vector<int> order(static_cast<size_t>(experts));
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + choices, order.end(),
                    [&](int a, int b) { return logits[a] > logits[b] || (logits[a] == logits[b] && a < b); });
  std::copy_n(order.begin(), n, chosen);
  std::transform(chosen, chosen + n, weights, [&](int expert) { return logits[expert]; });
  const double sum = ops.sum_of_exp(weights, choices, weights[0], 1, weights);
  for (size_t i = 0; i < n; ++i) weights[i] = static_cast<float>(double{weights[i]} / sum);
}

}  // namespace

CpuRouting::CpuRouting(ThreadPool& pool, const VectorOps& ops, const float* logits, RowCount rows, int experts,
                       int choices)
    : rows_(rows.total()), choices_(choices) {
  if (choices < 1 || choices > experts) fail(ExitCode::kInternal, "{} choices of {} experts", choices, experts);
  const size_t total = static_cast<size_t>(rows_) * static_cast<size_t>(choices);
  std::vector<int> chosen(total);
  weights_.resize(total);
  parallel_rows(pool, rows_, 8 * static_cast<size_t>(experts), [&](int begin, int end) {
    for (int row = begin; row < end; ++row) {
      choose(ops, logits + static_cast<size_t>(row) * static_cast<size_t>(experts), experts, choices,
             &chosen[index(row, 0)], &weights_[index(row, 0)]);
    }
  });
  places_ = order_places(chosen, rows, experts);
}

void gather_places(ThreadPool& pool, const float* x, int cols, const CpuRouting& routing, float* out) {
  gather_rows(pool, x, cols, routing.place_rows(), out);
}

void combine_places(ThreadPool& pool, const float* x, int cols, const CpuRouting& routing, float* out) {
  const size_t n = static_cast<size_t>(cols);
  parallel_rows(pool, routing.rows(), n * static_cast<size_t>(routing.choices()), [&](int begin, int end) {
    std::vector<float> sum(n);
    for (int row = begin; row < end; ++row) {
      for (int choice = 0; choice < routing.choices(); ++choice) {
        const float weight = routing.weight(row, choice);
        const float* place = x + static_cast<size_t>(routing.place(row, choice)) * n;
        for (size_t i = 0; i < n; ++i) sum[i] = choice == 0 ? weight * place[i] : sum[i] + weight * place[i];
      }
      float* to = out + static_cast<size_t>(row) * n;
      for (size_t i = 0; i < n; ++i) to[i] += sum[i];
    }
  });
}

}  // namespace assay::engine
