// Damaged files: cut, with flipped bits, with fields that contradict each other. Each must be refused with an Error or
// give a tokenizer that works; nothing may crash (this suite also runs under the sanitizers).
#include <gtest/gtest.h>

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "engine/tokenizer/stream_decoder.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace assay::engine {
namespace {

constexpr std::string_view kText =
    "Hello <|eot_id|> world, 12345 <s>\xc3\xa9t\xc3\xa9</s>\n\n\tx = 1; \xf0\x9f\xa6\x99 \xff\xc3 end";

class Malformed : public ::testing::Test {
 protected:
  // Loads the bytes as a file of this name and uses what comes of it.
  void attempt(const std::string& content, const std::string& name) {
    ++attempts_;
    const std::filesystem::path path = folder_.write(name, content);
    use([&] { return Tokenizer::from_file(path); });
  }

  template <typename Load>
  void use(const Load& load) {
    try {
      const Tokenizer tokenizer = load();
      for (const std::vector<TokenId>& ids : {tokenizer.encode(kText), tokenizer.encode_markup(kText)}) {
        tokenizer.decode(ids, true);
        StreamDecoder decoder(tokenizer);
        for (const TokenId id : ids) {
          ASSERT_LT(id, tokenizer.size());
          decoder.push(id);
        }
      }
      ++accepted_;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
      ++refused_;
    }
  }

  void report(const char* what) const {
    std::cout << what << ": " << attempts_ << " tried, " << refused_ << " refused, " << accepted_ << " usable\n";
  }

