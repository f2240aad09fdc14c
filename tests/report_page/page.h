// What the tests of the report's page share: one browser for all of them, and reports to look at.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "reports/report.h"
#include "store/store.h"
#include "tests/rating_page/browser.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {

class ReportPage : public ::testing::Test {
 protected:
  void SetUp() override;

  // Writes the file and opens it at `page` ("samples/3"), until it can be used.
  void open(const std::string& html, const std::string& page = "overview");
  void go_to(const std::string& page);

  // Nothing was complained about or refused, and nothing was asked for but the file itself.
  void expect_clean();

  static Browser& browser();

 private:
  TemporaryFolder folder_;
  int opened_ = 0;
};

// Two models on three tasks against a baseline and a margin, six checkpoints with steps: every page has something. Made
// once; a small one has 40 questions a task.
const std::string& telling_html();
const std::string& small_html();

// Twelve programs, and the same with four that no longer pass: a timeout, a crash, too much memory, a wrong answer.
std::string programs_html();

// Two runs of `samples` questions each, one compared with the other.
std::string long_html(int samples);

}  // namespace assay::testing
