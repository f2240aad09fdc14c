#include "scorers/statistics/davidson.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "base/error.h"
#include "scorers/statistics/davidson_pair.h"

namespace assay::scorers {
namespace {

struct Counts {
  const Matrix& wins;
  const Matrix& ties;

  size_t models() const { return wins.size(); }
  template <typename Visit>
  void for_pairs(Visit visit) const {
    for (size_t i = 0; i < models(); ++i) {
      for (size_t j = i + 1; j < models(); ++j) {
        if (wins[i][j] + wins[j][i] + ties[i][j] > 0) visit(i, j);
      }
    }
  }
};

void check(const Counts& counts) {
  const size_t n = counts.models();
  if (n < 2) fail_input("Davidson: {} models; give two or more", n);
  if (counts.ties.size() != n) fail_input("Davidson: {} rows of wins and {} of ties", n, counts.ties.size());
  for (size_t i = 0; i < n; ++i) {
    if (counts.wins[i].size() != n || counts.ties[i].size() != n) {
      fail_input("Davidson: row {} has {} wins and {} ties; give one for each of {} models", i, counts.wins[i].size(),
                 counts.ties[i].size(), n);
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double win = counts.wins[i][j];
      const double tie = counts.ties[i][j];
      if (!(win >= 0 && tie >= 0 && std::isfinite(win) && std::isfinite(tie))) {
        fail_input("Davidson: {} wins and {} ties of {} against {}; counts are 0 or more", win, tie, i, j);
      }
      if (i == j && win + tie > 0) fail_input("Davidson: model {} is compared with itself", i);
      if (tie != counts.ties[j][i])
        fail_input("Davidson: {} ties of {} with {}, {} back", tie, i, j, counts.ties[j][i]);
    }
  }
}

bool any(const Matrix& table) {
  return std::any_of(table.begin(), table.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(), [](double count) { return count > 0; });
  });
}

// The likelihood is concave in (log π, log ν), so that its maximum is finite and single unless it never falls in some
// direction (x, y): then no verdict seen may lose against another one of its pair. With x_i − x_j = d that is y <= d/2
// for every win of i over j, and y >= |d|/2 for every tie. Such a direction has y = 0 or, scaled, y = 1.
bool has_finite_maximum(const Counts& counts, bool has_ties) {
  const size_t n = counts.models();
  // y = 0: no win goes up and no tie anywhere. All x are then equal just where every model reaches every other.
  std::vector<std::vector<char>> reaches(n, std::vector<char>(n));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) reaches[i][j] = i == j || counts.wins[i][j] > 0 || counts.ties[i][j] > 0;
  }
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) reaches[i][j] |= reaches[i][k] & reaches[k][j];
    }
  }
  for (const auto& row : reaches) {
    if (std::count(row.begin(), row.end(), 0) > 0) return false;
  }
  if (!has_ties) return true;
  // y = 1: x_j <= x_i − 2 for wins, x_j <= x_i + 2 for ties. These can be met just where no cycle sums to less than 0
  // (Bellman and Ford): if lowering still goes on after n rounds there is one.
  std::vector<double> x(n);
  bool lowered = true;
  for (size_t round = 0; round <= n && lowered; ++round) {
    lowered = false;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        if (counts.wins[i][j] == 0 && counts.ties[i][j] == 0) continue;
        const double limit = x[i] + (counts.wins[i][j] > 0 ? -2 : 2);
        if (x[j] > limit) {
          x[j] = limit;
          lowered = true;
        }
      }
    }
  }
  return lowered;
}

// Log-likelihood at log π = at[0..n) and log ν = at[n] (none: no ties), its gradient and its information.
struct Likelihood {
  double value = 0;
  std::vector<double> gradient;
  Matrix information;
};

double log_nu_of(const Counts& counts, const std::vector<double>& at) {
  return at.size() > counts.models() ? at.back() : -std::numeric_limits<double>::infinity();
}

double term(double count, double chance) {
  return count > 0 ? count * std::log(chance) : 0;
}

