#include "datasets/bundle.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "datasets/unpack.h"
#include "tests/datasets/full_disk.h"
#include "tests/datasets/made_benchmarks.h"

namespace assay::datasets {
namespace {

namespace fs = std::filesystem;

struct Made {
  testing::TemporaryFolder data;
  testing::TemporaryFolder place;
  std::vector<BundleItem> items;
  Made() {
    for (const Benchmark& benchmark : testing::make_benchmarks(data)) items.push_back({benchmark, data.path()});
  }
  // What writing it says; empty where it is written.
  std::string write(const std::string& name, ExitCode expected) const {
    try {
      write_bundle(items, place / name, {});
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), expected) << error.what();
      return error.what();
    }
  }
};

TEST(Bundle, HoldsTheFilesAndAManifest) {
  const Made made;
  const BundleReport report = write_bundle(made.items, made.place / "a.tar.gz", {});
  EXPECT_EQ(report.files, 7u);
  EXPECT_EQ(report.packed, static_cast<int64_t>(fs::file_size(made.place / "a.tar.gz")));
  write_bundle(made.items, made.place / "b.tar.gz", {});
  EXPECT_EQ(sha256_file(made.place / "a.tar.gz"), sha256_file(made.place / "b.tar.gz"));

  nlohmann::json expected = nlohmann::json::array();
  for (const BundleItem& item : made.items) {
    for (const Download& download : item.benchmark.downloads) {
      for (const SourceFile& file : download.files) {
        expected.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
      }
    }
  }
  const std::string text = read_text_file(made.place / "a.tar.gz");
  const size_t begin = text.find('{');
  const nlohmann::json manifest = nlohmann::json::parse(text.substr(begin, text.find("\n}\n", begin) + 2 - begin));
  EXPECT_EQ(manifest["format"], "assay datasets bundle 1");
  nlohmann::json files = nlohmann::json::array();
  for (const auto& benchmark : manifest["benchmarks"]) {
    EXPECT_EQ(benchmark["licence"], "CC0");
    files.insert(files.end(), benchmark["files"].begin(), benchmark["files"].end());
  }
  EXPECT_EQ(files, expected);
}

TEST(Bundle, IsMadeOfWhatIsAsPinnedAlone) {
  const Made made;
  const std::string right = read_file(made.data / "sums/x.csv");
  made.data.write("sums/x.csv", "changed");
  const std::string said = made.write("a.tar.gz", ExitCode::kBadInput);
  EXPECT_NE(said.find("pull sums --force"), std::string::npos) << said;
  made.data.write("sums/x.csv", right);
  fs::remove(made.data / "quiz/test/a.csv");
  EXPECT_NE(made.write("a.tar.gz", ExitCode::kUnavailable).find("quiz/test/a.csv is missing"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(made.place.path()));
}

TEST(Bundle, LeavesNothingWhereItCannotBeWritten) {
  const Made made;
  made.place.write("file", "x");
  EXPECT_NE(made.write("file/a.tar.gz", ExitCode::kIo), "");
  std::string said;
  {
    const testing::FullDisk full(5'000);
    said = made.write("a.tar.gz", ExitCode::kIo);
  }
  EXPECT_NE(said.find("make room"), std::string::npos) << said;
  EXPECT_FALSE(fs::exists(made.place / "a.tar.gz"));
  EXPECT_FALSE(fs::exists(made.place / "a.tar.gz.new"));
}

}  // namespace
}  // namespace assay::datasets
