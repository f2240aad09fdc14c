// Constructs of tokenizer.json one by one, on small files written here. Expected pieces follow the Hugging Face
// library's documentation of each construct.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/vectors.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

using nlohmann::json;

Tokenizer load(const json& document) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::create_directories(folder);
  const std::filesystem::path file = folder / "tokenizer.json";
  std::ofstream(file) << document.dump();
  const Tokenizer tokenizer = Tokenizer::from_file(file);
  std::filesystem::remove_all(folder);
  return tokenizer;
}

// Single characters, and "aa" which shows where pieces are cut: it forms only inside one.
json small_document() {
  return json::parse(R"({
    "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
    "model": {"type": "BPE", "unk_token": "?", "fuse_unk": false, "byte_fallback": false,
      "vocab": {"?": 0, "a": 1, "b": 2, "-": 3, " ": 4, "aa": 5, "ab": 6, "_": 7, "a-": 8, "-a": 9},
      "merges": ["a -", "- a", "a a", "a b"]}})");
}

std::string tokens(const Tokenizer& tokenizer, const std::string& text, bool markup = false) {
  std::string joined;
  for (const TokenId id : markup ? tokenizer.encode_markup(text) : tokenizer.encode(text)) {
    if (!joined.empty()) joined += '|';
    joined += tokenizer.token_text(id);
  }
  return joined;
}

struct PreTokenizerCase {
  const char* pre_tokenizer;
  const char* text;
  const char* tokens;
};

TEST(TokenizerJson, PreTokenizers) {
  const PreTokenizerCase cases[] = {
      {"null", "a-a", "a-|a"},
      {R"({"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated", "invert": false})", "a-a--",
       "a|-|a|-|-"},
      {R"({"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": false})", "a-a-", "a|a"},
      {R"({"type": "Split", "pattern": {"Regex": "-"}, "behavior": "MergedWithPrevious"})", "a-a", "a-|a"},
      {R"({"type": "Split", "pattern": {"Regex": "-"}, "behavior": "MergedWithNext"})", "a-a-", "a|-a|-"},
      {R"({"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Contiguous"})", "aa-aa", "aa|-|aa"},
      {R"({"type": "Split", "pattern": {"Regex": "a+"}, "behavior": "Removed", "invert": true})", "aa-a b", "aa|a"},
      {R"js({"type": "Split", "pattern": {"Regex": "(?=a)"}, "behavior": "Isolated"})js", "a-aa", "a-|a|a"},
      {R"({"type": "Punctuation"})", "a-a", "a|-|a"},
      {R"({"type": "WhitespaceSplit"})", "a- a", "a-|a"},
      {R"({"type": "Whitespace"})", "a- a", "a|-|a"},
      {R"({"type": "Digits", "individual_digits": true})", "a12a", "a|?|?|a"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"})", "a a", "_|a|_|a"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "never"})", "a a", "a|_|a"},
      {R"({"type": "Metaspace", "replacement": "_", "add_prefix_space": false, "split": false})", "a a", "a|_|a"},
      {R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
          {"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated"}]})",
       "a-a aa", "a|-|a|aa"},
  };
  for (const PreTokenizerCase& tested : cases) {
    json document = small_document();
    document["pre_tokenizer"] = json::parse(tested.pre_tokenizer);
    EXPECT_EQ(tokens(load(document), tested.text), tested.tokens) << tested.pre_tokenizer;
  }
}

TEST(TokenizerJson, AddedTokens) {
  json document = small_document();
  document["normalizer"] = json::parse(R"({"type": "Prepend", "prepend": "_"})");
  document["added_tokens"] = json::parse(R"([
    {"id": 20, "content": "<s>", "special": true}, {"id": 21, "content": "<x>", "special": false},
    {"id": 22, "content": "<l>", "special": true, "lstrip": true, "rstrip": true},
    {"id": 23, "content": "bb", "special": false, "single_word": true},
    {"id": 24, "content": "<n>", "special": true, "normalized": true},
    {"id": 25, "content": "<x><x>", "special": false}])");
  const Tokenizer tokenizer = load(document);
  struct Case {
    const char* text;
    bool markup;
    const char* tokens;
  };
  const Case cases[] = {
      {"a<s>a", false, "_|a|?|?|?|a"},  // the name of a special token is ordinary text
      {"a<s>a", true, "_|a|<s>|_|a"},
      {"<x>a", false, "<x>|_|a"},  // a token that is not special always matches
      {"<x><x><x>", false, "<x><x>|<x>"},
      {"a  <l> \n a", true, "_|a|<l>|_|a"},
      {"bb abb bb", false, "bb|_| |ab|b| |bb"},
      {"<n>a", true, "<n>|a"},  // found as _<n>, its normalised form
      {"a<n>", true, "_|a|?|?|?"},
  };
  for (const Case& tested : cases)
    EXPECT_EQ(tokens(tokenizer, tested.text, tested.markup), tested.tokens) << tested.text;
  EXPECT_EQ(tokenizer.size(), 26);
  EXPECT_TRUE(tokenizer.is_special(20));
  EXPECT_FALSE(tokenizer.is_special(21));
  EXPECT_EQ(tokenizer.token_id("<s>"), 20);
}

