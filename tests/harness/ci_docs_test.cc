// The steps of docs/ci.md work as they are printed: each block is run by bash, with a tiny model.
#include <gtest/gtest.h>

#include <iostream>

#include "base/text.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

size_t indent_of(std::string_view line) {
  const size_t indent = line.find_first_not_of(' ');
  return indent == std::string_view::npos ? 0 : indent;
}

// The commands of one block of YAML: `run: command`, `run: |` with the lines below it, and the items of `script:`.
std::vector<std::string> steps_of(const std::vector<std::string>& lines) {
  std::vector<std::string> steps;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line(python_strip(lines[i]));
    const size_t run = line.find("run: ");
    if (line == "script:") {
      for (; i + 1 < lines.size() && python_strip(lines[i + 1]).starts_with("- "); ++i) {
        steps.emplace_back(python_strip(lines[i + 1]).substr(2));
      }
    } else if (run != std::string::npos && line.substr(run) == "run: |") {
      std::string step;
      const size_t indent = indent_of(lines[i]);
      for (; i + 1 < lines.size() && (indent_of(lines[i + 1]) > indent || lines[i + 1].empty()); ++i) {
        step += lines[i + 1] + "\n";
      }
      steps.push_back(step);
    } else if (run != std::string::npos) {
      steps.push_back(line.substr(run + 5));
    }
  }
  return steps;
}

// The fenced blocks of YAML in a page, each as its steps.
std::vector<std::vector<std::string>> blocks_of(const std::string& page) {
  std::vector<std::vector<std::string>> blocks;
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string_view line : split_lines(page)) {
    if (line == "```yaml") {
      inside = true;
    } else if (inside && line == "```") {
      blocks.push_back(steps_of(lines));
      lines.clear();
      inside = false;
    } else if (inside) {
      lines.emplace_back(line);
    }
  }
  return blocks;
}

class CiDocs : public ::testing::Test {
 protected:
  Outcome run(const std::string& step) {
    Launch launch;
    launch.arguments = {"-eo", "pipefail", "-c", step};
    launch.folder = folder_.path();
    launch.environment = environment_;
    return run_program("/bin/bash", launch);
  }

  // GitHub's program, as far as the page calls it: what would be the comment is kept.
  void add_gh() {
    const std::filesystem::path program = folder_.write(
        "bin/gh",
        "#!/bin/bash\n"
        "[ \"$*\" = 'pr comment 17 --edit-last --create-if-none --body-file report.md' ] && cp report.md comment.md\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    environment_["PATH"] = program.parent_path().string() + ":" + environment_["PATH"];
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
};

TEST_F(CiDocs, EveryStepRunsAsPrinted) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(models, "models");
  const std::filesystem::path program = ASSAY_PROGRAM;
  environment_ = {{"PATH", std::filesystem::absolute(program.parent_path()).string() + ":/usr/bin:/bin"},
                  {"ASSAY_DATA_DIR", std::filesystem::absolute(data)},
                  {"MODEL", std::filesystem::absolute(models / "stories260K/stories260K-f32.gguf")},
                  {"TASKS", "arc_easy"},
                  {"LIMIT", "200"},
                  {"MARGIN", "5"},
                  {"PR", "17"},
                  {"GITHUB_STEP_SUMMARY", folder_ / "summary.md"}};
  add_gh();
  const std::vector<std::vector<std::string>> blocks = blocks_of(read_text_file("docs/ci.md"));
  ASSERT_EQ(blocks.size(), 3U);
  int steps = 0;
  for (const std::vector<std::string>& block : blocks) {
    // The first two begin from nothing; the third finds the baseline of the second.
    if (block.size() > 1) std::filesystem::remove(folder_ / "assay.db");
    if (block.size() == 1) run("assay delete candidate");
    for (const std::string& step : block) {
      const Outcome outcome = run(step);
      EXPECT_EQ(outcome.exit, 0) << step << "\n" << outcome.out << outcome.err;
      ++steps;
    }
  }
  const std::string report = read_text_file(folder_ / "report.md");
  EXPECT_TRUE(report.starts_with("## Assay: passed\n")) << report;
  EXPECT_NE(report.find("| 200 | passed |"), std::string::npos) << report;
  EXPECT_EQ(read_text_file(folder_ / "summary.md"), report);
  EXPECT_EQ(read_text_file(folder_ / "comment.md"), report);
  EXPECT_NE(read_text_file(folder_ / "report.xml").find("<testcase classname=\"candidate\" name=\"arc_easy\">"),
            std::string::npos);
  std::cout << steps << " steps of " << blocks.size() << " examples run\n";
  EXPECT_EQ(steps, 5 + 5 + 1);
}

}  // namespace
}  // namespace assay::testing
