#include "base/regex.h"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <thread>

#include "base/error.h"

namespace assay {
namespace {

using Group = std::optional<std::pair<size_t, size_t>>;
using Groups = std::vector<std::vector<Group>>;

constexpr std::nullopt_t kNone = std::nullopt;

Groups spans(const std::vector<Regex::Match>& matches) {
  Groups result;
  for (const Regex::Match& match : matches) {
    auto& groups = result.emplace_back();
    for (const Regex::Span& span : match) {
      groups.push_back(span.matched ? Group({span.begin, span.end}) : Group());
    }
  }
  return result;
}

struct Case {
  std::string pattern;
  std::string text;
  Groups matches;  // what Python 3.11's re.finditer yields, in bytes of UTF-8
};

TEST(Regex, FindAllIsPythonsFinditer) {
  const std::vector<Case> cases = {
      {"a|b", "abcab", {{{{0, 1}}}, {{{1, 2}}}, {{{3, 4}}}, {{{4, 5}}}}},
      {"z", "abc", {}},
      {"a", "", {}},
      {"", "", {{{{0, 0}}}}},
      {"", "héé", {{{{0, 0}}}, {{{1, 1}}}, {{{3, 3}}}, {{{5, 5}}}}},
      {"x*", "axxb", {{{{0, 0}}}, {{{1, 3}}}, {{{3, 3}}}, {{{4, 4}}}}},
      {"\\d*", "1a22", {{{{0, 1}}}, {{{1, 1}}}, {{{2, 4}}}, {{{4, 4}}}}},
      {"a*?", "aa", {{{{0, 0}}}, {{{0, 1}}}, {{{1, 1}}}, {{{1, 2}}}, {{{2, 2}}}}},
      {"(?:)|a", "aa", {{{{0, 0}}}, {{{0, 1}}}, {{{1, 1}}}, {{{1, 2}}}, {{{2, 2}}}}},
      {"x*|b", "xb", {{{{0, 1}}}, {{{1, 1}}}, {{{1, 2}}}, {{{2, 2}}}}},
      {"(?=b)|b", "abb", {{{{1, 1}}}, {{{1, 2}}}, {{{2, 2}}}, {{{2, 3}}}}},
      {"(?<=a)", "aab", {{{{1, 1}}}, {{{2, 2}}}}},
      {"\\b", "ab cd", {{{{0, 0}}}, {{{2, 2}}}, {{{3, 3}}}, {{{5, 5}}}}},
      {"a|\\b", "ab a", {{{{0, 1}}}, {{{2, 2}}}, {{{3, 4}}}, {{{4, 4}}}}},
      {"é*", "aééa", {{{{0, 0}}}, {{{1, 5}}}, {{{5, 5}}}, {{{6, 6}}}}},
      {"$", "a\n", {{{{1, 1}}}, {{{2, 2}}}}},
      {"(?m)^", "a\n\nb", {{{{0, 0}}}, {{{2, 2}}}, {{{3, 3}}}}},
      {"(?m)^", "a\n", {{{{0, 0}}}, {{{2, 2}}}}},
      {"(?m)$", "a\nb\n", {{{{1, 1}}}, {{{3, 3}}}, {{{4, 4}}}}},
      {"(a)|(b)", "ab", {{{{0, 1}}, {{0, 1}}, kNone}, {{{1, 2}}, kNone, {{1, 2}}}}},
      {"(a)?b", "bab", {{{{0, 1}}, kNone}, {{{1, 3}}, {{1, 2}}}}},
      {"(?P<n>a+)", "aab", {{{{0, 2}}, {{0, 2}}}}},
  };
  for (const Case& c : cases) {
    const Regex regex(c.pattern);
    const auto matches = regex.find_all(c.text);
    EXPECT_EQ(spans(matches), c.matches) << c.pattern << " in " << c.text;
    const Regex::Match first = regex.search(c.text);
    EXPECT_EQ(first.empty(), matches.empty());
    if (!matches.empty()) {
      EXPECT_EQ(spans({first}), spans({matches[0]}));
    }
  }
  std::cout << cases.size() << " patterns against Python's finditer\n";
}

TEST(Regex, SearchFromAPlace) {
  const Regex regex("\\ba");
  EXPECT_EQ(regex.search("a ba a", 1)[0].begin, 5u) << "what lies before the place is seen by \\b";
  EXPECT_TRUE(regex.search("a b", 1).empty());
  EXPECT_TRUE(regex.search("a", 1).empty());
  EXPECT_TRUE(regex.search("a", 2).empty());
  EXPECT_EQ(Regex("").search("a", 1)[0].begin, 1u);
}

TEST(Regex, EmptyViewsWithoutAnAddress) {
  EXPECT_EQ(Regex(std::string_view()).find_all(std::string_view()).size(), 1u);
  EXPECT_TRUE(Regex("a").search(std::string_view()).empty());
}

TEST(Regex, ClassesByUnicodePropertyOnlyWhenAskedFor) {
  const std::vector<std::array<std::string, 2>> unicode_only = {
      {"\\w", "é"},         {"\\w", "ß"},        {"\\w", "中"},           {"\\d", "٢"},
      {"\\d", "𝟙"},         {"\\s", "\xC2\xA0"}, {"\\s", "\xE2\x80\x83"}, {"\\s", "\xC2\x85"},
      {"[[:alpha:]]", "é"}, {"[[:upper:]]", "É"}};
  for (const auto& [pattern, text] : unicode_only) {
    EXPECT_TRUE(Regex(pattern).search(text).empty()) << pattern << " in " << text;
    const Regex::Match match = Regex(pattern, {.unicode_classes = true}).search(text);
    ASSERT_FALSE(match.empty()) << pattern << " in " << text;
    EXPECT_EQ(match[0].end, text.size());
  }
  for (const auto& [pattern, text] : std::vector<std::array<std::string, 2>>{
           {"\\w", "a"}, {"\\d", "7"}, {"\\s", "\x0B"}, {"\\p{L}", "é"}, {"\\p{N}", "٢"}, {"^.$", "中"}}) {
    EXPECT_FALSE(Regex(pattern).search(text).empty()) << pattern << " in " << text;
    EXPECT_FALSE(Regex(pattern, {.unicode_classes = true}).search(text).empty()) << pattern << " in " << text;
  }
}

TEST(Regex, IgnoreCase) {
  EXPECT_TRUE(Regex("straße").search("STRAßE").empty());
  EXPECT_FALSE(Regex("straße", {.ignore_case = true}).search("STRAßE").empty());
  EXPECT_FALSE(Regex("É", {.ignore_case = true}).search("é").empty());
}

TEST(Regex, EraseAll) {
  const std::vector<std::array<std::string, 3>> cases = {
      {",", "1,080,000", "1080000"}, {"z", "abc", "abc"}, {"", "abc", "abc"},
      {"x*", "axxb", "ab"},          {".", "abc", ""},    {"a", "", ""},
      {"\\.$", "1.5.", "1.5"},       {"é", "aéé", "a"},   {"(?s).*#### ", "a #### b\n#### 7", "7"}};
  for (const auto& [pattern, text, kept] : cases) EXPECT_EQ(Regex(pattern).erase_all(text), kept) << pattern;
}

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Regex, ABadPatternSaysWhatAndWhere) {
  const std::vector<std::array<std::string, 2>> cases = {
      {"a(b", "regular expression a(b: missing closing parenthesis at byte 3"},
      {"[a", "regular expression [a: missing terminating ] for character class at byte 2"},
      {"*", "regular expression *: quantifier does not follow a repeatable item at byte 0"},
      {"a{2,1}", "regular expression a{2,1}: numbers out of order in {} quantifier at byte 5"},
      {"(?<n>a)(?<n>b)", "two named subpatterns have the same name"},
      {"\\p{Nonsense}", "unknown property"},
      {"(?<=a*)b", "lookbehind assertion is not fixed length"},
      {"a\xFF", "regular expression a?: UTF-8 error"},
      {"a\n(", "regular expression a?(: missing closing parenthesis"}};
  for (const auto& [pattern, message] : cases) {
    const std::string said = message_of([&] { Regex regex(pattern); });
    EXPECT_NE(said.find(message), std::string::npos) << said;
  }
}

TEST(Regex, TextThatIsNotUtf8IsRefused) {
  const Regex regex("a+");
  for (const std::string text : {"\xFF", "aa\xC3", "\xED\xA0\x80", "\xC0\x80", "a\x80"}) {
    for (const std::string& said : {message_of([&] { regex.search(text); }), message_of([&] { regex.find_all(text); }),
                                    message_of([&] { regex.erase_all(text); })}) {
      EXPECT_EQ(said, "regular expression a+: the text is not valid UTF-8");
    }
  }
}

// Backtracking points of a group are kept on PCRE2's machine stack for compiled code, which is small.
TEST(Regex, LongTextsThatBacktrackAtEveryCharacter) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += i % 2 == 0 ? "a" : "b";
  const Regex::Match match = Regex("(?:a|b)*c?$").search(text);
  ASSERT_FALSE(match.empty());
  EXPECT_EQ(match[0].end, text.size());
}

TEST(Regex, EndlessBacktrackingIsAnError) {
  const std::string said = message_of([] { Regex("(a|aa)+$").search(std::string(60, 'a') + "b"); });
  EXPECT_NE(said.find("match limit exceeded"), std::string::npos) << said;
}

TEST(Regex, OneExpressionServesManyThreads) {
  const Regex regex("(\\d+)-(\\d+)");
  std::vector<size_t> found(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) found[i] += regex.find_all("1-2 33-44 x 5-6").size();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const size_t count : found) EXPECT_EQ(count, 600u);
}

TEST(Regex, AMovedExpressionWorks) {
  Regex first("a");
  Regex second(std::move(first));
  EXPECT_FALSE(second.search("a").empty());
  Regex third("b");
  third = std::move(second);
  EXPECT_FALSE(third.search("a").empty());
}

}  // namespace
}  // namespace assay
