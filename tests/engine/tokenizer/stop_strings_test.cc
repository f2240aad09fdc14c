#include "engine/tokenizer/stop_strings.h"

#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

struct Row {
  std::string text;
  std::vector<std::string> stops;
  std::string trimmed;
};

std::vector<Row> read_rows(const std::filesystem::path& file) {
  std::vector<Row> rows;
  const std::string content = read_file(file);
  for (const std::string_view line : split_lines(content)) {
    const nlohmann::json row = nlohmann::json::parse(line);
    rows.push_back({row.at("text"), row.at("until"), row.at("trimmed")});
  }
  return rows;
}

TEST(StopStrings, GoldenRows) {
  ASSAY_REQUIRE_SHARED(file, "golden/extraction/stop_strings.jsonl");
  const std::vector<Row> rows = read_rows(file);
  for (const Row& row : rows) EXPECT_EQ(cut_at_stops(row.text, row.stops), row.trimmed) << row.text;
  ASSERT_EQ(rows.size(), 23u);
  std::cout << rows.size() << " texts cut\n";
}

// However the text arrives, the search says the same as looking at all of it.
TEST(StopStrings, FoundInAnyPieces) {
  ASSAY_REQUIRE_SHARED(file, "golden/extraction/stop_strings.jsonl");
  size_t pieces = 0;
  for (const Row& row : read_rows(file)) {
    for (size_t length = 1; length <= 9; ++length) {
      StopSearch search(row.stops);
      std::string seen;
      for (size_t at = 0; at < row.text.size(); at += length, ++pieces) {
        const std::string piece = row.text.substr(at, length);
        seen += piece;
        const bool expected = cut_at_stops(seen, row.stops).size() < seen.size();
        EXPECT_EQ(search.hit_with(piece), expected) << row.text;
        EXPECT_EQ(search.add(piece), expected) << row.text;
      }
    }
  }
  EXPECT_EQ(pieces, 697u);
  std::cout << pieces << " pieces searched\n";
}

struct Case {
  const char* text;
  std::vector<std::string> stops;
  const char* trimmed;
};

TEST(StopStrings, ListOrderAndEmptyStops) {
  const Case cases[] = {
      {"abcd", {"bc", "abcd"}, "a"},  // the first cut hides the second stop
      {"abcd", {"abcd", "bc"}, ""},   // and in the other order it does not
      {"abc", {""}, "abc"},           // an empty stop is no stop
      {"abc", {"", "c"}, "ab"},       //
      {"stop", {"stop"}, ""},         // at offset 0
      {"", {"a"}, ""},                //
      {"a\xf0\x9f\x91\x8d"
       "b",
       {"\xf0\x9f\x91\x8d"},
       "a"},
  };
  for (const Case& tested : cases) EXPECT_EQ(cut_at_stops(tested.text, tested.stops), tested.trimmed) << tested.text;
  EXPECT_FALSE(StopSearch({"", ""}).add("text"));
}

}  // namespace
}  // namespace assay::engine
