// What a task that asks in dialogues puts into its turns, and the two forms of text that need no chat template.
#include "tasks/dialogue.h"

#include <gtest/gtest.h>

#include "tasks/task.h"
#include "tests/support/temporary_folder.h"

namespace assay::tasks {
namespace {

using Turns = std::vector<engine::Turn>;

struct Written {
  const char* name;
  Turns turns;
  const char* llama3;  // behind <|begin_of_text|>
  const char* plain;
};

const Written kWritten[] = {
    {"a question",
     {{"user", "Why?"}},
     "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
     "Why?"},
    {"contents are stripped of Python's white space, U+0085 included",
     {{"system", "\tBe brief. "}, {"user", " \xC2\x85Why?\n"}},
     "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
     "\tBe brief. \n\n \xC2\x85Why?\n"},
    {"a begun answer has no end and is stripped",
     {{"user", "Why?"}, {"assistant", "Because\n"}},
     "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\nBecause",
     "Why? Because\n"},
    {"an example, behind a question that ends in a newline",
     {{"user", "One?\n"}, {"assistant", "1"}, {"user", "Two?"}},
     "<|start_header_id|>user<|end_header_id|>\n\nOne?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n1<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nTwo?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
     "One?\n1\n\nTwo?"},
    {"nothing", {}, "<|start_header_id|>assistant<|end_header_id|>\n\n", ""},
};

TEST(Dialogue, IsWrittenInTwoForms) {
  for (const Written& c : kWritten) {
    EXPECT_EQ(llama3_text(c.turns), std::string("<|begin_of_text|>") + c.llama3) << c.name;
    EXPECT_EQ(plain_text(c.turns), c.plain) << c.name;
    EXPECT_EQ(dialogue_text(c.turns, DialogueForm::kLlama3), llama3_text(c.turns));
    EXPECT_EQ(dialogue_text(c.turns, DialogueForm::kPlain), plain_text(c.turns));
  }
}

const char kQuiz[] = R"(name = "quiz"
version = "1"
description = "A quiz"
[data]
format = "csv"
options = [1, 2]
correct = 3
id = "quiz/{index}"
[data.files]
test = "quiz/test.csv"
train = "quiz/train.csv"
[data.fields]
question = 0
[protocol.lm_eval]
request = "generate"
dialogue = true
head = "Be brief."
item = "{number}: {question}"
shot = "So, {letter} <|im_end|>"
begun = "So,{question|replace('What', '')|strip}"
gold = "{letter}"
stops = ["."]
max_tokens = 7
[protocol.lm_eval.shots]
split = "train"
count = 2
[protocol.lm_eval.scorer]
kind = "exact_match"
filters = [{ name = "strip" }]
)";

Turns turns_of(const Item& item) {
  return std::get<engine::GenerateRequest>(item.request).turns;
}

void expect_turns(const Turns& found, const Turns& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(found[i].role, wanted[i].role) << i;
    EXPECT_EQ(found[i].content, wanted[i].content) << i;
  }
}

TEST(Dialogue, HeadExamplesItemAndBegunAnswerAreTurns) {
  const testing::TemporaryFolder folder;
  folder.write("quiz/test.csv", "What?,x,y,A\nWho?,x,y,B\n");
  folder.write("quiz/train.csv", "First?,x,y,B\nSecond?,x,y,A\n");
  const Task task = load_task(folder.write("quiz.toml", kQuiz));
  const RenderedTask rendered = render(task, {}, {folder.path()});
  ASSERT_EQ(rendered.items.size(), 2u);
  EXPECT_EQ(rendered.shots, 2);
  const Turns before = {{"system", "Be brief."},
                        {"user", "1: First?"},
                        {"assistant", "So, B <|im_end|>"},
                        {"user", "2: Second?"},
                        {"assistant", "So, A <|im_end|>"}};
  Turns first = before;
  first.insert(first.end(), {{"user", "3: What?"}, {"assistant", "So,?"}});
  expect_turns(turns_of(rendered.items[0]), first);
  Turns second = before;
  second.insert(second.end(), {{"user", "3: Who?"}, {"assistant", "So,Who?"}});
  expect_turns(turns_of(rendered.items[1]), second);

  const auto& request = std::get<engine::GenerateRequest>(rendered.items[1].request);
  EXPECT_EQ(request.prompt, plain_text(second));
  EXPECT_TRUE(request.pieces.empty());
  EXPECT_EQ(request.stops, std::vector<std::string>{"."});
  EXPECT_EQ(request.max_tokens, 7);
  EXPECT_EQ(rendered.items[0].gold.text, "A");
  EXPECT_EQ(rendered.items[1].gold.text, "B");

  RenderOptions none;
  none.shots = 0;
  expect_turns(turns_of(render(task, none, {folder.path()}).items[0]),
               {{"system", "Be brief."}, {"user", "1: What?"}, {"assistant", "So,?"}});
}

TEST(Dialogue, OtherTasksHaveNoTurns) {
  const testing::TemporaryFolder folder;
  folder.write("gsm8k/test.jsonl", "{\"question\": \"q\", \"answer\": \"a #### 1\"}\n");
  RenderOptions options;
  options.shots = 0;
  const RenderedTask rendered = render(Registry().find("gsm8k"), options, {folder.path()});
  EXPECT_TRUE(turns_of(rendered.items.at(0)).empty());
}

}  // namespace
}  // namespace assay::tasks
