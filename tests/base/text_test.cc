#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <iostream>

namespace assay {
namespace {

using namespace std::string_literals;

// What Python 3.11's str.isspace says yes to, out of all code points.
constexpr std::array<char32_t, 29> kSpaces = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x1C,   0x1D,   0x1E,
                                              0x1F,   0x20,   0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002,
                                              0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A,
                                              0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

std::string utf8(char32_t code_point) {
  std::string text;
  append_utf8(text, code_point);
  return text;
}

TEST(Text, SpacesOfAllCodePoints) {
  size_t spaces = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const bool expected = std::find(kSpaces.begin(), kSpaces.end(), c) != kSpaces.end();
    ASSERT_EQ(is_python_space(c), expected) << static_cast<uint32_t>(c);
    spaces += is_python_space(c);
  }
  EXPECT_EQ(spaces, kSpaces.size());
}

TEST(Text, EverySpaceIsStrippedFromBothEndsOnly) {
  for (const char32_t space : kSpaces) {
    const std::string s = utf8(space);
    const std::string inner = "a" + s + "é";
    EXPECT_EQ(python_strip(s + s + inner + s), inner) << static_cast<uint32_t>(space);
    EXPECT_EQ(python_lstrip(s + inner + s), inner + s) << static_cast<uint32_t>(space);
    EXPECT_EQ(python_rstrip(s + inner + s), s + inner) << static_cast<uint32_t>(space);
    EXPECT_EQ(python_strip(s + s), "") << static_cast<uint32_t>(space);
  }
}

TEST(Text, StripLeavesWhatIsNoSpace) {
  // U+200B, U+FEFF, U+180E, NUL, and bytes that are no text: the halves of U+0085 and U+00A0 among them.
  for (const std::string& text :
       {"\xE2\x80\x8B"s, "\xEF\xBB\xBF"s, "\xE1\xA0\x8E"s, "\0"s, "\x85"s, "\xA0"s, "\xC2"s, "x"s, "\xE2\x80"s}) {
    EXPECT_EQ(python_strip(text), text);
    EXPECT_EQ(python_strip(" " + text + "\n"), text);
  }
  EXPECT_EQ(python_strip(""), "");
  EXPECT_EQ(python_strip("\xC2 "), "\xC2");
}

TEST(Text, StripReturnsAViewIntoTheText) {
  const std::string text = "  ab ";
  EXPECT_EQ(python_strip(text).data(), text.data() + 2);
}

TEST(Text, Utf8OfEveryCodePointAndBack) {
  size_t valid = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = utf8(c);
    ASSERT_EQ(text.size(), c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u);
    size_t offset = 0;
    ASSERT_EQ(next_code_point(text, offset), c);
    ASSERT_EQ(offset, text.size());
    ASSERT_TRUE(is_valid_utf8(text));
    ++valid;
  }
  EXPECT_EQ(valid, 0x110000u - 0x800u);
  EXPECT_EQ(utf8(0x24), "\x24");
  EXPECT_EQ(utf8(0xE9), "\xC3\xA9");
  EXPECT_EQ(utf8(0x20AC), "\xE2\x82\xAC");
  EXPECT_EQ(utf8(0x1F600), "\xF0\x9F\x98\x80");
}

TEST(Text, WhatIsNoCodePointIsWrittenAsTheReplacementCharacter) {
  for (const char32_t c : {0xD800, 0xDBFF, 0xDC00, 0xDC7F, 0xDD00, 0xDFFF, 0x110000, 0x7FFFFFFF}) {
    EXPECT_EQ(utf8(c), "\xEF\xBF\xBD") << static_cast<uint32_t>(c);
  }
  EXPECT_EQ(utf8(char32_t{0xFFFFFFFF}), "\xEF\xBF\xBD");
}

struct Malformed {
  std::string bytes;
  std::vector<char32_t> code_points;  // Python's bytes.decode("utf8", "surrogateescape")
};

