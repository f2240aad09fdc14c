// Small dense symmetric matrices: what likelihoods with a handful of parameters need.
#pragma once

#include <optional>
#include <vector>

namespace assay::scorers {

using Matrix = std::vector<std::vector<double>>;  // rows

// The inverse of a symmetric matrix by Cholesky's factors (A. Benoit 1924); only the lower triangle is read. None where
// the matrix is not positive definite. Requires a square matrix.
std::optional<Matrix> positive_definite_inverse(Matrix matrix);

std::vector<double> product(const Matrix& matrix, const std::vector<double>& vector);

}  // namespace assay::scorers
