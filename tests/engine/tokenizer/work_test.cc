// How the work of encoding grows with the length of a text that no space cuts: as n log n. What is counted are the
// pairs looked up in the merge table; times are printed, and nothing is expected of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "base/file.h"
#include "base/random.h"
#include "engine/tokenizer/decoder.h"
#include "engine/tokenizer/impl.h"
#include "engine/tokenizer/read_json.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

constexpr size_t kLetters = 100000;

std::string mixed(std::string_view letters, size_t count) {
  PythonRandom random(5);
  std::string text;
  while (text.size() < count) text += letters[random.below(static_cast<uint32_t>(letters.size()))];
  return text;
}

struct Work {
  uint64_t pairs = 0;
  double milliseconds = 0;
};

Work encode(const Tokenizer::Impl& tokenizer, const std::string& text) {
  std::unique_ptr<EncodeScratch> scratch = tokenizer.scratch.take();
  const uint64_t before = scratch->bpe.pairs_looked_up;
  tokenizer.scratch.give_back(std::move(scratch));
  const auto start = std::chrono::steady_clock::now();
  const std::vector<TokenId> ids = tokenizer.encode(text, false);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;

  DecodeState state(tokenizer.decoder);
  std::string decoded;
  for (const TokenId id : ids) state.push(*tokenizer.text(id), decoded);
  state.finish(decoded);
  EXPECT_TRUE(decoded == text) << "the text of " << text.size() << " bytes did not come back";

  scratch = tokenizer.scratch.take();
  const uint64_t pairs = scratch->bpe.pairs_looked_up - before;
  tokenizer.scratch.give_back(std::move(scratch));
  return {pairs, elapsed.count()};
}

class EncodingWork : public ::testing::TestWithParam<const char*> {};

TEST_P(EncodingWork, GrowsWithTheTextAlone) {
  ASSAY_REQUIRE_SHARED(models, "models");
  const std::filesystem::path file = models / GetParam();
  const Tokenizer::Impl tokenizer(read_tokenizer_json(read_text_file(file), file.string()));
  const std::pair<const char*, std::string> alphabets[] = {
      {"a", "a"},
      {"a space", " "},
      {"all letters of both cases", "etaoinshrdlucmfwypvbgkjqxzETAOINSHRDLUCMFWYPVBGKJQXZ"}};
  for (const auto& [name, letters] : alphabets) {
    const Work once = encode(tokenizer, mixed(letters, kLetters));
    const Work twice = encode(tokenizer, mixed(letters, 2 * kLetters));
    // A letter is one symbol at first. Every neighbour is looked up before merging begins, every candidate when it
    // comes off the heap, and two new pairs at each merge: with n symbols and fewer than n merges that is less than 6
    // n.
    EXPECT_LE(once.pairs, 6 * (kLetters + 1)) << name;
    EXPECT_LE(twice.pairs, 2 * once.pairs + once.pairs / 50 + 100) << name;
    std::cout << fmt::format("{}, {}: {} and {} pairs for {} and {} letters, {:.1f} and {:.1f} ms\n", GetParam(), name,
                             once.pairs, twice.pairs, kLetters, 2 * kLetters, once.milliseconds, twice.milliseconds);
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, EncodingWork,
                         ::testing::Values("tokenizers/gemma2/tokenizer.json.gz", "tokenizers/gpt2/tokenizer.json",
                                           "tokenizers/llama2/tokenizer.json", "llama3-tokenizer/tokenizer.json",
                                           "tokenizers/mistral-nemo/tokenizer.json.gz",
                                           "tokenizers/mistral-v1/tokenizer.json",
                                           "tokenizers/mistral-v3/tokenizer.json",
                                           "tokenizers/qwen2.5/tokenizer.json.gz",
                                           "tokenizers/smollm2/tokenizer.json"));

}  // namespace
}  // namespace assay::engine
