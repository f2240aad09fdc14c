// The dialogues of llama3_instruct through Llama 3's own chat template give the text that the protocol is defined by.
#include <gtest/gtest.h>

#include <iostream>

#include "base/file.h"
#include "engine/chat/chat_template.h"
#include "tasks/task.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using engine::chat::ChatTemplate;

std::string text_of(const std::vector<engine::PromptPiece>& pieces) {
  std::string text;
  for (const engine::PromptPiece& piece : pieces) text += piece.text;
  return text;
}

const engine::GenerateRequest& asked(const tasks::Item& item) {
  return std::get<engine::GenerateRequest>(item.request);
}

TEST(DialoguePrompts, TheLlama3TemplateGivesTheTextOfTheProtocol) {
  ASSAY_REQUIRE_SHARED(source, "golden/tokenizers/chat_templates/llama3.jinja");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const ChatTemplate chat("Llama 3", read_text_file(source), {{"bos_token", "<|begin_of_text|>"}});
  tasks::RenderOptions options;
  options.protocol = "llama3_instruct";
  const tasks::Registry registry;
  for (const char* task : {"mmlu", "arc_challenge", "gsm8k", "humaneval"}) {
    size_t compared = 0;
    size_t different = 0;
    const tasks::RenderedTask rendered = tasks::render(registry.find(task), options, {data});
    for (size_t i = 0; i < rendered.items.size(); i += 10) {
      const engine::GenerateRequest& request = asked(rendered.items[i]);
      const std::string text = text_of(chat.prompt(request.turns, 0));
      ++compared;
      if (text == request.prompt) continue;
      if (++different == 1) ADD_FAILURE() << rendered.items[i].sample.id << "\n" << text << "\n" << request.prompt;
    }
    EXPECT_EQ(different, 0u) << task;
    EXPECT_GT(compared, 10u) << task;
    std::cout << task << ": " << compared << " prompts through the Llama 3 template equal the protocol's\n";
  }
}

}  // namespace
}  // namespace assay::testing
