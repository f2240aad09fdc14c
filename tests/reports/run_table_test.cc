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

TEST(Table, AlignsByColumnsOfTheTerminal) {
  Table table({"name", "n"});
  table.add({"東京", "10"});
  table.add({"e\u0301", "7"});
  table.add({"a\x1b[2J\n", "1"});
  EXPECT_EQ(table.text(), "name     n\n東京    10\ne\u0301        7\na\uFFFD[2J    1\n");
}

TEST(Table, NamesGiveWayToPicturesAndPicturesToNumbers) {
  const auto table_of = [](size_t name, size_t number) {
    Table table({"name", "n"});
    table.may_shorten(0, 20);
    table.add_pictures(5, 9, [](size_t columns) { return std::string(columns, '='); });
    table.add({std::string(name, 'x'), std::string(number, '1')},
              [](size_t columns) { return std::string(columns, '#'); });
    table.add_line("as it is");
    return table.text();
  };
  EXPECT_NE(table_of(4, 2).find("xxxx  11  #########\nas it is\n"), std::string::npos);
  EXPECT_NE(table_of(40, 50).find("xxxxxxxxxx…xxxxxxxxxx  " + std::string(50, '1') + "  #####"), std::string::npos)
      << "the name has twenty columns and one";
  EXPECT_EQ(table_of(40, 60).find('#'), std::string::npos);
  EXPECT_NE(table_of(40, 60).find("x…x"), std::string::npos);
  EXPECT_NE(table_of(40, 60).find(std::string(60, '1')), std::string::npos);
}

TEST(Table, AHeaderAboveLinesAloneIsLeftOut) {
  Table table({"name", "n"});
  EXPECT_EQ(table.text(), "name  n\n") << "and one above nothing says that there is nothing";
  table.add_line("a line");
  EXPECT_EQ(table.text(), "a line\n");
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
            "task and score  score  stderr   95 % interval    n  0 %             100 %\n"
            "mmlu acc        25.00    4.00  17.00 .. 33.00  114  ███▓▓░░             ▏\n");
}

TEST(RunTable, DetailsShowSubsetsAndWhatIsNotDefined) {
  EXPECT_EQ(run_details(made_run()),
            "run 3: night/mmlu, protocol lm_eval, done, 114 of 114 samples answered\n"
            "whole task  score  stderr   95 % interval    n  0 %             100 %\n"
            "acc         25.00    4.00  17.00 .. 33.00  114  ███▓▓░░             ▏\n"
            "acc by subset\n"
            "  virology  50.00       -  0.00 .. 100.00    1  ▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░▏\n");
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
