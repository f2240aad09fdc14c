#include "tasks/template.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace assay::tasks {
namespace {

const Vocabulary kAll = {{"question", "passage"},
                         {"subset", "index", "id", "number", "options", "last_letter", "letter", "option", "item"}};

datasets::Split one_row() {
  datasets::Split split;
  split.file = "data.csv";
  split.lines = {7};
  datasets::Sample sample;
  sample.id = "x/3";
  sample.subset = "high_school";
  sample.index = 3;
  sample.fields = {{"question", " \xC2\x85Why {not}?\n"}, {"passage", ""}};
  sample.options = {"so", "thus"};
  sample.answer = 1;
  split.samples = {sample};
  return split;
}

TEST(Template, Renders) {
  const datasets::Split split = one_row();
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"{question|strip}|", "Why {not}?|"},
      {"[{question}]", "[ \xC2\x85Why {not}?\n]"},
      {"{{{passage}}}", "{}"},
      {"{subset|replace('_', ' ')}/{index}/{id}", "high school/3/x/3"},
      {"{options[0]},{options[1]|replace('t','T')}", "so,Thus"},
      {"{options|join(' + ')|replace('+', '-')}", "so - thus"},
      {"{options|lettered}", "A. so\nB. thus"},
      {"A to {last_letter}: {letter} {option} {number} {item}", "A to B: B thus 4 I"},
      {"{question|after('{')|strip|lower}", "not}?"},
      {"{question|strip|removesuffix('?')}", "Why {not}"},
      {"{question|removesuffix('?')}|", " \xC2\x85Why {not}?\n|"},
      {"{question|strip|removesuffix('?')|removesuffix('?')|removesuffix('')}", "Why {not}"},
      {"{options|first('1')|lettered}", "A. so"},
      {"{options|first('2')|join('/')} {options|first('9')|first('1')|join('/')}", "so/thus so"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(Template(text, kAll, "t").render({&split, 0, 4, 1, "I"}), expected) << text;
  }
}

TEST(Template, ExplainsMistakes) {
  const std::pair<const char*, const char*> cases[] = {
      {"{questoin}", "did you mean {question}"},
      {"{xyzzy}", "there are: question, passage"},
      {"{question", "not closed"},
      {"a } b", "without its"},
      {"{question|stripp}", "did you mean \"strip\""},
      {"{question|xyzzy}", "there are: strip"},
      {"{options}", "is a list"},
      {"{options|strip}", "needs a text"},
      {"{question|join(' ')}", "needs the whole list"},
      {"{options[x]}", "needs a number"},
      {"{options[-1]}", "needs a number"},
      {"{question[0]}", "only {options[N]}"},
      {"{question|replace('a')}", "takes 2 arguments, not 1"},
      {"{question|after(x)}", "single quotes"},
      {"{question|removesuffix}", "takes 1 arguments, not 0"},
      {"{options|first('2')}", "is a list"},
      {"{options|lettered|first('2')}", "needs the whole list"},
      {"{question|first('2')}", "needs the whole list"},
      {"{options|first('0')|lettered}", "needs a number from 1, not '0'"},
      {"{options|first('x')|lettered}", "needs a number from 1, not 'x'"},
      {"{options|first('9999999999')|lettered}", "needs a number from 1"},
      {"{question|after('x)}", "not closed by a quote"},
      {"{question|after('x'}", "not closed by \")\""},
      {"{}", "no field {}"},
  };
  for (const auto& [text, says] : cases) {
    try {
      Template(text, kAll, "f.toml:3: item");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with("f.toml:3: item: ")) << message;
      EXPECT_NE(message.find(says), std::string::npos) << message;
    }
  }
}

TEST(Template, NamesTheRowThatLacksSomething) {
  const datasets::Split split = one_row();
  const std::pair<const char*, const char*> cases[] = {{"{options[2]}", "has 2 options"},
                                                       {"{letter}", "which option is right"},
                                                       {"{question|after('####')}", "has no \"####\""}};
  for (const auto& [text, says] : cases) {
    try {
      Template(text, kAll, "t").render({&split, 0, 1, -1, {}});
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with("data.csv:7: ")) << message;
      EXPECT_NE(message.find(says), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace assay::tasks