// Special tokens are found in markup alone, those of the normalised text too; a border cuts nothing else.
TEST(TokenizerJson, Pieces) {
  json document = small_document();
  document["normalizer"] = json::parse(R"({"type": "Prepend", "prepend": "_"})");
  document["added_tokens"] = json::parse(R"([
    {"id": 20, "content": "<s>", "special": true}, {"id": 21, "content": "<x>", "special": false},
    {"id": 24, "content": "<n>", "special": true, "normalized": true}])");
  const Tokenizer tokenizer = load(document);
  using Pieces = std::vector<PromptPiece>;
  const struct {
    Pieces pieces;
    std::vector<PromptPiece> same;  // has the same ids
  } cases[] = {
      {{{"a<s>", true}, {"<s>a", false}}, {{"a<s>", true}, {"<", false}, {"s>a", false}}},
      {{{"<s>", true}, {"a", false}, {"b", true}}, {{"<s>", true}, {"ab", false}}},  // "ab" is one token
      {{{"<", true}, {"s>", false}}, {{"<s>", false}}},                              // half of it is a literal
      {{{"<", true}, {"s>", true}}, {{"<s>", true}}},
      {{{"<x>", false}}, {{"<x>", true}}},
      {{{"<n>", true}, {"a", false}}, {{"<n>a", true}}},  // found as _<n>, its normalised form
      {{{"<n>", false}, {"a", true}}, {{"<n>a", false}}},
      {{{"", true}, {"a", false}, {"", false}}, {{"a", false}}},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(tokenizer.encode_pieces(one.pieces), tokenizer.encode_pieces(one.same)) << one.pieces.front().text;
  }
  const auto has = [&](const Pieces& pieces, TokenId id) {
    const std::vector<TokenId> ids = tokenizer.encode_pieces(pieces);
    return std::count(ids.begin(), ids.end(), id);
  };
  EXPECT_EQ(has({{"a<s>", true}, {"<s>a", false}}, 20), 1);
  EXPECT_EQ(has({{"<", true}, {"s>", false}}, 20), 0);
  EXPECT_EQ(has({{"<n>", true}, {"a", false}}, 24), 1);
  EXPECT_EQ(has({{"<n>", false}, {"a", true}}, 24), 0);
  EXPECT_EQ(has({{"<x>", false}}, 21), 1);
}

TEST(TokenizerJson, UnknownText) {
  json document = small_document();
  EXPECT_EQ(tokens(load(document), "xya"), "?|?|a");
  document["model"]["fuse_unk"] = true;
  EXPECT_EQ(tokens(load(document), "xyaz"), "?|a|?");
  document["model"]["unk_token"] = nullptr;
  EXPECT_EQ(tokens(load(document), "xyaz"), "a");
  document["model"]["byte_fallback"] = true;
  document["model"]["vocab"]["<0x78>"] = 30;
  EXPECT_EQ(tokens(load(document), "xya"), "<0x78>|a");
}

// A BOS template in front, one that says there is none, and silence.
TEST(TokenizerJson, DeclaresBos) {
  json document = small_document();
  document["added_tokens"] = json::parse(R"([{"id": 20, "content": "<s>", "special": true}])");
  EXPECT_EQ(load(document).declares_bos(), std::nullopt);
  EXPECT_EQ(load(document).bos(), 20);
  json& post = document["post_processor"];
  post = json::parse(R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}],
                         "special_tokens": {}})");
  EXPECT_EQ(load(document).declares_bos(), false);
  post["single"] = json::parse(R"([{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}])");
  post["special_tokens"] = json::parse(R"({"<s>": {"id": "<s>", "ids": [20], "tokens": ["<s>"]}})");
  EXPECT_EQ(load(document).declares_bos(), true);
  post = {{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, post}}};
  EXPECT_EQ(load(document).declares_bos(), true);
  post["processors"][1]["special_tokens"]["<s>"]["ids"] = {99};
  EXPECT_THROW(load(document), Error);
}

