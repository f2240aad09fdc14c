// The published vocabularies in the other forms in which files hold them, against the same vectors: as the vocabulary
// of a GGUF of each kind, and as the newer tokenizer.json that leaves the space in front to a Metaspace pre-tokenizer.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/tokenizer/read_json.h"
#include "tests/engine/tokenizer/vectors.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace assay::engine {
namespace {

using nlohmann::json;
using testing::read_vectors;
using testing::Vector;

struct Kind {
  const char* folder;  // below shared/models/tokenizers
  const char* file;
  const char* model;  // tokenizer.ggml.model
  const char* pre;    // tokenizer.ggml.pre
  std::optional<bool> add_space_prefix = std::nullopt;
};

constexpr Kind kKinds[] = {
    {"llama2", "tokenizer.json", "llama", ""},
    {"mistral-v1", "tokenizer.json", "llama", "", true},
    {"mistral-v3", "tokenizer.json", "llama", "default"},
    {"gemma2", "tokenizer.json.gz", "llama", "default", false},
    {"gpt2", "tokenizer.json", "gpt2", "gpt-2"},
    {"smollm2", "tokenizer.json", "gpt2", "smollm"},
    {"qwen2.5", "tokenizer.json.gz", "gpt2", "qwen2", false},
    {"mistral-nemo", "tokenizer.json.gz", "gpt2", "tekken"},
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.folder;
}

// Scores as SentencePiece has them: a token's is higher the earlier the list of merges makes it, since the list was
// made of the scores.
std::vector<float> scores_of(const TokenizerDefinition& definition, const std::vector<std::string>& tokens) {
  std::map<std::string, float> scores;
  for (const auto& [left, right] : definition.bpe.merges) {
    scores.emplace(left + right, -static_cast<float>(scores.size()));  // the first that makes it
  }
  std::vector<float> result;
  for (const std::string& token : tokens) {
    const auto found = scores.find(token);
    result.push_back(found == scores.end() ? -static_cast<float>(scores.size()) : found->second);
  }
  return result;
}

GgufVocabulary vocabulary_of(const TokenizerDefinition& definition, const Kind& kind) {
  std::map<TokenId, std::pair<std::string, int32_t>> tokens;  // id; text and type
  for (const VocabularyEntry& entry : definition.bpe.vocabulary) {
    const bool is_byte = definition.bpe.byte_fallback && entry.text.size() == 6 && entry.text.starts_with("<0x");
    tokens[entry.id] = {entry.text, is_byte ? 6 : 1};
  }
  for (const AddedToken& token : definition.added) tokens[token.id] = {token.text, token.special ? 3 : 4};
  if (definition.bpe.unknown) {
    for (auto& [id, token] : tokens) token.second = token.first == *definition.bpe.unknown ? 2 : token.second;
  }

  GgufVocabulary vocabulary;
  vocabulary.model = kind.model;
  vocabulary.pre = kind.pre;
  vocabulary.add_space_prefix = kind.add_space_prefix;
  for (const auto& [id, token] : tokens) {
    EXPECT_EQ(static_cast<size_t>(id), vocabulary.tokens.size());
    vocabulary.tokens.push_back(token.first);
    vocabulary.types.push_back(token.second);
  }
  if (vocabulary.model == "llama") vocabulary.scores = scores_of(definition, vocabulary.tokens);
  if (vocabulary.model == "gpt2") {
    for (const auto& [left, right] : definition.bpe.merges) vocabulary.merges.push_back(left + " " + right);
  }
  return vocabulary;
}

class GgufKinds : public ::testing::TestWithParam<Kind> {};

TEST_P(GgufKinds, AllVectorsEqual) {
  ASSAY_REQUIRE_SHARED(tokenizers, "models/tokenizers");
  const std::filesystem::path folder = tokenizers / GetParam().folder;
  const TokenizerDefinition definition =
      read_tokenizer_json(read_text_file(folder / GetParam().file), GetParam().folder);
  const Tokenizer tokenizer = Tokenizer::from_gguf(vocabulary_of(definition, GetParam()));
  const std::vector<Vector> vectors = read_vectors(folder / "vectors.jsonl");
  EXPECT_EQ(vectors.size(), 430u);
  const size_t ids = testing::compare_all(tokenizer, vectors);
  std::cout << GetParam().folder << " as a GGUF's " << GetParam().model << " vocabulary: " << vectors.size()
            << " strings, " << ids << " ids compared\n";
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, GgufKinds, ::testing::ValuesIn(kKinds), [](const auto& tested) {
  std::string name;
  for (const char c : std::string_view(tested.param.folder)) name += std::isalnum(c) != 0 ? c : '_';
  return name;
});

// transformers 5 makes its own tokenizer of these files: no normaliser, and a Metaspace that leaves a text alone that
// begins with a space. Its ids of the texts that differ are in golden/tokenizers; all others are as before.
TEST(Metaspace, TextsThatBeginWithASpaceGetNoOther) {
  ASSAY_REQUIRE_SHARED(shared, "golden/tokenizers/transformers5_differences.jsonl");
  const std::filesystem::path models = shared.parent_path().parent_path().parent_path() / "models/tokenizers";
  std::map<std::string, std::map<std::string, std::vector<TokenId>>> different;  // tokenizer; text; ids
  const std::string content = read_file(shared);
  for (const std::string_view line : split_lines(content)) {
    const json row = json::parse(line);
    different[row.at("tokenizer")][row.at("text")] = row.at("transformers_5_23").get<std::vector<TokenId>>();
  }
  for (const char* name : {"llama2", "mistral-v1", "mistral-v3"}) {
    json document = json::parse(read_file(models / name / "tokenizer.json"));
    document["normalizer"] = nullptr;
    document["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", kMetaSpace}, {"prepend_scheme", "always"}, {"split", false}};
    const assay::testing::TemporaryFolder folder;
    const Tokenizer tokenizer = Tokenizer::from_file(folder.write("tokenizer.json", document.dump()));
    constexpr size_t kLongest = 2000;  // longer texts are not in the list of differences
    size_t others = 0;
    for (const Vector& vector : read_vectors(models / name / "vectors.jsonl")) {
      if (vector.text.size() > kLongest) continue;
      const auto found = different[name].find(vector.text);
      others += found != different[name].end();
      EXPECT_EQ(tokenizer.encode_markup(vector.text),
                found == different[name].end() ? vector.ids_parse_special : found->second)
          << name << ": " << vector.text.substr(0, 200);
    }
    EXPECT_EQ(others, different[name].size());
    std::cout << name << ": " << others << " texts as transformers 5 has them, the others as tokenizer.json\n";
  }
}

}  // namespace
}  // namespace assay::engine
