#include "datasets/sources.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

const std::string kHash(64, 'a');

std::string one_benchmark(const std::string& source, const std::string& file) {
  return "[[benchmark]]\nname = \"b\"\ntitle = \"t\"\nlicence = \"l\"\nhomepage = \"h\"\n[[benchmark.source]]\n" +
         source + "files = [" + file + "]\n";
}

const std::string kSource =
    "packing = \"tar\"\narchive = \"b.tar\"\naddresses = [\"http://x/\"]\nmembers = \"top/\"\ntried = false\n";
const std::string kFile = "{ path = \"b/c/d.csv\", bytes = 3, sha256 = \"" + kHash + "\" }";

TEST(Sources, TheCompiledInListIsWhole) {
  size_t files = 0;
  int addresses = 0;
  for (const Benchmark& benchmark : benchmarks()) {
    EXPECT_FALSE(benchmark.licence.empty());
    EXPECT_TRUE(benchmark.homepage.starts_with("https://"));
    files += benchmark.file_count();
    for (const Download& download : benchmark.downloads) {
      EXPECT_EQ(download.addresses.empty(), download.packing == Packing::kCompiledIn);
      for (const std::string& address : download.addresses) {
        EXPECT_TRUE(address.starts_with("https://")) << address;
        EXPECT_FALSE(address.ends_with('/')) << address;
        ++addresses;
      }
      if (download.packing != Packing::kCompiledIn) continue;
      const std::string_view text = compiled_in(download.name);
      EXPECT_EQ(sha256_hex(text), download.files.front().sha256) << download.name;
      EXPECT_EQ(static_cast<int64_t>(text.size()), download.files.front().bytes);
    }
  }
  EXPECT_EQ(files, 136u);
  std::cout << files << " files, " << addresses << " addresses\n";
}

TEST(Sources, AnAddressIsMadeOfThePath) {
  const Download archive = parse_sources(one_benchmark(kSource, kFile), "f").at(0).downloads.at(0);
  EXPECT_EQ(archive.files.at(0).member, "top/c/d.csv");
  EXPECT_EQ(archive.addresses.at(0), "http://x/");
  const std::string plain = "packing = \"none\"\naddresses = [\"http://x/\", \"http://y/z/\"]\ntried = true\n";
  const Download file = parse_sources(one_benchmark(plain, kFile), "f").at(0).downloads.at(0);
  EXPECT_EQ(file.addresses, (std::vector<std::string>{"http://x/c/d.csv", "http://y/z/c/d.csv"}));
  EXPECT_TRUE(file.files.at(0).member.empty());
  EXPECT_TRUE(file.tried);
}

TEST(Sources, WhatIsWrongIsNamed) {
  const std::string good = one_benchmark(kSource, kFile);
  ASSERT_EQ(parse_sources(good, "f").size(), 1u);
  const struct {
    std::string from;
    std::string to;
    std::string says;
  } changes[] = {
      {"name = \"b\"", "name = \"..\"", "name must be"},
      {"name = \"b\"", "name = \"a/b\"", "name must be"},
      {"name = \"b\"", "", "name is missing"},
      {"licence = \"l\"", "licence = 3", "licence has the wrong type"},
      {"packing = \"tar\"", "packing = \"rar\"", "packing must be"},
      {"archive = \"b.tar\"", "archive = \"../b.tar\"", "archive must be"},
      {"[\"http://x/\"]", "[]", "addresses must be"},
      {"[\"http://x/\"]", "[7]", "addresses must be"},
      {"tried = false", "", "tried is missing"},
      {"b/c/d.csv", "b/../../d.csv", "path must be"},
      {"b/c/d.csv", "/b/c/d.csv", "path must be"},
      {"b/c/d.csv", "other/d.csv", "path must be"},
      {"b/c/d.csv", "b/c//d.csv", "path must be"},
      {"b/c/d.csv", "b/", "path must be"},
      {"bytes = 3", "bytes = -3", "bytes must not"},
      {"bytes = 3", "bytes = 3.5", "bytes has the wrong type"},
      {kHash, kHash.substr(1), "sha256 must be"},
      {kHash, std::string(64, 'A'), "sha256 must be"},
      {kFile, kFile + ", " + kFile, "stands twice"},
      {kFile, "", "files must be"},
      {kFile, "1", "files must be"},
      {"[[benchmark]]", "[benchmark]", "benchmark"},
      {good, "", "benchmark must be"},
      {good, "x = ", "line 1"},
  };
  for (const auto& change : changes) {
    const std::string text = replace_all(good, change.from, change.to);
    ASSERT_NE(text, good) << change.from;
    try {
      parse_sources(text, "file.toml");
      FAIL() << "accepted: " << change.to;
    } catch (const Error& error) {
      const std::string said = error.what();
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_TRUE(said.starts_with("file.toml")) << said;
      EXPECT_NE(said.find(change.says), std::string::npos) << said;
    }
  }
  std::cout << std::size(changes) << " wrong lists\n";
}

TEST(Sources, ChoosingByName) {
  EXPECT_EQ(choose(benchmarks(), {}).size(), 5u);
  const std::vector<Benchmark> two = choose(benchmarks(), {"mmlu", "arc", "mmlu"});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].name, "mmlu");
  try {
    choose(benchmarks(), {"mmul"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("did you mean \"mmlu\""), std::string::npos);
  }
  EXPECT_THROW(compiled_in("nothing"), Error);
}

}  // namespace
}  // namespace assay::datasets
