// Where a checkpoint's chat template is found, and the special tokens that it may name.
#include "engine/checkpoint/chat_source.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace assay::engine {
namespace {

using testing::TemporaryFolder;

std::optional<ChatSource> source_of(const std::string& config, const std::string& jinja = "") {
  const TemporaryFolder folder;
  if (!config.empty()) folder.write("tokenizer_config.json", config);
  if (!jinja.empty()) folder.write("chat_template.jinja", jinja);
  return read_chat_source(folder.path(), nullptr, nullptr);
}

TEST(ChatSource, TheFirstPlaceThatHasOneCounts) {
  const struct {
    const char* config;
    const char* jinja;
    const char* text;  // null: there is no template
  } cases[] = {
      {"", "", nullptr},
      {"{}", "", nullptr},
      {R"({"chat_template": null})", "", nullptr},
      {"", "from a file", "from a file"},
      {R"({"chat_template": "a"})", "", "a"},
      {R"({"chat_template": "a"})", "from a file", "from a file"},
      {R"({"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]})", "", "d"},
  };
  for (const auto& one : cases) {
    const std::optional<ChatSource> source = source_of(one.config, one.jinja);
    ASSERT_EQ(source.has_value(), one.text != nullptr) << one.config;
    if (source) {
      EXPECT_EQ(source->text, one.text);
      EXPECT_EQ(source->problem, "");
    }
  }
}

TEST(ChatSource, WithoutADefaultThereIsAProblem) {
  const auto source = source_of(R"({"chat_template": [{"name": "rag", "template": "r"}]})");
  ASSERT_TRUE(source.has_value());
  EXPECT_NE(source->problem.find("no template named default"), std::string::npos) << source->problem;
}

TEST(ChatSource, TokensByName) {
  const auto source = source_of(R"({"chat_template": "a", "bos_token": "<s>", "eos_token": {"content": "</s>"},
                                    "pad_token": null, "add_bos_token": true, "unk_token": 3})");
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->tokens, (std::map<std::string, std::string>{{"bos_token", "<s>"}, {"eos_token", "</s>"}}));
}

TEST(ChatSource, TokensOfTheVocabularyWhereTheFilesAreSilent) {
  const TemporaryFolder folder;
  folder.write("tokenizer_config.json", R"({"chat_template": "a", "bos_token": "<s>"})");
  GgufVocabulary vocabulary;
  vocabulary.tokens = {"x", "y"};
  vocabulary.bos = 0;
  vocabulary.eos = 1;
  const auto source = read_chat_source(folder.path(), nullptr, &vocabulary);
  EXPECT_EQ(source->tokens, (std::map<std::string, std::string>{{"bos_token", "<s>"}, {"eos_token", "y"}}));
}

TEST(ChatSource, MalformedFilesAreRefusedByField) {
  for (const char* config :
       {R"({"chat_template": 1})", R"({"chat_template": {"a": 1}})", R"({"chat_template": ["a"]})",
        R"({"chat_template": [{"name": "default"}]})", R"({"chat_template": [{"name": 1, "template": "a"}]})", "[]"}) {
    try {
      source_of(config);
      ADD_FAILURE() << config;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_NE(std::string(error.what()).find("tokenizer_config.json"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::engine
