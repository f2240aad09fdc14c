#include "reports/run_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reports/table.h"

namespace assay::reports {
namespace {

TEST(Table, AlignsByCodePoints) {
  Table table({"name", "n"});
  table.add({"é", "10"});
  table.add({"longer", "7"});
  EXPECT_EQ(table.text(), "name     n\né       10\nlonger   7\n");
}

store::Run made_run() {
  store::Run run;
  run.info.number = 3;
  run.info.batch = "night";
  run.info.task = "mmlu";
  run.info.protocol = "lm_eval";
  run.info.state = store::State::kDone;
  run.info.n = run.info.answered = 114;
  run.metrics = {{"acc", "", "", "micro", 0.25, 0.04, 0.17, 0.33, 114},
                 {"acc", "", "virology", "micro", 0.5, NAN, 0, 1, 1}};
  return run;
}

TEST(RunTable, ShowsTheWholeTaskInPercent) {
  EXPECT_EQ(runs_table({made_run()}),
            "task  metric  average  score  stderr   95 % interval    n\n"
            "mmlu  acc     micro    25.00    4.00  17.00 .. 33.00  114\n");
}

TEST(RunTable, DetailsShowSubsetsAndWhatIsNotDefined) {
  EXPECT_EQ(run_details(made_run()),
            "run 3: night/mmlu, protocol lm_eval, done, 114 of 114 samples answered\n"
            "subset    metric  average  score  stderr   95 % interval    n\n"
            "all       acc     micro    25.00    4.00  17.00 .. 33.00  114\n"
            "virology  acc     micro    50.00       -  0.00 .. 100.00    1\n");
}

TEST(RunTable, ProgramsThatWereNotExecutedAreCalledThat) {
  store::Run run = made_run();
  run.metrics.clear();
  run.scorer_version = "code/2";
  EXPECT_NE(runs_table({run}).find("114 answers, not executed"), std::string::npos);
}

TEST(RunTable, AnInterruptedRunSaysHowFarItCame) {
  store::Run run = made_run();
  run.metrics.clear();
  run.info.state = store::State::kInterrupted;
  run.info.answered = 20;
  EXPECT_NE(runs_table({run}).find("interrupted: 20 of 114 answered"), std::string::npos);
}

}  // namespace
}  // namespace assay::reports
