#include "datasets/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

size_t count(const std::vector<FileCheck>& checks, FileState state) {
  return static_cast<size_t>(
      std::count_if(checks.begin(), checks.end(), [&](const FileCheck& c) { return c.state == state; }));
}

TEST(Verify, PinsEveryFileOfTheBenchmarks) {
  EXPECT_EQ(pinned_files().size(), 136u);
  EXPECT_EQ(pinned_datasets(), (std::vector<std::string>{"agieval", "arc", "gsm8k", "humaneval", "mmlu"}));
  for (const PinnedFile& file : pinned_files()) EXPECT_EQ(file.sha256.size(), 64u) << file.path;
}

TEST(Verify, ReferenceDataIsAsPinned) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const auto checks = verify_folder(data);
  EXPECT_EQ(checks.size(), 136u);
  EXPECT_EQ(count(checks, FileState::kOk), 136u);
  std::cout << checks.size() << " data files as pinned\n";
}

TEST(Verify, SaysWhatIsMissingAndWhatDiffers) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const testing::TemporaryFolder folder;
  folder.write("humaneval/HumanEval.jsonl.gz", read_file(data / "humaneval/HumanEval.jsonl.gz"));
  EXPECT_EQ(verify_folder(folder.path(), "humaneval").size(), 1u);  // the unpacked form is not needed
  EXPECT_EQ(count(verify_folder(folder.path(), "humaneval"), FileState::kOk), 1u);

  folder.write("gsm8k/test.jsonl", "{}\n");
  const auto checks = verify_folder(folder.path(), "gsm8k");
  ASSERT_EQ(checks.size(), 3u);
  EXPECT_EQ(count(checks, FileState::kMissing), 2u);
  const auto differs =
      std::find_if(checks.begin(), checks.end(), [](const FileCheck& c) { return c.state == FileState::kDiffers; });
  ASSERT_NE(differs, checks.end());
  EXPECT_EQ(differs->file.path, "gsm8k/test.jsonl");
  EXPECT_EQ(differs->found_sha256, "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
  EXPECT_EQ(count(verify_folder("/nowhere"), FileState::kMissing), 136u);
  EXPECT_THROW(verify_folder(folder.path(), "mmul"), Error);
}

}  // namespace
}  // namespace assay::datasets
