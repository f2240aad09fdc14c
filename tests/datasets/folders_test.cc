#include "datasets/folders.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

using Paths = std::vector<std::filesystem::path>;

TEST(Folders, FlagThenEnvironmentThenDefaultsAndTheDemoLast) {
  ::setenv("HOME", "/home/x", 1);
  ::unsetenv("ASSAY_DATA_DIR");
  ::setenv("ASSAY_DEMO_DIR", "/demo", 1);
  EXPECT_EQ(data_folders({}), (Paths{"data", "/home/x/.local/share/assay/datasets", "/demo/datasets"}));
  ::setenv("ASSAY_DATA_DIR", "/a:/b:", 1);
  EXPECT_EQ(data_folders({}), (Paths{"/a", "/b", "/demo/datasets"}));
  EXPECT_EQ(data_folders("/c"), (Paths{"/c", "/demo/datasets"}));
  ::unsetenv("ASSAY_DATA_DIR");
  ::unsetenv("ASSAY_DEMO_DIR");
}

TEST(Folders, FirstThatHasTheEntryElseNamesThoseSearched) {
  const testing::TemporaryFolder first;
  const testing::TemporaryFolder second;
  second.write("mmlu/test/a.csv", "");
  EXPECT_EQ(find_data_folder({first.path(), second.path()}, "mmlu"), second.path());
  try {
    find_data_folder({first.path(), "/nowhere"}, "mmlu");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUnavailable);
    const std::string message = error.what();
    EXPECT_NE(message.find(first.path().string() + ", /nowhere"), std::string::npos) << message;
    EXPECT_NE(message.find("mmlu"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace assay::datasets
