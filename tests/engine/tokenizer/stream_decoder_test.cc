#include "engine/tokenizer/stream_decoder.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/random.h"
#include "base/text.h"
#include "tests/engine/tokenizer/vectors.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using testing::load_tokenizer;

// Random ids make broken UTF-8 and broken runs of byte tokens at every turn.
std::vector<TokenId> random_ids(const Tokenizer& tokenizer, uint64_t seed, size_t count, TokenId below) {
  PythonRandom random(seed);
  std::vector<TokenId> ids;
  for (size_t i = 0; i < count; ++i) {
    const auto limit = static_cast<uint32_t>(random.below(2) == 0 ? below : tokenizer.size());
    ids.push_back(static_cast<TokenId>(random.below(limit)));
  }
  return ids;
}

// After every id: what was returned and what is pending are the decoding of the ids so far, and all of it is UTF-8.
TEST(StreamDecoder, EveryPrefixIsTheDecodingOfItsIds) {
  ASSAY_REQUIRE_SHARED(models, "models");
  // Below these ids lie the byte tokens.
  const std::pair<const char*, TokenId> cases[] = {{"llama3-tokenizer/tokenizer.json", 256},
                                                   {"tokenizers/llama2/tokenizer.json", 260},
                                                   {"stories260K/tokenizer.json", 260},
                                                   {"TinyStories-656K/tokenizer.json", 100}};
  size_t prefixes = 0;
  for (const auto& [file, below] : cases) {
    const Tokenizer tokenizer = load_tokenizer(models / file);
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const std::vector<TokenId> ids = random_ids(tokenizer, seed, 60, below);
      StreamDecoder decoder(tokenizer);
      std::string text;
      for (size_t i = 0; i < ids.size(); ++i, ++prefixes) {
        text += decoder.push(ids[i]);
        ASSERT_TRUE(is_valid_utf8(text));
        ASSERT_EQ(text + decoder.pending(), tokenizer.decode(std::span(ids).first(i + 1), true)) << file;
      }
      ASSERT_EQ(text + decoder.finish(), tokenizer.decode(ids, true));
    }
  }
  EXPECT_EQ(prefixes, 4u * 20 * 60);
  std::cout << prefixes << " prefixes compared\n";
}

TEST(StreamDecoder, HoldsBackAnIncompleteCharacter) {
  ASSAY_REQUIRE_SHARED(file, "models/tokenizers/gpt2/tokenizer.json");
  const Tokenizer tokenizer = load_tokenizer(file);
  const std::vector<TokenId> ids = tokenizer.encode("\xf0\x9f\xa6\x99");  // a llama: several tokens of one character
  ASSERT_GT(ids.size(), 1u);
  StreamDecoder decoder(tokenizer);
  for (size_t i = 0; i + 1 < ids.size(); ++i) EXPECT_EQ(decoder.push(ids[i]), "");
  EXPECT_EQ(decoder.pending(), "\xef\xbf\xbd");
  EXPECT_EQ(decoder.push(ids.back()), "\xf0\x9f\xa6\x99");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, UnknownIdsAddNothing) {
  ASSAY_REQUIRE_SHARED(file, "models/stories260K/tokenizer.json");
  StreamDecoder decoder(load_tokenizer(file));
  for (const TokenId id : {-1, 512, 2147483647, 1}) EXPECT_EQ(decoder.push(id), "");
  EXPECT_EQ(decoder.finish(), "");
}

}  // namespace
}  // namespace assay::engine