Likelihood likelihood(const Counts& counts, const std::vector<double>& at) {
  const size_t size = at.size();
  const size_t nu = counts.models();
  Likelihood result{0, std::vector<double>(size), Matrix(size, std::vector<double>(size))};
  counts.for_pairs([&](size_t i, size_t j) {
    const DavidsonPair pair = davidson_pair(at[i] - at[j], log_nu_of(counts, at));
    const double win = counts.wins[i][j];
    const double tie = counts.ties[i][j];
    const double loss = counts.wins[j][i];
    const double all = win + tie + loss;
    result.value += term(win, pair.win) + term(tie, pair.tie) + term(loss, pair.loss);
    const double slope =
        win * pair.slope(Verdict::kWin) + tie * pair.slope(Verdict::kTie) + loss * pair.slope(Verdict::kLoss);
    result.gradient[i] += slope;
    result.gradient[j] -= slope;
    Matrix& information = result.information;
    information[i][i] += all * pair.information();
    information[j][j] += all * pair.information();
    information[i][j] -= all * pair.information();
    information[j][i] -= all * pair.information();
    if (size == nu) return;
    result.gradient[nu] += tie - all * pair.tie;
    information[nu][nu] += all * pair.information_of_tie();
    information[nu][i] += all * pair.information_with_tie();
    information[i][nu] += all * pair.information_with_tie();
    information[nu][j] -= all * pair.information_with_tie();
    information[j][nu] -= all * pair.information_with_tie();
  });
  return result;
}

// The generalised inverse for which log strengths sum to 0. The information does not see a common change of all
// strengths, v = (1, …, 1, 0): (I + s·vvᵀ)⁻¹ = I⁺ + vvᵀ/(s·n²).
std::optional<Matrix> covariance_of(const Counts& counts, const Matrix& information) {
  const size_t n = counts.models();
  double scale = 0;
  for (size_t i = 0; i < n; ++i) scale += information[i][i] / static_cast<double>(n * n);
  Matrix shifted = information;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) shifted[i][j] += scale;
  }
  std::optional<Matrix> inverse = positive_definite_inverse(shifted);
  if (!inverse) return std::nullopt;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) (*inverse)[i][j] -= 1 / (scale * static_cast<double>(n * n));
  }
  return inverse;
}

struct Maximum {
  std::vector<double> at;
  double value = 0;
  Matrix covariance;
};

// Newton's method, each step halved until the likelihood does not fall. What a step promises to gain is half its
// squared length in standard errors: once that is rounding, the step taken last is exact.
std::optional<Maximum> maximise(const Counts& counts, std::vector<double> at) {
  constexpr int kSteps = 200;
  Likelihood here = likelihood(counts, at);
  bool last = false;
  for (int step = 0; step < kSteps; ++step) {
    const std::optional<Matrix> covariance = covariance_of(counts, here.information);
    if (!covariance) return std::nullopt;
    if (last) return Maximum{at, here.value, *covariance};
    const std::vector<double> move = product(*covariance, here.gradient);
    const double gain = std::inner_product(move.begin(), move.end(), here.gradient.begin(), 0.0);
    const double noise = 1e-12 * (1 + std::abs(here.value));
    last = gain < 1e-6 * noise;
    for (double part = 1; part > 1e-12; part /= 2) {
      std::vector<double> next = at;
      for (size_t i = 0; i < at.size(); ++i) next[i] += part * move[i];
      Likelihood there = likelihood(counts, next);
      if (!(there.value >= here.value - noise)) continue;
      at = std::move(next);
      here = std::move(there);
      break;
    }
  }
  return std::nullopt;
}

}  // namespace

double Davidson::difference_stderr(size_t i, size_t j) const {
  return i == j ? 0 : std::sqrt(covariance[i][i] + covariance[j][j] - 2 * covariance[i][j]);
}

std::optional<Davidson> davidson(const Matrix& wins, const Matrix& ties) {
  const Counts counts{wins, ties};
  check(counts);
  const bool has_ties = any(ties);
  if (!has_finite_maximum(counts, has_ties)) return std::nullopt;

  const size_t n = counts.models();
  const std::optional<Maximum> maximum = maximise(counts, std::vector<double>(n + (has_ties ? 1 : 0)));
  if (!maximum) return std::nullopt;
  Davidson result;
  result.log_strength.assign(maximum->at.begin(), maximum->at.begin() + static_cast<std::ptrdiff_t>(n));
  for (size_t i = 0; i < n; ++i) {
    result.stderr_.push_back(std::sqrt(maximum->covariance[i][i]));
    result.elo.push_back(400 / std::numbers::ln10 * result.log_strength[i]);
  }
  result.log_nu = result.log_nu_stderr = std::numeric_limits<double>::quiet_NaN();
  if (has_ties) {
    result.log_nu = maximum->at[n];
    result.log_nu_stderr = std::sqrt(maximum->covariance[n][n]);
  }
  result.nu = std::exp(result.log_nu);
  result.log_likelihood = maximum->value;
  result.covariance = maximum->covariance;
  return result;
}

}  // namespace assay::scorers