TEST(TokenizerJson, RefusesByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"/normalizer", R"({"type": "Precompiled"})"},
      {"/normalizer", R"({"type": "Lowercase"})"},
      {"/pre_tokenizer", R"({"type": "BertPreTokenizer"})"},
      {"/model/type", R"("Unigram")"},
      {"/model/type", R"("WordPiece")"},
      {"/decoder", R"({"type": "CTC"})"},
      {"/post_processor", R"({"type": "BertProcessing"})"},
      {"/model/dropout", "0.1"},
      {"/model/end_of_word_suffix", R"("</w>")"},
  };
  for (const auto& [place, value] : cases) {
    json document = small_document();
    document[json::json_pointer(place)] = json::parse(value);
    try {
      load(document);
      ADD_FAILURE() << value << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      const json& type = document[json::json_pointer(place)];
      const std::string named = type.is_object() ? type["type"].get<std::string>() : std::string("model");
      EXPECT_NE(std::string_view(error.what()).find(named), std::string_view::npos) << error.what();
    }
  }
}

// The texts of the small checkpoints' own references: BOS in front, except for the last of TinyStories, which was made
// from its model card's template: the start token written out, and no prefix behind it.
TEST(Tokenizer, ReferencesOfSmallCheckpoints) {
  ASSAY_REQUIRE_SHARED(models, "models");
  const std::string templated = "Once upon a time, there was a little boy named Tim. Tim ";
  size_t texts = 0;
  for (const char* name : {"stories260K", "TinyStories-656K"}) {
    const Tokenizer tokenizer = Tokenizer::from_file(models / name / "tokenizer.json");
    EXPECT_EQ(tokenizer.declares_bos(), true);
    std::ifstream file(models / name / "ref/vectors.json");
    for (const json& row : json::parse(file)) {
      const std::string text = row.at("text");
      std::vector<TokenId> ids;
      if (text == templated) {
        ids = tokenizer.encode_markup("<|start_story|>" + text);
      } else {
        ids = tokenizer.encode(text);
        ids.insert(ids.begin(), tokenizer.bos().value());
      }
      EXPECT_EQ(ids, row.at("ids").get<std::vector<TokenId>>()) << text;
      ++texts;
    }
  }
  EXPECT_EQ(texts, 5u);
  std::cout << texts << " reference texts compared\n";
}

// The vocabulary inside a GGUF merges by score, tokenizer.json by its list: on ordinary English they agree.
TEST(Tokenizer, ScoresMergeAsTheListDoes) {
  ASSAY_REQUIRE_SHARED(models, "models");
  const std::pair<const char*, const char*> files[] = {
      {"stories260K/tokenizer.json", "stories260K/stories260K-f16.gguf"},
      {"TinyStories-656K/tokenizer.json", "TinyStories-656K/TinyStories-656K-f16.gguf"}};
  const std::vector<testing::Vector> vectors = testing::read_vectors(models / "tokenizers/llama2/vectors.jsonl");
  for (const auto& [json_file, gguf_file] : files) {
    const Tokenizer listed = testing::load_tokenizer(models / json_file);
    const Tokenizer scored = testing::load_tokenizer(models / gguf_file);
    EXPECT_EQ(scored.declares_bos(), true);
    EXPECT_EQ(scored.bos(), listed.bos());
    size_t different = 0;
    for (const testing::Vector& vector : vectors) different += listed.encode(vector.text) != scored.encode(vector.text);
    EXPECT_EQ(different, 0u) << gguf_file << ", of " << vectors.size();
  }
}

TEST(Tokenizer, EqualLettersTakeNoQuadraticTime) {
  ASSAY_REQUIRE_SHARED(models, "models");
  for (const char* file : {"llama3-tokenizer/tokenizer.json", "tokenizers/llama2/tokenizer.json"}) {
    const Tokenizer tokenizer = Tokenizer::from_file(models / file);
    for (const char letter : {'a', ' ', '\n', '1', '.'}) {
      const std::string text(100000, letter);
      const auto start = std::chrono::steady_clock::now();
      const std::vector<TokenId> ids = tokenizer.encode(text);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      EXPECT_EQ(tokenizer.decode(ids, false), text);
      EXPECT_LT(seconds.count(), 20) << file << " '" << letter << "'";  // quadratic: minutes; n log n: 20 ms
    }
  }
}

TEST(Tokenizer, ThreadsGetTheSameIds) {
  ASSAY_REQUIRE_SHARED(file, "models/tokenizers/smollm2/tokenizer.json");
  const Tokenizer tokenizer = Tokenizer::from_file(file);
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(fmt::format("Question {}: what is {}?", i * 7919, i));
  std::vector<std::vector<TokenId>> expected;
  for (const std::string& text : texts) expected.push_back(tokenizer.encode(text));
  std::vector<std::thread> threads;
  std::vector<int> different(4, 0);
  for (size_t t = 0; t < different.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < texts.size(); ++i) different[t] += tokenizer.encode(texts[i]) != expected[i];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(different, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace assay::engine