const std::vector<Malformed>& malformed() {
  static const std::vector<Malformed> cases = {
      {"\x80", {0xDC80}},
      {"\xC3", {0xDCC3}},
      {"\xC3(", {0xDCC3, '('}},
      {"\xE2\x82", {0xDCE2, 0xDC82}},
      {"a\xE2\x82z", {'a', 0xDCE2, 0xDC82, 'z'}},
      {"\xC0\x80", {0xDCC0, 0xDC80}},                                      // overlong
      {"\xC1\xBF", {0xDCC1, 0xDCBF}},                                      // overlong
      {"\xE0\x80\x80", {0xDCE0, 0xDC80, 0xDC80}},                          // overlong
      {"\xED\xA0\x80", {0xDCED, 0xDCA0, 0xDC80}},                          // a surrogate
      {"\xF0\x9F\x98", {0xDCF0, 0xDC9F, 0xDC98}},                          // cut
      {"\xF4\x90\x80\x80", {0xDCF4, 0xDC90, 0xDC80, 0xDC80}},              // beyond U+10FFFF
      {"\xF8\x88\x80\x80\x80", {0xDCF8, 0xDC88, 0xDC80, 0xDC80, 0xDC80}},  // five bytes
      {"\xFF\xFE", {0xDCFF, 0xDCFE}},
      {"\xC3\xA9\x80", {0xE9, 0xDC80}},
  };
  return cases;
}

TEST(Text, MalformedBytesAreOneCodePointEach) {
  for (const auto& [bytes, expected] : malformed()) {
    std::vector<char32_t> seen;
    std::string again;
    for (size_t offset = 0; offset < bytes.size();) {
      seen.push_back(next_code_point(bytes, offset));
      append_utf8(again, seen.back());
    }
    EXPECT_EQ(seen, expected) << ::testing::PrintToString(bytes);
    EXPECT_EQ(again, bytes);
    EXPECT_EQ(count_code_points(bytes), expected.size());
    EXPECT_EQ(python_lower(bytes), bytes);
    EXPECT_EQ(python_strip(bytes), bytes);
    EXPECT_FALSE(is_valid_utf8(bytes));
  }
}

TEST(Text, EveryStringOfTwoBytesIsReadToItsEnd) {
  size_t valid = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      std::string again;
      for (size_t offset = 0; offset < text.size();) append_utf8(again, next_code_point(text, offset));
      ASSERT_EQ(again, text);
      valid += is_valid_utf8(text);
    }
  }
  EXPECT_EQ(valid, 128u * 128 + 30 * 64) << "two ASCII characters, or one of U+0080 to U+07FF";
}

TEST(Text, CountCodePoints) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("abc"), 3u);
  EXPECT_EQ(count_code_points("a\0b"s), 3u);
  EXPECT_EQ(count_code_points("é€😀"), 3u);
  EXPECT_EQ(count_code_points("e\xCC\x81"), 2u) << "a combining accent counts";
}

TEST(Text, Lower) {
  constexpr std::array<std::array<const char*, 2>, 13> kCases = {{{"", ""},
                                                                  {"AZaz09_[", "azaz09_["},
                                                                  {"ÄÖÜ", "äöü"},
                                                                  {"ẞ", "ß"},
                                                                  {"ß", "ß"},
                                                                  {"ΑΒΓ", "αβγ"},
                                                                  {"ДЖ", "дж"},
                                                                  {"Ǆ", "ǆ"},
                                                                  {"ǅ", "ǆ"},
                                                                  {"Ⴀ", "ⴀ"},
                                                                  {"\xE2\x84\xAA", "k"},  // U+212A, the Kelvin sign
                                                                  {"\xE2\x84\xA6", "ω"},  // U+2126, the Ohm sign
                                                                  {"𐐀", "𐐨"}}};
  for (const auto& [text, lower] : kCases) EXPECT_EQ(python_lower(text), lower);
}

