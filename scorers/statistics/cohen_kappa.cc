#include "scorers/statistics/cohen_kappa.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace assay::scorers {
namespace {

double checked_total(const Matrix& table) {
  if (table.size() < 2) fail_input("Cohen's kappa: {} categories; give two or more", table.size());
  double total = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i].size() != table.size()) {
      fail_input("Cohen's kappa: row {} has {} of {} categories", i, table[i].size(), table.size());
    }
    for (const double count : table[i]) {
      if (!(count >= 0 && std::isfinite(count))) fail_input("Cohen's kappa: count {}; give 0 or more", count);
      total += count;
    }
  }
  if (!(total > 0 && std::isfinite(total))) fail_input("Cohen's kappa: {} items; give at least one", total);
  return total;
}

double agreement(size_t i, size_t j, size_t categories, KappaWeights weights) {
  const double apart = std::abs(static_cast<double>(i) - static_cast<double>(j)) / static_cast<double>(categories - 1);
  switch (weights) {
    case KappaWeights::kNone:
      return i == j ? 1 : 0;
    case KappaWeights::kLinear:
      return 1 - apart;
    case KappaWeights::kQuadratic:
      return 1 - apart * apart;
  }
  return 0;
}

}  // namespace

CohenKappa cohen_kappa(const Matrix& table, KappaWeights weights) {
  const double total = checked_total(table);
  const size_t n = table.size();
  std::vector<double> rows(n);
  std::vector<double> columns(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      rows[i] += table[i][j] / total;
      columns[j] += table[i][j] / total;
    }
  }
  CohenKappa result;
  std::vector<double> row_weight(n);  // mean agreement of a row's category with the other judgement's, by chance
  std::vector<double> column_weight(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double w = agreement(i, j, n, weights);
      result.agreement += w * table[i][j] / total;
      result.by_chance += w * rows[i] * columns[j];
      row_weight[i] += w * columns[j];
      column_weight[j] += w * rows[i];
    }
  }
  const double beyond = 1 - result.by_chance;
  if (!(beyond > 1e-15)) {
    result.kappa = result.stderr_ = result.stderr_null = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  result.kappa = (result.agreement - result.by_chance) / beyond;
  double squares = 0;
  double squares_null = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double w = agreement(i, j, n, weights);
      const double by_margin = row_weight[i] + column_weight[j];
      const double off = w - by_margin * (1 - result.kappa);
      squares += table[i][j] / total * off * off;
      squares_null += rows[i] * columns[j] * (w - by_margin) * (w - by_margin);
    }
  }
  const double centre = result.kappa - result.by_chance * (1 - result.kappa);
  const double scale = std::sqrt(total) * beyond;
  result.stderr_ = std::sqrt(std::max(squares - centre * centre, 0.0)) / scale;
  result.stderr_null = std::sqrt(std::max(squares_null - result.by_chance * result.by_chance, 0.0)) / scale;
  return result;
}

}  // namespace assay::scorers
