#include "tests/scorers/statistics/golden.h"

#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "base/file.h"

namespace assay::scorers {

Golden::Golden(const std::filesystem::path& folder, std::string file, double relative, double absolute)
    : file_(std::move(file)),
      cases_(nlohmann::json::parse(read_file(folder / file_))),
      relative_(relative),
      absolute_(absolute) {}

Golden::~Golden() {
  std::cout << fmt::format("{}: {} cases, {} values equal, largest relative deviation {:.1e}", file_, cases_.size(),
                           compared_, largest_);
  if (largest_share_ > 0) std::cout << fmt::format(", largest share of a Monte-Carlo tolerance {:.2f}", largest_share_);
  std::cout << "\n";
}

void Golden::equal(double ours, const nlohmann::json& reference, const std::string& what) {
  ++compared_;
  if (reference.is_null()) {
    EXPECT_TRUE(std::isnan(ours)) << what << ": " << ours;
    return;
  }
  const double expected = reference;
  const double deviation = std::abs(ours - expected);
  EXPECT_LE(deviation, std::max(relative_ * std::abs(expected), absolute_)) << what << ": " << ours;
  largest_ = std::max(largest_, deviation / std::max(std::abs(expected), absolute_ / relative_));
}

void Golden::equal(const Interval& ours, const nlohmann::json& reference, const std::string& what) {
  equal(ours.low, reference.at(0), what + " low");
  equal(ours.high, reference.at(1), what + " high");
}

void Golden::within(double ours, double reference, double allowed, const std::string& what) {
  ++compared_;
  EXPECT_LE(std::abs(ours - reference), allowed) << what << ": " << ours << " for " << reference;
  largest_share_ = std::max(largest_share_, std::abs(ours - reference) / allowed);
}

void Golden::same(bool ours, bool reference, const std::string& what) {
  ++compared_;
  EXPECT_EQ(ours, reference) << what;
}

}  // namespace assay::scorers
