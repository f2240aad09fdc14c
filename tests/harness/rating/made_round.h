// A small world to rate in: a sealed set, a database with runs over it, and what the server needs of both.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/rating/desk.h"
#include "harness/rating/round.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {

struct MadeShape {
  int categories = 2;
  int prompts = 10;  // of each category
  int runs = 2;
  // The answer of a run, counted from 0, to a prompt; empty: made_answer().
  std::function<std::string(int run, const std::string& prompt)> answer = {};
  // Prompts that the last run has not answered.
  int unanswered = 0;
};

// Tells run and prompt to who computes it, and nobody else.
std::string made_answer(int run, const std::string& prompt);
// "hush-model-1/preference", as the option --runs takes it: a name that must not reach a browser.
std::string made_run(int run);
std::string made_run_names(int runs);  // joined by commas

class MadeRound {
 public:
  explicit MadeRound(const MadeShape& shape = {});

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  std::filesystem::path database() const { return folder_ / "assay.db"; }
  std::filesystem::path set_file() const { return folder_ / "made.sealed"; }
  std::filesystem::path passphrase_file() const { return folder_ / "passphrase"; }
  datasets::OpenedSet open() const;

  // Begins the round "spring" over all runs, or the one that `request` names.
  harness::OpenedRound begin(harness::RoundRequest request = {}) const;
  // Adds a rater to a round; returns the link's token.
  std::string add_rater(const store::Round& round, const std::string& name) const;

  // `assay preference serve` with the set and the database; more options behind.
  std::vector<std::string> serve_arguments(std::vector<std::string> more) const;

 private:
  TemporaryFolder folder_;
  int runs_ = 0;
};

}  // namespace assay::testing
