#include "base/program.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/temporary_folder.h"

namespace assay {
namespace {

TEST(Program, LiesInAFolder) {
  EXPECT_TRUE(std::filesystem::exists(program_folder() / "base_tests"));
}

TEST(Program, FindsTheDemoInstalledThenInTheSourceTree) {
  const testing::TemporaryFolder folder;
  const auto found_by = [&](const std::string& program, const std::string& named) {
    const DemoFolders found = demo_folders(folder / program, named.empty() ? "" : folder / named);
    return std::pair(found.data.lexically_relative(folder.path()).string(),
                     found.models.lexically_relative(folder.path()).string());
  };
  using Pair = std::pair<std::string, std::string>;
  const Pair installed{"usr/share/assay/demo/datasets", "usr/share/assay/demo/models"};
  EXPECT_EQ(found_by("usr/bin", ""), installed) << "nothing is there, and the message names this";

  folder.write("tree/datasets/demo/README.md", "");
  EXPECT_EQ(found_by("tree/build/release", ""), (Pair{"tree/datasets/demo", "tree/models/demo"}));
  folder.write("usr/share/assay/demo/datasets/README.md", "");
  EXPECT_EQ(found_by("usr/bin", ""), installed);
  EXPECT_EQ(found_by("usr/bin", "else"), (Pair{"else/datasets", "else/models"})) << "a named folder wins";
}

TEST(Program, TheEnvironmentNamesTheDemo) {
  ::setenv("ASSAY_DEMO_DIR", "/demo", 1);
  EXPECT_EQ(demo_folders().models, "/demo/models");
  ::unsetenv("ASSAY_DEMO_DIR");
  EXPECT_TRUE(std::filesystem::is_directory(demo_folders().data)) << demo_folders().data;
}

}  // namespace
}  // namespace assay
