// The house keeps its own rules: who includes whom, a build file in every room, no file that cannot be read in one
// sitting. The checker is tested on made-up lines first.
#include "tests/house/include_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/file.h"
#include "base/regex.h"

namespace assay::testing {
namespace {

constexpr size_t kLongestFile = 600;  // lines

bool is_source(const std::filesystem::path& path) {
  const std::string suffix = path.extension();
  return suffix == ".h" || suffix == ".cc" || suffix == ".cu" || suffix == ".cuh";
}

std::vector<std::filesystem::path> sources_of(const std::string& folder) {
  std::vector<std::filesystem::path> sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_source(entry.path())) sources.push_back(entry.path());
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

// The rooms that are built so far.
std::vector<std::string> built_rooms() {
  std::vector<std::string> built;
  for (const std::string& room : rooms()) {
    if (std::filesystem::is_directory(room)) built.push_back(room);
  }
  return built;
}

TEST(IncludeRules, TheCheckerItself) {
  const struct {
    const char* file;
    const char* included;
    bool allowed;
  } lines[] = {
      {"base/file.cc", "base/error.h", true},
      {"base/file.cc", "engine/request.h", false},
      {"engine/model/model.cc", "engine/device/device.h", true},
      {"engine/model/model.cc", "base/error.h", true},
      {"engine/engine.cc", "datasets/sample.h", false},
      {"datasets/csv.cc", "base/file.h", true},
      {"datasets/csv.cc", "engine/request.h", false},
      {"tasks/render.cc", "datasets/csv.h", true},
      {"tasks/render.cc", "datasets/sample.h", true},
      {"tasks/render.cc", "engine/request.h", true},
      {"tasks/render.cc", "engine/engine.h", false},
      {"tasks/render.cc", "scorers/scorer.h", false},
      {"sandbox/jail.cc", "base/error.h", true},
      {"sandbox/jail.cc", "datasets/sample.h", false},
      {"scorers/scorer.cc", "sandbox/jail.h", true},
      {"scorers/scorer.cc", "engine/request.h", true},
      {"scorers/scorer.cc", "datasets/sample.h", true},
      {"scorers/scorer.cc", "datasets/csv.h", false},
      {"scorers/scorer.cc", "tasks/task.h", false},
      {"store/store.cc", "scorers/metrics.h", true},
      {"store/store.cc", "engine/request.h", true},
      {"store/store.cc", "sandbox/jail.h", false},
      {"store/store.cc", "tasks/task.h", false},
      {"reports/table.cc", "store/store.h", true},
      {"reports/table.cc", "scorers/statistics/mean.h", true},
      {"reports/table.cc", "scorers/metrics.h", false},
      {"reports/table.cc", "datasets/sample.h", false},
      {"harness/run.cc", "engine/engine.h", true},
      {"harness/run.cc", "reports/table.h", true},
      {"harness/run.cc", "tests/support/golden.h", false},
      {"harness/run.cc", "sqlite3.h", false},
      {"harness/run.cc", "run.h", false},
      {"store/store.cc", "../engine/engine.h", false},
      {"store/store.cc", "store/../engine/engine.h", false},
      {"tests/store/store_test.cc", "engine/engine.h", true},
      {"tests/store/store_test.cc", "tests/support/golden.h", true},
      {"tests/store/store_test.cc", "golden.h", false},
  };
  for (const auto& line : lines) {
    const std::string why = violation(line.file, line.included);
    EXPECT_EQ(why.empty(), line.allowed) << line.file << " includes " << line.included << ": " << why;
  }
}

TEST(IncludeRules, TheReaderOfLines) {
  const std::vector<Include> found = includes_of(
      "#include <vector>\n#include \"base/a.h\"\n  #  include\t\"b.h\" // why\n// #include \"c.h\"\n"
      "#include <engine/d.h>\nint x; /* include \"e.h\" */\n");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].path, "base/a.h");
  EXPECT_EQ(found[0].line, 2);
  EXPECT_EQ(found[1].path, "b.h");
  EXPECT_EQ(found[2].path, "engine/d.h");
  EXPECT_EQ(found[2].line, 5);
}

TEST(House, NobodyIncludesWhatIsNotTheirs) {
  int checked = 0;
  std::vector<std::string> folders = built_rooms();
  folders.emplace_back("tests");
  for (const std::string& folder : folders) {
    for (const std::filesystem::path& file : sources_of(folder)) {
      for (const Include& include : includes_of(read_file(file))) {
        const std::string why = violation(file.string(), include.path);
        EXPECT_TRUE(why.empty()) << file.string() << ":" << include.line << " includes " << include.path << ": " << why;
        ++checked;
      }
    }
  }
  std::cout << checked << " #include lines of " << folders.size() << " folders\n";
  EXPECT_GT(checked, 200);
}

TEST(House, EveryRoomIsKnownAndHasItsBuildFile) {
  const std::vector<std::string> built = built_rooms();
  EXPECT_GE(built.size(), 8u);
  for (const std::string& room : built) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(room) / "CMakeLists.txt")) << room;
  }
  for (const auto& entry : std::filesystem::directory_iterator(".")) {
    const std::string name = entry.path().filename();
    const bool known = std::find(built.begin(), built.end(), name) != built.end();
    if (!entry.is_directory() || known || name == "tests" || name == "build" || name.starts_with('.')) continue;
    EXPECT_TRUE(sources_of(name).empty()) << name << " has source files and is no room of docs/architecture.md";
  }
}

TEST(House, NoFileIsTooLongToReadInOneSitting) {
  int files = 0;
  size_t longest = 0;
  for (const std::string& room : built_rooms()) {
    for (const std::filesystem::path& file : sources_of(room)) {
      const std::string text = read_file(file);
      const size_t lines = split_lines(text).size();
      EXPECT_LE(lines, kLongestFile) << file.string();
      longest = std::max(longest, lines);
      ++files;
    }
  }
  std::cout << files << " source files, the longest of " << longest << " lines\n";
  EXPECT_GT(files, 50);
}

// A map that names a house which was rebuilt is worse than none.
TEST(House, ThePathsOfTheArchitecturePageExist) {
  const std::string page = read_file("docs/architecture.md");
  const Regex path(R"(`((?:base|datasets|tasks|engine|scorers|store|reports|harness|tests|docs)/[^` ]*)`)");
  int checked = 0;
  for (const Regex::Match& match : path.find_all(page)) {
    const std::string name = page.substr(match[1].begin, match[1].end - match[1].begin);
    EXPECT_TRUE(std::filesystem::exists(name)) << "docs/architecture.md names " << name;
    ++checked;
  }
  std::cout << checked << " paths of docs/architecture.md\n";
  EXPECT_GT(checked, 40);
}

}  // namespace
}  // namespace assay::testing
