#include "base/random.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/golden.h"

namespace assay {
namespace {

TEST(PythonRandom, FirstWordsOfSeed1234) {
  PythonRandom random(1234);
  for (uint32_t expected : {4150886329u, 3342196574u, 1892932127u, 501869158u}) EXPECT_EQ(random.next_u32(), expected);
}

TEST(PythonRandom, SampleEqualsPythonsOnAllVectors) {
  ASSAY_REQUIRE_SHARED(path, "golden/prompts/sampler_vectors.json");
  const auto vectors = nlohmann::json::parse(std::ifstream(path));
  size_t compared = 0;
  for (const auto& entry : vectors.at("sample")) {
    PythonRandom random(entry.at("seed").get<uint64_t>());
    for (const auto& call : entry.at("calls")) {
      EXPECT_EQ(random.sample(entry.at("n"), entry.at("k")), call.get<std::vector<uint32_t>>());
      ++compared;
    }
  }
  EXPECT_GT(compared, 0u);
}

// Known answers of Random123's kat_vectors for philox4x32 with 10 rounds.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

}  // namespace
}  // namespace assay
