#include "scorers/statistics/binomial.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace assay::scorers {
namespace {

// ln Γ(n+1) − ln( √(2πn) · (n/e)^n ): Stirling's series from 15 on, below it carried down by Γ(n+2) = (n+1)·Γ(n+1).
double stirling_error(double n) {
  double carried = 0;
  for (; n < 15; ++n) carried += (n + 0.5) * std::log1p(1 / n) - 1;
  const double r = 1 / (n * n);
  const double series = 1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188))));
  return carried + series / n;
}

// x·ln(x/m) + m − x, without the cancellation where x is close to m.
double deviance(double x, double m) {
  if (std::abs(x - m) >= 0.1 * (x + m)) return x * std::log(x / m) + m - x;
  const double v = (x - m) / (x + m);
  double sum = (x - m) * v;
  double power = 2 * x * v;
  for (int j = 1;; ++j) {
    power *= v * v;
    const double next = sum + power / (2 * j + 1);
    if (next == sum) return sum;
    sum = next;
  }
}

// P(X <= k) for k below the mean: the terms shrink from k downwards.
double falling_sum(int64_t k, int64_t n, double p, double q) {
  double term = binomial_density(static_cast<double>(k), static_cast<double>(n), p, q);
  double sum = term;
  for (int64_t i = k; i > 0 && term > 1e-18 * sum; --i) {
    term *= static_cast<double>(i) / static_cast<double>(n - i + 1) * q / p;
    sum += term;
  }
  return sum;
}

}  // namespace

double binomial_density(double k, double n, double p, double q) {
  if (p == 0) return k == 0 ? 1 : 0;
  if (q == 0) return k == n ? 1 : 0;
  if (k == 0) return std::exp(n * (p < 0.5 ? std::log1p(-p) : std::log(q)));
  if (k == n) return std::exp(n * (q < 0.5 ? std::log1p(-q) : std::log(p)));
  const double log_scale = stirling_error(n) - stirling_error(k) - stirling_error(n - k);
  return std::exp(log_scale - deviance(k, n * p) - deviance(n - k, n * q)) *
         std::sqrt(n / (2 * std::numbers::pi * k * (n - k)));
}

double binomial_lower_tail(int64_t k, int64_t n, double p) {
  if (n < 0 || !(p >= 0 && p <= 1)) {
    fail_input("binomial tail: n = {}, p = {}; give n >= 0 and 0 <= p <= 1", n, p);
  }
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (p == 0) return 1;
  if (p == 1) return 0;
  if (static_cast<double>(k) < static_cast<double>(n) * p) return std::min(falling_sum(k, n, p, 1 - p), 1.0);
  return 1 - falling_sum(n - k - 1, n, 1 - p, p);
}

}  // namespace assay::scorers
