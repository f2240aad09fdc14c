// The prompt set that comes with Assay: what was promised of it, and that nobody finds it in the clear.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <unordered_map>

#include "base/text.h"
#include "datasets/sealed/set_report.h"
#include "datasets/sealed/shingles.h"
#include "harness/preference/hidden_set.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

constexpr const char* kFile = "datasets/preference/assay-preference.sealed";

const datasets::OpenedSet& shipped() {
  static const datasets::OpenedSet set = [] {
    datasets::Credentials credentials;
    credentials.passphrase = Secret(std::string_view(harness::kShippedPassphrase));
    return datasets::open_set(datasets::read_sealed_file(kFile), credentials);
  }();
  return set;
}

TEST(ShippedSet, HasTwelveCategoriesOfPromptsThatAreUnlike) {
  EXPECT_TRUE(harness::is_shipped(shipped().file));
  EXPECT_NE(read_file("docs/preference.md").find(harness::kShippedPassphrase), std::string::npos);
  const datasets::SetReport report = datasets::report_on(shipped().prompts, "");
  EXPECT_EQ(report.all.prompts, 1800);
  ASSERT_EQ(report.categories.size(), 12U);
  for (const auto& [name, lengths] : report.categories) EXPECT_EQ(lengths.prompts, 150) << name;
  EXPECT_LT(report.nearest.jaccard, 0.1) << report.nearest.a << " " << report.nearest.b;
  EXPECT_TRUE(report.clean());
  // Those that carry their own text.
  for (const char* category : {"closed_qa", "extraction", "rewriting", "summarisation"}) {
    EXPECT_GE(report.categories.at(category).words.front(), 80) << category;
  }
}

TEST(ShippedSet, HasNothingOfPublicSets) {
  ASSAY_REQUIRE_SHARED(prompts, "datasets/prompts");
  const datasets::SetReport report = datasets::report_on(shipped().prompts, prompts);
  EXPECT_EQ(report.public_overlaps.size(), 0U);
  EXPECT_GE(report.public_files, 7);
  std::cout << report.public_texts << " texts in " << report.public_files << " files\n";
}

// The ids of prompts of which eight words in a row stand in `text`.
class Finder {
 public:
  Finder() {
    for (const datasets::HiddenPrompt& prompt : shipped().prompts) {
      const std::vector<std::string> words = datasets::words_of(prompt.prompt);
      for (const uint64_t shingle : datasets::shingles_of(words, std::min(kWords, words.size()))) {
        if (words.size() >= kWords) owners_.emplace(shingle, prompt.id);
      }
      // A short prompt, or one without spaces, as it stands.
      if (words.size() < kWords || prompt.language != "en") whole_.push_back(prompt.prompt);
    }
  }

  std::vector<std::string> in(const std::string& text) const {
    std::vector<std::string> found;
    if (is_valid_utf8(text)) {
      for (const uint64_t shingle : datasets::shingles_of(datasets::words_of(text), kWords)) {
        const auto owner = owners_.find(shingle);
        if (owner != owners_.end()) found.push_back(owner->second);
      }
    }
    for (const std::string& prompt : whole_) {
      if (text.find(prompt) != std::string::npos) found.emplace_back("a short one");
    }
    return found;
  }

  size_t size() const { return owners_.size(); }

 private:
  static constexpr size_t kWords = 8;
  std::unordered_map<uint64_t, std::string> owners_;
  std::vector<std::string> whole_;
};

TEST(ShippedSet, NoPromptIsInTheClearInTheRepositoryOrItsHistory) {
  const Finder finder;
  // A needle first: what is looked for is found.
  ASSERT_FALSE(finder.in("// " + shipped().prompts[700].prompt + "\n").empty());
  const auto git = [](const std::string& line) { return run_program("/bin/sh", {{"-c", line}, {}, {}, 0, 0}); };
  // Every file as it is now, then every version of every file, and every message.
  const Outcome files = git("git ls-files");
  if (files.exit != 0) GTEST_SKIP() << "no git repository here";
  size_t searched = 0, bytes = 0;
  for (const std::string_view name : split_lines(files.out)) {
    if (!std::filesystem::is_regular_file(name)) continue;
    const std::string text = read_file(name);
    EXPECT_EQ(some_of(finder.in(text)), "") << name;
    ++searched;
    bytes += text.size();
  }
  const std::string history = git("git rev-list --objects --all | cut -c1-40 | git cat-file --batch").out;
  EXPECT_FALSE(history.empty());
  size_t objects = 0;
  for (size_t at = 0; at < history.size();) {
    const size_t end = history.find('\n', at);
    const std::vector<std::string> head = split(history.substr(at, end - at), ' ');
    ASSERT_EQ(head.size(), 3U);
    const size_t size = std::stoul(head[2]);
    const std::vector<std::string> found = finder.in(head[1] == "tree" ? "" : history.substr(end + 1, size));
    EXPECT_EQ(some_of(found), "") << head[0];
    at = end + 1 + size + 1;
    ++objects;
  }
  std::cout << finder.size() << " runs of eight words looked for in " << searched << " files and " << objects
            << " objects of the history, " << (bytes + history.size()) / 1'000'000 << " MB\n";
}

}  // namespace
}  // namespace assay::testing
