// Runs made up for the tests of comparisons, in a database that goes with the test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/store.h"
#include "tests/support/temporary_folder.h"

namespace assay::reports::testing {

// A likelihood question with two options, the first of them right.
struct MadeSample {
  std::string id;
  double score = 0;
  std::string subset = "";
  std::string cluster = "";
  double margin = 0;              // log-probability of the right option − that of the other
  std::string prompt = "prompt";  // its hash is stored
  bool answered = true;
};

// Every field that a manifest of this version has (tests/harness/compare_test.cc holds it against real runs).
store::Json full_manifest();

// `score_name`: "acc", or what else the samples' score is called; `metric` and `filter` as the run reports it.
struct MadeRun {
  std::vector<MadeSample> samples;
  store::Json manifest = full_manifest();
  std::string task = "mmlu";
  std::string score_name = "acc";
  std::string metric = "acc";
  std::string filter = "";
  std::string scorer_version = "multiple_choice/1";
};

class MadeStore {
 public:
  MadeStore() : store_(folder_ / "made.db", store::Store::Mode::kCreate) {}
  // A batch called `name` of these runs.
  std::vector<store::Run> add(const std::string& name, const std::vector<MadeRun>& runs);
  store::Run add(const std::string& name, const MadeRun& run) { return add(name, std::vector<MadeRun>{run}).front(); }
  store::Store& store() { return store_; }

 private:
  assay::testing::TemporaryFolder folder_;
  store::Store store_;
};

// Samples "q/0", "q/1", ... with these scores.
std::vector<MadeSample> scored(const std::vector<double>& scores);

}  // namespace assay::reports::testing
