// Runs made up for the tests of comparisons, in a database that goes with the test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"
#include "tests/support/temporary_folder.h"

namespace assay::reports::testing {

// A likelihood question with two options, the first of them right; or an answer in words.
struct MadeSample {
  std::string id;
  double score = 0;
  std::string subset = "";
  std::string cluster = "";
  double margin = 0;  // log-probability of the right option − that of the other
  std::string prompt = "prompt";
  bool answered = true;
  // Of a generated answer: what the model wrote, and what was read out of it. Where `text` is empty the sample is a
  // likelihood question.
  std::string text = "";
  std::string extracted = "";
  std::string gold = "";
  std::optional<scorers::Execution> execution = std::nullopt;  // what became of it as a program
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
  bool scored = true;  // has metrics
};

class MadeStore {
 public:
  MadeStore() : store_(folder_ / "made.db", store::Store::Mode::kCreate) {}
  // A batch called `name` of these runs.
  std::vector<store::Run> add(const std::string& name, const std::vector<MadeRun>& runs);
  store::Run add(const std::string& name, const MadeRun& run) { return add(name, std::vector<MadeRun>{run}).front(); }
  // Of the batches that are added from now on. kRunning: this process runs them.
  void set_state(store::State state) { state_ = state; }
  void set_tags(const std::map<std::string, std::string>& tags) { tags_ = tags; }
  // The same; `started` is now.
  void set_sessions(const std::vector<store::ComputeSession>& sessions) { sessions_ = sessions; }
  store::Store& store() { return store_; }

 private:
  assay::testing::TemporaryFolder folder_;
  store::Store store_;
  store::State state_ = store::State::kDone;
  std::map<std::string, std::string> tags_;
  std::vector<store::ComputeSession> sessions_;
};

// Samples "q/0", "q/1", ... with these scores.
std::vector<MadeSample> scored(const std::vector<double>& scores);

}  // namespace assay::reports::testing
