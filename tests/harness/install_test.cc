// An installation: what is put where, and that the installed program needs neither the source tree nor the build.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;

class Installation : public ::testing::Test {
 protected:
  // cmake is what this project is built by, so it is there.
  static void SetUpTestSuite() {
    prefix_ = std::make_unique<TemporaryFolder>();
    const fs::path build = fs::path(ASSAY_PROGRAM).parent_path();
    installed_ = run_program(ASSAY_CMAKE, {{"--install", build, "--prefix", prefix_->path()}, {}, {}, 0, 0});
  }
  static void TearDownTestSuite() { prefix_.reset(); }

  void SetUp() override { ASSERT_EQ(installed_.exit, 0) << installed_.out << installed_.err; }

  // The installed program in an empty folder.
  Outcome run(const std::vector<std::string>& arguments) const {
    return run_program(*prefix_ / "bin/assay", {arguments, {{"ASSAY_DATA_DIR", ""}}, folder_.path(), 0, 0});
  }

  static std::unique_ptr<TemporaryFolder> prefix_;
  static Outcome installed_;
  TemporaryFolder folder_;
};
std::unique_ptr<TemporaryFolder> Installation::prefix_;
Outcome Installation::installed_;

TEST_F(Installation, EverythingIsInItsPlace) {
  std::vector<std::string> files = {"bin/assay",
                                    "libexec/assay/assay-jail",
                                    "share/man/man1/assay.1",
                                    "share/man/man1/assay-tasks-list.1",
                                    "share/bash-completion/completions/assay",
                                    "share/zsh/site-functions/_assay",
                                    "share/fish/vendor_completions.d/assay.fish",
                                    "share/doc/assay/README.md",
                                    "share/doc/assay/docs/sandbox.md"};
  const auto expect_all_of = [&](const fs::path& source, const std::string& target) {
    if (!fs::exists(source)) return;
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
      if (entry.is_regular_file()) files.push_back(target + "/" + fs::relative(entry.path(), source).string());
    }
  };
  expect_all_of("tasks/definitions", "share/assay/tasks");
  expect_all_of("datasets/demo", "share/assay/demo/datasets");
  expect_all_of("models/demo", "share/assay/demo/models");
  for (const std::string& file : files) EXPECT_TRUE(fs::is_regular_file(*prefix_ / file)) << file;
  std::cout << files.size() << " installed files looked for\n";
}

TEST_F(Installation, TheProgramRunsAloneAndFindsItsJail) {
  EXPECT_EQ(run({"tasks", "list"}).exit, 0);
  EXPECT_EQ(run({"tasks", "check", *prefix_ / "share/assay/tasks/mmlu.toml"}).exit, 0);
  const nlohmann::json findings = nlohmann::json::parse(run({"doctor", "--json"}).out);
  EXPECT_GT(findings.size(), 5U);
  const std::vector<std::string> command = {"sandbox", "run", "--sandbox", "reduced", "--", "echo", "inside"};
  const Outcome built = assay(command);
  const Outcome here = run(command);
  EXPECT_EQ(here.exit, built.exit) << here.err;
  EXPECT_EQ(here.out, built.out);
  EXPECT_EQ(here.err.find("assay-jail is not there"), std::string::npos) << here.err;
}

TEST_F(Installation, HalfOfItSaysWhatIsMissing) {
  const fs::path jail = *prefix_ / "libexec/assay/assay-jail";
  fs::rename(jail, jail.string() + ".away");
  const std::string says = jail.string() + " is not there";
  const Outcome check = run({"sandbox", "check"});
  EXPECT_EQ(check.exit, 69) << check.out << check.err;
  EXPECT_NE(check.err.find(says), std::string::npos) << check.err;
  EXPECT_NE(check.err.find("install the package again"), std::string::npos) << check.err;
  const Outcome doctor = run({"doctor"});
  EXPECT_EQ(doctor.exit, 0) << doctor.err;
  EXPECT_NE(doctor.out.find(says), std::string::npos) << doctor.out;

  const fs::path data = shared_path("datasets");
  const fs::path models = shared_path("models");
  if (!data.empty() && !models.empty()) {
    const Outcome refused = run({"run", "--model", fs::absolute(models / "stories260K/stories260K-f32.gguf"), "--tasks",
                                 "humaneval", "--limit", "1", "--data-dir", fs::absolute(data)});
    EXPECT_EQ(refused.exit, 69) << refused.err;
    EXPECT_NE(refused.err.find(says), std::string::npos) << refused.err;
  }
  fs::rename(jail.string() + ".away", jail);
}

}  // namespace
}  // namespace assay::testing
