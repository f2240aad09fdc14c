// How much two runs of a task differ sample by sample: what decides how small a difference a comparison can see.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::harness {

// Of the differences between two models' scores of one sample.
struct Spread {
  bool binary = true;              // scores are 0 or 1
  double discordance = 0;          // share of samples whose scores differ
  double deviation = 0;            // standard deviation of the differences
  double correlation = 0;          // of the differences within a cluster; 0 where there are none
  std::string source;              // "seen", "given" or "assumed"
  std::vector<std::string> pairs;  // "seen": the compared runs, "A/mmlu and B/mmlu"
};

// What is assumed where nothing is known: one sample in ten.
inline constexpr double kAssumedDiscordance = 0.10;

// The spread of 0/1 scores of which `discordance` differ.
Spread spread_of_discordance(double discordance, const std::string& source);

// From the runs of a task and protocol that the database holds: of the newest four finished ones with different
// weights, every two that have 20 samples or more in common are compared (by the scorer's first score; several answers
// to an item count as their mean), and the pair with the median discordance is taken. None where there is no such pair,
// or no database. Errors of the store, but for a file that is not there.
std::optional<Spread> seen_spread(const std::filesystem::path& database, const std::string& task,
                                  const std::string& protocol, const std::string& score);

}  // namespace assay::harness
