#include "scorers/statistics/positive_definite.h"

#include <cmath>
#include <numeric>

namespace assay::scorers {
namespace {

// L with LLᵀ = A, in place of A's lower triangle.
bool factor(Matrix& a) {
  for (size_t j = 0; j < a.size(); ++j) {
    for (size_t i = j; i < a.size(); ++i) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      if (i == j && !(sum > 0 && std::isfinite(sum))) return false;
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  return true;
}

}  // namespace

std::optional<Matrix> positive_definite_inverse(Matrix matrix) {
  if (!factor(matrix)) return std::nullopt;
  const Matrix& l = matrix;
  const size_t n = matrix.size();
  Matrix inverse(n, std::vector<double>(n));
  for (size_t column = 0; column < n; ++column) {
    std::vector<double> x(n);
    for (size_t i = column; i < n; ++i) {
      double sum = i == column ? 1 : 0;
      for (size_t k = column; k < i; ++k) sum -= l[i][k] * x[k];
      x[i] = sum / l[i][i];
    }
    for (size_t i = n; i-- > 0;) {
      for (size_t k = i + 1; k < n; ++k) x[i] -= l[k][i] * x[k];
      x[i] /= l[i][i];
    }
    for (size_t i = 0; i < n; ++i) inverse[i][column] = x[i];
  }
  return inverse;
}

std::vector<double> product(const Matrix& matrix, const std::vector<double>& vector) {
  std::vector<double> result;
  for (const std::vector<double>& row : matrix) {
    result.push_back(std::inner_product(row.begin(), row.end(), vector.begin(), 0.0));
  }
  return result;
}

}  // namespace assay::scorers
