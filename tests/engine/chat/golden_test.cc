// Chat templates as Hugging Face's library renders them: every row of the reference equal, errors and token ids too.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/chat/chat_template.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/chat/support.h"

namespace assay::engine::chat {
namespace {

using Json = nlohmann::json;

// The conversation whose message holds the names of special tokens.
constexpr int kNamesOfTokens = 4;

std::vector<Turn> turns_of(const Json& messages) {
  std::vector<Turn> turns;
  for (const Json& message : messages) turns.push_back({message.at("role"), message.at("content")});
  return turns;
}

class ChatGolden : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSAY_REQUIRE_SHARED(golden, "golden/tokenizers");
    ASSAY_REQUIRE_SHARED(models, "models");
    if (rows_.empty()) load(golden, models);
  }

  // Once for all tests: a tokenizer takes a second.
  static void load(const std::filesystem::path& golden, const std::filesystem::path& models) {
    const Json index = Json::parse(read_file(golden / "chat_templates/index.json"));
    for (const auto& [name, entry] : index.items()) {
      std::map<std::string, std::string> tokens;
      for (const char* token : {"bos_token", "eos_token"}) {
        if (entry.at(token).is_string()) tokens[token] = entry.at(token);
      }
      templates_.emplace(name, ChatTemplate(name, read_file(golden / std::string(entry.at("file"))), tokens));
      if (!entry.at("tokenizer").is_string()) continue;
      const std::string tokenizer = entry.at("tokenizer");
      for (const std::string& file :
           {"tokenizers/" + tokenizer + "/tokenizer.json", "tokenizers/" + tokenizer + "/tokenizer.json.gz",
            std::string(tokenizer == "llama3.1" ? "llama3-tokenizer/tokenizer.model" : "")}) {
        if (!file.empty() && std::filesystem::exists(models / file)) {
          tokenizers_.emplace(name, Tokenizer::from_file(models / file));
          break;
        }
      }
    }
    for (const std::string& line : split(read_file(golden / "chat_templates.jsonl"), '\n')) {
      if (!line.empty()) rows_.push_back(Json::parse(line));
    }
  }

  static inline std::map<std::string, ChatTemplate> templates_;
  static inline std::map<std::string, Tokenizer> tokenizers_;
  static inline std::vector<Json> rows_;
};

TEST_F(ChatGolden, EveryRowIsEqual) {
  int rendered = 0;
  int refused = 0;
  int encoded = 0;
  for (const Json& row : rows_) {
    const std::string model = row.at("model");
    SCOPED_TRACE(model + ", conversation " + row.at("conversation").dump());
    const std::vector<Turn> turns = turns_of(row.at("messages"));
    if (row.contains("error")) {
      try {
        templates_.at(model).render(turns, row.at("add_generation_prompt"), 0);
        ADD_FAILURE() << "not refused";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ExitCode::kBadInput);
        EXPECT_EQ(error.what(), model + ": its chat template refuses the dialogue: " + std::string(row.at("error")));
        ++refused;
      }
      continue;
    }
    const std::vector<PromptPiece> pieces = templates_.at(model).render(turns, row.at("add_generation_prompt"), 0);
    const std::string text = text_of(pieces);
    ASSERT_EQ(text, std::string(row.at("rendered")));
    ++rendered;
    if (!row.contains("ids") || !tokenizers_.contains(model)) continue;
    const Tokenizer& tokenizer = tokenizers_.at(model);
    const bool names = row.at("conversation") == kNamesOfTokens;
    EXPECT_EQ(names ? tokenizer.encode_markup(text) : tokenizer.encode_pieces(pieces),
              row.at("ids").get<std::vector<TokenId>>());
    ++encoded;
  }
  EXPECT_EQ(rendered + refused, static_cast<int>(rows_.size()));
  EXPECT_GT(encoded, 80);
  std::cout << "chat templates: " << rendered << " dialogues rendered equal, " << refused
            << " refused with equal words, " << encoded << " sequences of ids equal\n";
}

// The reference turns names of special tokens inside a message into the tokens themselves. Here they stay text: as many
// special tokens come out as for a message without such names.
TEST_F(ChatGolden, NamesOfTokensInMessagesStayText) {
  int compared = 0;
  for (const Json& row : rows_) {
    const std::string model = row.at("model");
    if (row.at("conversation") != kNamesOfTokens || !tokenizers_.contains(model)) continue;
    SCOPED_TRACE(model);
    const Tokenizer& tokenizer = tokenizers_.at(model);
    const auto special_ids = [&](std::vector<TokenId> ids) {
      std::erase_if(ids, [&](TokenId id) { return !tokenizer.is_special(id); });
      return ids;
    };
    std::vector<Turn> turns = turns_of(row.at("messages"));
    const std::string hostile = turns.back().content;
    const std::vector<TokenId> ids = tokenizer.encode_pieces(templates_.at(model).prompt(turns, 0));
    turns.back().content = "harmless";
    EXPECT_EQ(special_ids(ids), special_ids(tokenizer.encode_pieces(templates_.at(model).prompt(turns, 0))));
    // Nothing of the message is lost.
    EXPECT_NE(tokenizer.decode(ids, true).find(python_strip(hostile)), std::string::npos);
    ++compared;
  }
  EXPECT_GE(compared, 18);
  std::cout << "names of special tokens inside a message: literal in " << compared << " prompts\n";
}

}  // namespace
}  // namespace assay::engine::chat
