#include "datasets/unpack.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "tests/datasets/made_archive.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

namespace fs = std::filesystem;
using testing::MadeMember;

const std::string kContent = "question,answer\n1,2\n";

Packing packing_of(const std::string& form) {
  return form == "zip" ? Packing::kZip : form == "gz" ? Packing::kGzip : Packing::kTar;
}

SourceFile pin(const std::string& path, const std::string& content, const std::string& member) {
  return {path, sha256_hex(content), static_cast<int64_t>(content.size()), member};
}

size_t count_files(const fs::path& folder) {
  size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) count += !entry.is_directory();
  return count;
}

struct Case {
  const char* name;
  std::vector<std::string> forms;
  std::vector<MadeMember> members;
  std::string says;  // "": the file is unpacked
};

std::vector<Case> cases() {
  const MadeMember good{"data/a.csv", kContent};
  const std::vector<std::string> both = {"tar", "tar.gz", "zip"};
  const std::vector<std::string> tars = {"tar", "tar.gz"};
  return {
      {"alone", both, {good}, ""},
      {"among others", both, {{"data/z.csv", "x"}, {"data/", "", MadeMember::kFolder}, good, {"b", "y"}}, ""},
      {"with a leading ./", tars, {{"./data/a.csv", kContent}}, ""},
      {"twice: the first counts", both, {good, {"data/a.csv", "other"}}, ""},
      {"a link among others", tars, {{"data/l", "/etc/passwd", MadeMember::kSymbolicLink}, good}, ""},
      {"a folder that is a link, then a file in it", tars, {{"data", "/tmp", MadeMember::kSymbolicLink}, good}, ""},
      {"gzip", {"gz"}, {{"anything", kContent}}, ""},
      {"gzip of something else", {"gz"}, {{"anything", "question,answer\n3,4\n"}}, "published is"},
      {"gzip that unpacks to more", {"gz"}, {{"x", kContent + std::string(1 << 20, '0')}}, "larger than the published"},
      {"..", both, {{"data/../../evil", "x"}, good}, "leaves the folder"},
      {".. alone", tars, {{"..", "x"}, good}, "leaves the folder"},
      {"absolute", both, {{"/tmp/assay-evil", "x"}, good}, "leaves the folder"},
      {"the file is a link", tars, {{"data/a.csv", "/etc/passwd", MadeMember::kSymbolicLink}}, "not a plain file"},
      {"the file is a hard link", tars, {{"data/a.csv", "data/b", MadeMember::kHardLink}}, "not a plain file"},
      {"the file is a pipe", tars, {{"data/a.csv", "", MadeMember::kPipe}}, "not a plain file"},
      {"the file is a folder", tars, {{"data/a.csv", "", MadeMember::kFolder}}, "missing"},
      {"other content", both, {{"data/a.csv", "question,answer\n3,4\n"}}, "published is"},
      {"longer", both, {{"data/a.csv", kContent + "more"}}, "larger than the published"},
      {"shorter", both, {{"data/a.csv", ""}}, "published is"},
      {"not in it", both, {{"data/b.csv", kContent}, {"a.csv", kContent}}, "missing"},
      {"a bomb", both, {{"data/bomb", std::string(3 << 20, '0')}, good}, "unpacks to more than"},
  };
}

// What happens, as a sentence; empty where the file is there.
std::string unpack_one(const fs::path& archive, const std::string& form, const fs::path& to) {
  try {
    const Wanted wanted{pin("a.csv", kContent, "data/a.csv"), to / "a.csv"};
    return unpack(archive, packing_of(form), {wanted}, {}, 1 << 21).empty() ? "" : "missing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
    return error.what();
  }
}

TEST(Unpack, TakesThePinnedFileAndNothingElse) {
  int archives = 0;
  for (const Case& c : cases()) {
    for (const std::string& form : c.forms) {
      SCOPED_TRACE(std::string(c.name) + ", " + form);
      const testing::TemporaryFolder folder;
      const fs::path archive = folder.write("in/archive", testing::made_archive(form, c.members));
      const std::string said = unpack_one(archive, form, folder / "out");
      EXPECT_EQ(said.empty(), c.says.empty()) << said;
      EXPECT_NE(said.find(c.says), std::string::npos) << said;
      // The archive itself, and the file where it was taken: nothing else anywhere, nothing half-written.
      EXPECT_EQ(count_files(folder.path()), c.says.empty() ? 2u : 1u);
      if (c.says.empty()) {
        EXPECT_EQ(read_file(folder / "out/a.csv"), kContent);
      }
      ++archives;
    }
  }
  EXPECT_FALSE(fs::exists("/tmp/assay-evil"));
  std::cout << archives << " archives\n";
}

TEST(Unpack, RefusesWhatIsDamagedOrNoArchive) {
  int refused = 0;
  std::string filler;
  for (int i = 0; i < 5'000; ++i) filler += std::to_string(i * 7919) + " ";
  for (const std::string form : {"tar", "tar.gz", "zip", "gz"}) {
    std::vector<MadeMember> members = {{"data/z", filler}, {"data/a.csv", kContent}};
    if (form == "gz") members.pop_back();  // which has but one
    const std::string good = testing::made_archive(form, members);
    for (const std::string& bytes : {std::string(), std::string("<html><body>log in</body></html>"),
                                     good.substr(0, good.size() / 2), good.substr(0, 10), good.substr(100)}) {
      const testing::TemporaryFolder folder;
      const std::string said = unpack_one(folder.write("archive", bytes), form, folder / "out");
      EXPECT_FALSE(said.empty()) << form << " of " << bytes.size() << " bytes";
      EXPECT_EQ(count_files(folder.path()), 1u);
      ++refused;
    }
  }
  std::cout << refused << " damaged archives\n";
}

// A byte changed anywhere ends in a sentence or in the right file, never in a wrong one.
TEST(Unpack, OneWrongByteNeverGivesAWrongFile) {
  int tried = 0;
  int unharmed = 0;
  for (const std::string form : {"tar", "zip", "gz"}) {
    const std::string good = testing::made_archive(form, {{"data/a.csv", kContent}});
    const size_t step = form == "tar" ? 29 : 2;
    for (size_t at = 0; at < std::min<size_t>(good.size(), 1'500); at += step) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
      const testing::TemporaryFolder folder;
      const std::string said = unpack_one(folder.write("archive", bytes), form, folder / "out");
      if (said.empty()) {
        EXPECT_EQ(read_file(folder / "out/a.csv"), kContent);
      } else {
        EXPECT_EQ(count_files(folder.path()), 1u);
      }
      unharmed += said.empty();
      ++tried;
    }
  }
  std::cout << tried << " changed bytes, " << unharmed << " without harm\n";
}

}  // namespace
}  // namespace assay::datasets
