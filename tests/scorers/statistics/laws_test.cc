// The normal, t, beta and binomial laws against closed forms and published quantiles, and what they refuse.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "base/error.h"
#include "scorers/statistics/binomial.h"
#include "scorers/statistics/clopper_pearson_interval.h"
#include "scorers/statistics/incomplete_beta.h"
#include "scorers/statistics/normal.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

void expect_relative(double ours, double expected, double relative, const std::string& what) {
  EXPECT_LE(std::abs(ours - expected), relative * std::abs(expected)) << what << ": " << ours << " for " << expected;
}

TEST(Normal, QuantilesOfTheTables) {
  const struct {
    double p, z;
  } cases[] = {
      {0.5, 0},
      {0.75, 0.6744897501960817},
      {0.95, 1.6448536269514722},
      {0.975, 1.959963984540054},
      {0.995, 2.5758293035489004},
      {0.025, -1.959963984540054},
      {1e-9, -5.9978070150076865},
  };
  for (const auto& c : cases) EXPECT_NEAR(normal_quantile(c.p), c.z, 2e-14) << c.p;
  EXPECT_EQ(normal_quantile(0), -kInfinity);
  EXPECT_EQ(normal_quantile(1), kInfinity);
}

TEST(Normal, QuantileAndDistributionAreInverse) {
  for (double p = 1e-300; p < 1; p *= 3) {
    if (p > 0.4) p += 0.1;
    if (p >= 1) break;
    // ln Φ changes by about z² when z changes by a relative 1: far out that is what rounding z costs.
    const double z = normal_quantile(p);
    expect_relative(normal_cdf(z), p, 4e-16 * (4 + z * z), fmt::format("p = {}", p));
  }
}

TEST(StudentT, AgreesWithTheClosedForms) {
  for (const double t : {1e-9, 0.01, 0.5, 1.0, 2.0, 12.7, 1e3, 1e8, 1e150}) {
    const std::string what = fmt::format("t = {}", t);
    // One degree is Cauchy's law, two and three have closed forms as well.
    expect_relative(student_upper_tail(t, 1), std::atan2(1, t) / std::numbers::pi, 1e-13, what);
    const double root = std::sqrt(2 + t * t);
    if (t < 1e100) expect_relative(student_upper_tail(t, 2), 1 / (root * (root + t)), 1e-13, what);
    EXPECT_NEAR(student_upper_tail(-t, 1), 1 - student_upper_tail(t, 1), 1e-15) << what;
  }
  EXPECT_EQ(student_upper_tail(0, 7), 0.5);
  EXPECT_EQ(student_upper_tail(1e160, 3), 0);  // t² overflows
  EXPECT_EQ(student_upper_tail(kInfinity, 3), 0);
  EXPECT_EQ(student_upper_tail(-kInfinity, 3), 1);
  EXPECT_EQ(student_upper_tail(1.5, kNormalLaw), normal_cdf(-1.5));
  expect_relative(student_upper_tail(3, 1e9), normal_cdf(-3), 1e-7, "a billion degrees");
}

TEST(StudentT, QuantilesOfTheTables) {
  const struct {
    double p, freedom, t;
  } cases[] = {
      {0.975, 1, 12.706204736174698},         {0.975, 2, 4.302652729749464},    {0.975, 10, 2.2281388519862735},
      {0.95, 30, 1.6972608865939574},         {0.025, 10, -2.2281388519862735}, {0.5, 4, 0},
      {0.975, kNormalLaw, 1.959963984540054},
  };
  for (const auto& c : cases) EXPECT_NEAR(student_quantile(c.p, c.freedom), c.t, 1e-12) << c.p << " " << c.freedom;
  for (const double p : {1e-30, 1e-6, 0.2, 0.49}) {
    for (const double freedom : {0.5, 1.0, 3.0, 39.0, 14041.0, 1e6}) {
      const double t = student_quantile(p, freedom);
      expect_relative(student_upper_tail(-t, freedom), p, 1e-11, fmt::format("p = {}, {} degrees", p, freedom));
    }
  }
}

TEST(IncompleteBeta, AgreesWithTheClosedForms) {
  for (const double x : {1e-12, 0.003, 0.2, 0.5, 0.77, 0.9999}) {
    for (const double a : {0.5, 1.0, 2.5, 40.0, 7000.0}) {
      const std::string what = fmt::format("x = {}, a = {}", x, a);
      if (std::pow(x, a) > 1e-290) expect_relative(incomplete_beta(a, 1, x, 1 - x), std::pow(x, a), 1e-12, what);
      EXPECT_NEAR(incomplete_beta(1, a, x, 1 - x), -std::expm1(a * std::log1p(-x)), 1e-13) << what;
      EXPECT_NEAR(incomplete_beta(a, 3, x, 1 - x) + incomplete_beta(3, a, 1 - x, x), 1, 1e-13) << what;
      EXPECT_NEAR(incomplete_beta(a, a, 0.5, 0.5), 0.5, 1e-13) << what;
      EXPECT_NEAR(beta_quantile(a, 1, x), std::pow(x, 1 / a), 1e-13) << what;
    }
  }
  EXPECT_EQ(incomplete_beta(2, 3, 0, 1), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1, 0), 1);
  EXPECT_EQ(beta_quantile(2, 3, 0), 0);
  EXPECT_EQ(beta_quantile(2, 3, 1), 1);
}