  assay::testing::TemporaryFolder folder_;
  size_t attempts_ = 0;
  size_t accepted_ = 0;
  size_t refused_ = 0;
};

std::string flip(std::string content, PythonRandom& random, size_t bits) {
  for (size_t i = 0; i < bits; ++i) {
    content[random.below(static_cast<uint32_t>(content.size()))] ^= static_cast<char>(1 << random.below(8));
  }
  return content;
}

TEST_F(Malformed, FlippedAndCutTokenizerJson) {
  ASSAY_REQUIRE_SHARED(shared, "golden/architectures");
  const std::filesystem::path files[] = {shared / "malformed/control-good/tokenizer.json",
                                         shared / "llama3/tokenizer.json",
                                         shared / "../../models/stories260K/tokenizer.json"};
  PythonRandom random(20260101);
  for (const std::filesystem::path& file : files) {
    const std::string content = read_file(file);
    for (size_t i = 0; i < 500; ++i) attempt(flip(content, random, 1 + i % 3), "tokenizer.json");
    for (size_t i = 0; i < 100; ++i) {
      attempt(content.substr(0, random.below(static_cast<uint32_t>(content.size()))), "tokenizer.json");
    }
  }
  report("tokenizer.json");
  EXPECT_EQ(attempts_, 1800u);
  EXPECT_GT(refused_, 300u);  // a cut file is never whole
  EXPECT_GT(accepted_, 30u);  // a flipped letter of a token is another token
}

// Any value of the document replaced by one of another kind or size.
TEST_F(Malformed, ReplacedValuesInTokenizerJson) {
  ASSAY_REQUIRE_SHARED(file, "models/stories260K/tokenizer.json");
  const nlohmann::json document = nlohmann::json::parse(read_file(file));
  const nlohmann::json values[] = {
      nullptr, -1, 4294967296, 1e300, 2147483647, "", "<s>", true, {{"type", "Sequence"}}, nlohmann::json::array()};
  const nlohmann::json flat = document.flatten();
  PythonRandom random(7);
  for (size_t i = 0; i < 1000; ++i) {
    nlohmann::json damaged = document;
    auto at = flat.begin();
    // Half of the time among the settings, which lie before and behind the long lists of the model.
    std::advance(at, random.below(static_cast<uint32_t>(i % 2 == 0 ? 120 : flat.size())));
    nlohmann::json::json_pointer place(at.key());
    for (uint32_t up = random.below(3); up > 0 && !place.parent_pointer().empty(); --up) place = place.parent_pointer();
    damaged[place] = values[random.below(std::size(values))];
    attempt(damaged.dump(), "tokenizer.json");
  }
  report("tokenizer.json, values replaced");
  EXPECT_EQ(attempts_, 1000u);
  EXPECT_GT(refused_, 500u);
}

TEST_F(Malformed, FlippedAndCutTokenizerModel) {
  ASSAY_REQUIRE_SHARED(file, "models/llama3-tokenizer/tokenizer.model");
  const std::string content = read_file(file);
  PythonRandom random(3);
  // The start alone: too few ranks, but every line is read first.
  const std::string start = content.substr(0, 1500);
  for (size_t i = 0; i < 2000; ++i) attempt(flip(start, random, 1 + i % 3), "tokenizer.model");
  EXPECT_EQ(refused_, 2000u);
  for (size_t i = 0; i < 3; ++i) attempt(flip(content, random, 1), "tokenizer.model");
  for (size_t i = 0; i < 3; ++i) {
    attempt(content.substr(0, random.below(static_cast<uint32_t>(content.size()))), "tokenizer.model");
  }
  report("tokenizer.model");
  EXPECT_EQ(attempts_, 2006u);
  EXPECT_GE(refused_, 2003u);
}

GgufVocabulary small_vocabulary(const std::string& model) {
  GgufVocabulary vocabulary;
  vocabulary.model = model;
  vocabulary.pre = "gpt-2";
  vocabulary.tokens = {"<unk>", "<s>",   "</s>",         "H",     "e", "l", "o", "ll", "He",
                       "Hell",  "Hello", "\xe2\x96\x81", "<0x0A>"};
  vocabulary.scores = {0, 0, 0, -9, -9, -9, -9, -1, -2, -3, -4, -9, 0};
  vocabulary.types = {2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 4, 1, 6};
  vocabulary.merges = {"l l", "H e", "He ll", "Hell o"};
  vocabulary.bos = 1;
  return vocabulary;
}

void damage(GgufVocabulary& vocabulary, PythonRandom& random) {
  const uint32_t at = random.below(static_cast<uint32_t>(vocabulary.tokens.size()));
  switch (random.below(9)) {
    case 0:
      vocabulary.tokens[at] = flip(vocabulary.tokens[at] + "x", random, 2);
      break;
    case 1:
      vocabulary.tokens[at].clear();
      break;
    case 2:
      vocabulary.tokens.resize(at);
      break;
    case 3:
      vocabulary.types[at] = static_cast<int32_t>(random.next_u32() % 9) - 1;
      break;
    case 4:
      vocabulary.scores[at] = std::numeric_limits<float>::quiet_NaN();
      break;
    case 5:
      vocabulary.scores.resize(at);
      break;
    case 6:
      vocabulary.merges[at % 4] = flip(vocabulary.merges[at % 4], random, 1);
      break;
    case 7:
      vocabulary.bos = static_cast<TokenId>(random.next_u32());
      break;
    case 8:
      vocabulary.pre = flip(vocabulary.pre, random, 1);
      break;
  }
}

TEST_F(Malformed, DamagedGgufVocabulary) {
  PythonRandom random(11);
  for (const char* model : {"gpt2", "llama"}) {
    for (size_t i = 0; i < 1000; ++i, ++attempts_) {
      GgufVocabulary vocabulary = small_vocabulary(model);
      damage(vocabulary, random);
      use([&] { return Tokenizer::from_gguf(vocabulary); });
    }
  }
  report("GGUF vocabulary");
  EXPECT_EQ(attempts_, 2000u);
  EXPECT_GT(refused_, 500u);
  EXPECT_GT(accepted_, 300u);
}

// Legal here: the engine compares size() with the embedding.
TEST(TokenizerJson, IdBeyondTheEmbedding) {
  ASSAY_REQUIRE_SHARED(file, "golden/architectures/malformed/tokenizer-id-beyond-vocab/tokenizer.json");
  const Tokenizer tokenizer = Tokenizer::from_file(file);
  EXPECT_EQ(tokenizer.size(), 10000);
  EXPECT_EQ(tokenizer.token_text(9999), "<far>");
  EXPECT_EQ(tokenizer.token_text(9998), "");
}

}  // namespace
}  // namespace assay::engine
