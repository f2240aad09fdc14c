#include "tasks/definition.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/damage.h"

namespace assay::tasks {
namespace {

const char kTask[] = R"(name = "quiz"
version = "1"
description = "A quiz"
[data]
format = "csv"
subsets = ["b", "a"]
options = [1, 2]
correct = 3
id = "{subset}/{index}"
[data.files]
test = "quiz/{subset}.csv"
train = "quiz/train.csv"
[data.fields]
question = 0
[groups]
first = ["a"]
[protocol.lm_eval]
request = "loglikelihood"
item = "{question}\nAnswer:"
shot = "{item} {letter}\n\n"
continuation = " {letter}"
[protocol.lm_eval.shots]
split = "train"
count = 2
[protocol.lm_eval.scorer]
kind = "multiple_choice"
metrics = ["acc"]
[protocol.lm_eval.average]
headline = "macro"
[protocol.lm_eval.subset.b]
request = "generate"
gold = "{letter}"
max_tokens = 5
dialogue = true
begun = "So,"
shot = "So, {letter}"
scorer = { kind = "exact_match" }
)";

TEST(Definition, ReadsATask) {
  const Definition definition = parse_definition(kTask, "quiz.toml");
  EXPECT_EQ(definition.subsets, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(definition.protocols.size(), 1u);
  const ProtocolDefinition& protocol = definition.protocols[0];
  EXPECT_FALSE(protocol.of("a").generate);
  EXPECT_TRUE(protocol.of("b").generate);
  EXPECT_EQ(protocol.of("b").max_tokens, 5);
  EXPECT_EQ(protocol.of("b").shots.count, 2);
  EXPECT_FALSE(protocol.of("a").dialogue);
  EXPECT_TRUE(protocol.of("b").dialogue);
  EXPECT_EQ(protocol.average, nlohmann::json({{"headline", "macro"}, {"group_stderr", "samples"}}));
  EXPECT_EQ(protocol.scorer.at("subsets").at("b").at("kind"), "exact_match");
}

struct Mistake {
  const char* from;
  const char* to;
  const char* says;
};

// One change of the file above, and what the message must say: the key, and the way out.
const Mistake kMistakes[] = {
    {"version =", "verison =", "quiz.toml:2: verison: there is no such key; did you mean \"version\""},
    {"version = \"1\"\n", "", "version: is missing"},
    {"version = \"1\"", "version = 1", "quiz.toml:2: version: must be a string, but is of type integer"},
    {"name = \"quiz\"", "name = \"my quiz\"", "must be made of letters"},
    {"[data]", "[dta]", "dta: there is no such key; did you mean \"data\""},
    {"format = \"csv\"", "format = \"cvs\"", "data.format: is \"cvs\"; did you mean \"csv\""},
    {"format = \"csv\"", "fromat = \"csv\"", "data.fromat: there is no such key; did you mean \"format\""},
    {"[\"b\", \"a\"]", "[\"a\", \"a\"]", "stands there twice"},
    {"options = [1, 2]", "options = [1, 2.5]", "data.options: must be made of strings and column numbers"},
    {"options = [1, 2]", "options = [-1]", "data.options: must be made of"},
    {"options = [1, 2]", "options = [\"x\"]", "not a column number"},
    {"options = [1, 2]\n", "", "data.correct: needs the key \"options\""},
    {"options = [1, 2]\ncorrect = 3\n", "", "request: likelihood needs options"},
    {"correct = 3", "correct = 3\ncorrect_form = \"label\"", "needs the key \"labels\""},
    {"id = \"{subset}", "id = \"{subste}", "data.id: there is no field {subste} here; did you mean {subset}"},
    {"test = \"quiz", "tset = \"quiz", "the split \"test\" is missing"},
    {"[data.files]", "[data.file]", "did you mean \"files\""},
    {"question = 0", "item = 0", "data.fields.item: the name has a meaning of its own"},
    {"first = [\"a\"]", "first = [\"c\"]", "groups.first: there is no subset \"c\""},
    {"[protocol.lm_eval]\n", "[protocol.lm_evla]\n",
     "protocol.lm_evla: there is no such key; did you mean \"lm_eval\""},
    {"request = \"loglikelihood\"", "request = \"likelihood\"",
     "request: is \"likelihood\"; did you mean \"loglikelihood\""},
    {"request = \"loglikelihood\"\n", "", "protocol.lm_eval.request: is missing"},
    {"item = \"{question}", "item = \"{questoin}",
     "lm_eval.item: there is no field {questoin} here; did you mean {question}"},
    {"item = \"{question}", "item = \"{letter}", "there is no field {letter} here"},
    {"continuation = ", "continuations = ", "did you mean \"continuation\""},
    {"continuation = \" {letter}\"", "max_tokens = 5", "lm_eval.max_tokens: there is no such key"},
    {"split = \"train\"", "split = \"trian\"", "shots.split: there is no split \"trian\"; did you mean \"train\""},
    {"count = 2", "count = \"2\"", "shots.count: must be an integer, but is of type string"},
    {"count = 2", "count = -2", "shots.count: must be from 0 to 1000, but is -2"},
    {"count = 2", "count = 2\ncounts = { c = 1 }", "shots.counts.c: there is no such key"},
    {"count = 2", "count = 2\nseed = 5", "shots.seed: has a meaning only with"},
    {"count = 2", "count = 2\nrule = \"python_radnom\"", "did you mean \"python_random\""},
    {"[protocol.lm_eval.scorer]\nkind = \"multiple_choice\"\nmetrics = [\"acc\"]\n", "",
     "the table [protocol.lm_eval.scorer] is missing"},
    {"kind = \"multiple_choice\"\n", "", "scorer.kind: is missing"},
    {"headline = \"macro\"", "headline = \"marco\"", "did you mean \"macro\""},
    {"subset.b]", "subset.c]", "protocol.lm_eval.subset.c: there is no subset \"c\""},
    {"gold = \"{letter}\"\n", "", "subset.b.gold: is missing"},
    {"max_tokens = 5", "max_tokns = 5", "subset.b.max_tokns: there is no such key; did you mean \"max_tokens\""},
    {"max_tokens = 5", "max_tokens = ", "quiz.toml:"},
    {"dialogue = true", "dialogue = \"yes\"", "subset.b.dialogue: must be true or false"},
    {"dialogue = true", "dialog = true", "subset.b.dialog: there is no such key; did you mean \"dialogue\""},
    {"dialogue = true", "dialogue = false", "subset.b.begun: needs dialogue = true"},
    {"continuation =", "dialogue = true\ncontinuation =", "lm_eval.dialogue: needs request = \"generate\""},
    {"continuation =", "begun = \"So\"\ncontinuation =", "lm_eval.begun: needs dialogue = true"},
    {"begun = \"So,\"", "begun = \"So, {letter}\"", "subset.b.begun: there is no field {letter} here"},
    {"shot = \"So, {letter}\"", "shot = \"{item} {letter}\"", "subset.b.shot: there is no field {item} here"},
    {"count = 2", "count = 2024-01-01", "must be an integer, but is of type"},
};

TEST(Definition, ExplainsMistakes) {
  for (const Mistake& mistake : kMistakes) {
    const std::string text = replace_all(kTask, mistake.from, mistake.to);
    ASSERT_NE(text, kTask) << mistake.from;
    try {
      parse_definition(text, "quiz.toml");
      ADD_FAILURE() << mistake.to << ": was accepted";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_TRUE(message.starts_with("quiz.toml")) << message;
      EXPECT_NE(message.find(mistake.says), std::string::npos) << message;
    }
  }
  std::cout << std::size(kMistakes) << " mistakes explained\n";
}

TEST(Definition, BoundsWhatWouldOverflowTheStack) {
  std::string keys = "a";
  for (int i = 0; i < 100000; ++i) keys += ".a";
  for (const std::string& text : {keys + " = 1", "x = { " + keys + " = 1 }", "[" + keys + "]",
                                  "x = " + std::string(100000, '['), std::string("x = ") + std::string(100000, '{')}) {
    EXPECT_THROW(parse_definition(text, "deep.toml"), Error);
  }
}

TEST(Definition, DamagedFilesGiveAnErrorOrATask) {
  std::vector<std::string> texts = {kTask};
  const Registry registry;
  for (const Task& task : registry.tasks()) texts.push_back(task.text);
  constexpr uint32_t kCopies = 400;
  int refused = 0;
  for (const std::string& text : texts) {
    for (uint32_t seed = 0; seed < kCopies; ++seed) {
      try {
        parse_definition(testing::damaged(text, seed), "t.toml");
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ExitCode::kBadInput) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
  std::cout << texts.size() * kCopies << " damaged task files, " << refused << " refused with a message\n";
}

}  // namespace
}  // namespace assay::tasks