TEST(Binomial, AgreesWithCountingSubsets) {
  for (int n = 0; n <= 20; ++n) {
    double choose = 1;
    double below = 0;
    for (int k = 0; k <= n; ++k) {
      const double density = choose * std::pow(0.3, k) * std::pow(0.7, n - k);
      below += density;
      const std::string what = fmt::format("{} of {}", k, n);
      expect_relative(binomial_density(k, n, 0.3, 0.7), density, 1e-13, what);
      expect_relative(binomial_lower_tail(k, n, 0.3), below, 1e-13, what);
      choose = choose * (n - k) / (k + 1);
    }
  }
  EXPECT_EQ(binomial_lower_tail(-1, 5, 0.5), 0);
  EXPECT_EQ(binomial_lower_tail(2, 5, 0), 1);
  EXPECT_EQ(binomial_lower_tail(2, 5, 1), 0);
  EXPECT_EQ(binomial_density(0, 5, 0, 1), 1);
  EXPECT_EQ(binomial_density(5, 5, 1, 0), 1);
  EXPECT_EQ(binomial_density(4, 5, 1, 0), 0);
  // The binomial tail is a beta function: two ways that share only the density.
  for (const int64_t n : {50, 3'000, 2'000'000}) {
    for (const double share : {0.28, 0.3, 0.31}) {
      const int64_t k = static_cast<int64_t>(share * static_cast<double>(n));
      const double rest = static_cast<double>(n - k);
      expect_relative(binomial_lower_tail(k, n, 0.3), incomplete_beta(rest, static_cast<double>(k + 1), 0.7, 0.3), 1e-9,
                      fmt::format("{} of {}", k, n));
    }
  }
}

TEST(ClopperPearson, ContainsTheTailsItPromises) {
  for (const int64_t n : {1, 2, 7, 40}) {
    for (int64_t k = 0; k <= n; ++k) {
      const Interval i = clopper_pearson_interval(k, n, 0.9);
      // What is as extreme as k has half the error at each limit; at an end there is nothing beyond.
      EXPECT_NEAR(1 - binomial_lower_tail(k - 1, n, i.low), k > 0 ? 0.05 : 1, 1e-12) << k << " of " << n;
      EXPECT_NEAR(binomial_lower_tail(k, n, i.high), k < n ? 0.05 : 1, 1e-12) << k << " of " << n;
      EXPECT_EQ(i.low == 0, k == 0);
      EXPECT_EQ(i.high == 1, k == n);
    }
  }
}

TEST(Laws, RefuseWhatIsNoProbability) {
  const struct {
    const char* what;
    std::function<void()> call;
  } cases[] = {
      {"normal NaN", [] { normal_quantile(kNan); }},
      {"normal below 0", [] { normal_quantile(-0.1); }},
      {"normal above 1", [] { normal_quantile(1.1); }},
      {"t NaN", [] { student_upper_tail(kNan, 3); }},
      {"t without freedom", [] { student_upper_tail(1, 0); }},
      {"t NaN freedom", [] { student_upper_tail(1, kNan); }},
      {"t quantile 0", [] { student_quantile(0, 3); }},
      {"t quantile 1", [] { student_quantile(1, 3); }},
      {"t quantile NaN", [] { student_quantile(kNan, 3); }},
      {"t quantile without freedom", [] { student_quantile(0.5, 0); }},
      {"beta a", [] { incomplete_beta(0, 1, 0.5, 0.5); }},
      {"beta b", [] { incomplete_beta(1, -1, 0.5, 0.5); }},
      {"beta infinite", [] { incomplete_beta(kInfinity, 1, 0.5, 0.5); }},
      {"beta x", [] { incomplete_beta(1, 1, 1.5, -0.5); }},
      {"beta NaN", [] { incomplete_beta(1, 1, kNan, kNan); }},
      {"beta quantile", [] { beta_quantile(1, 1, 2); }},
      {"binomial n", [] { binomial_lower_tail(0, -1, 0.5); }},
      {"binomial p", [] { binomial_lower_tail(0, 1, kNan); }},
      {"interval of none", [] { clopper_pearson_interval(0, 0); }},
      {"interval k", [] { clopper_pearson_interval(3, 2); }},
      {"interval level", [] { clopper_pearson_interval(1, 2, 1); }},
  };
  for (const auto& c : cases) {
    try {
      c.call();
      ADD_FAILURE() << c.what;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kBadInput) << c.what;
    }
  }
}

}  // namespace
}  // namespace assay::scorers