TEST(Text, ReplaceAll) {
  constexpr std::array<std::array<const char*, 4>, 10> kCases = {{{"", "a", "b", ""},
                                                                  {"abc", "", "x", "abc"},
                                                                  {"aaa", "a", "", ""},
                                                                  {"aaa", "aa", "b", "ba"},
                                                                  {"aaaa", "aa", "a", "aa"},
                                                                  {"abc", "abc", "abcabc", "abcabc"},
                                                                  {"a.b.c", ".", "..", "a..b..c"},
                                                                  {"abc", "abcd", "x", "abc"},
                                                                  {"xay", "a", "a", "xay"},
                                                                  {"éa", "a", "é", "éé"}}};
  for (const auto& [text, from, to, result] : kCases) EXPECT_EQ(replace_all(text, from, to), result) << text;
}

TEST(Text, SplitAndJoinAreInverse) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {""}},          {",", {"", ""}}, {"a", {"a"}}, {"a,b", {"a", "b"}}, {",a,,b,", {"", "a", "", "b", ""}},
      {"é,ü", {"é", "ü"}},
  };
  for (const auto& [text, parts] : cases) {
    EXPECT_EQ(split(text, ','), parts) << text;
    EXPECT_EQ(join(parts, ","), text);
  }
  EXPECT_EQ(join({}, ","), "");
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
}

TEST(Text, Printable) {
  EXPECT_EQ(printable("plain é €"), "plain é €");
  EXPECT_EQ(printable("a\nb\tc\x7F\x1B[0m"s + '\0'), "a?b?c??[0m?");
  EXPECT_EQ(printable("\xC2\x85|\xFF|\xED\xA0\x80"), "?|?|???");
  EXPECT_EQ(printable(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(printable(std::string(101, 'x')), std::string(100, 'x') + "...");
  std::string accents;
  for (int i = 0; i < 101; ++i) accents += "é";
  EXPECT_EQ(printable(accents), accents.substr(0, 200) + "...") << "cut between characters";
  for (const auto& [bytes, code_points] : malformed()) EXPECT_TRUE(is_valid_utf8(printable(bytes)));
}

TEST(Text, Nearest) {
  const std::vector<std::string> names = {"mmlu", "gsm8k", "gsm8k_cot", "arc_easy", "arc_challenge", "humaneval"};
  constexpr std::array<std::array<const char*, 2>, 13> kCases = {{{"mmlu", "mmlu"},
                                                                  {"mlmu", "mmlu"},   // two letters swapped
                                                                  {"mmmlu", "mmlu"},  // one too many
                                                                  {"mlu", "mmlu"},    // one too few
                                                                  {"nmlu", "mmlu"},   // another one
                                                                  {"nmlo", ""},       // two of four are too many
                                                                  {"gsm8", "gsm8k"},
                                                                  {"gsm8k_cto", "gsm8k_cot"},
                                                                  {"gsm8kcot", "gsm8k_cot"},
                                                                  {"arc-easy", "arc_easy"},
                                                                  {"arc_chalenge", "arc_challenge"},
                                                                  {"hellaswag", ""},
                                                                  {"", ""}}};
  for (const auto& [word, expected] : kCases) EXPECT_EQ(nearest(word, names), expected) << word;
  EXPECT_EQ(nearest("abc", {}), "");
  EXPECT_EQ(nearest("x", {"y", "z"}), "y") << "the first of equals";
  EXPECT_EQ(nearest("abcdef", {"abcdxy", "abcdex"}), "abcdex") << "the nearer one, though it comes later";
}

TEST(Text, SomeOfNamesTheFirstFive) {
  EXPECT_EQ(some_of({}), "");
  EXPECT_EQ(some_of({"a", "b", "c", "d", "e"}), "a, b, c, d, e");
  EXPECT_EQ(some_of({"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d, e and 2 more");
}

}  // namespace
}  // namespace assay
