// Comparison with a file of golden/statistics: counts what was compared and keeps the largest deviation.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "scorers/statistics/normal_interval.h"
#include "tests/support/golden.h"

namespace assay::scorers {

class Golden {
 public:
  // Values agree to `relative` of the reference, or to `absolute` near 0 (the golden folder's README).
  Golden(const std::filesystem::path& folder, std::string file, double relative = 1e-9, double absolute = 1e-12);
  // Prints "mcnemar.json: 21 cases, 126 values equal, largest relative deviation 3e-14".
  ~Golden();
  Golden(const Golden&) = delete;
  Golden& operator=(const Golden&) = delete;

  const nlohmann::json& cases() const { return cases_; }
  // `reference` null: ours must be NaN.
  void equal(double ours, const nlohmann::json& reference, const std::string& what);
  void equal(const Interval& ours, const nlohmann::json& reference, const std::string& what);
  // A Monte-Carlo value with its own allowed difference; the deviation printed is the share of it.
  void within(double ours, double reference, double allowed, const std::string& what);
  void same(bool ours, bool reference, const std::string& what);
  int compared() const { return compared_; }

 private:
  std::string file_;
  nlohmann::json cases_;
  double relative_;
  double absolute_;
  int compared_ = 0;
  double largest_ = 0;
  double largest_share_ = 0;
};

}  // namespace assay::scorers
