#include "datasets/format.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "tests/support/damage.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

using testing::TemporaryFolder;

Format csv_format() {
  Format format;
  format.columns = 6;
  format.fields = {{"question", "0"}};
  format.options = {"1", "2", "3", "4"};
  format.correct = "5";
  format.id = "{subset}/test/{index}";
  format.cluster_by = "subset";
  return format;
}

Format arc_format() {
  Format format;
  format.fields = {{"id", "id"}, {"question", "question.stem"}};
  format.options = {"question.choices.text"};
  format.labels = "question.choices.label";
  format.correct = "answerKey";
  format.correct_form = CorrectForm::kLabel;
  format.id = "{id}";
  return format;
}

Format agieval_format() {
  Format format;
  format.fields = {{"passage", "passage?"}, {"question", "question"}, {"answer", "answer?"}};
  format.options = {"options?"};
  format.correct = "label?";
  format.id = "{subset}/{index}";
  format.cluster_by = "passage";
  return format;
}

const char kCsv[] = "\"What, \"\"really\"\"?\",1,2,3,4,B\n Second,\"a\r\nb\",,x,y,D\n";
const char kArc[] =
    R"({"id":"Q1","question":{"stem":"Why?","choices":[{"text":"so","label":"1"},{"text":"thus","label":"2"}]},"answerKey":"2"})"
    "\n\n"
    R"({"id":"Q2","question":{"stem":"Who?","choices":[{"text":"I","label":"A"},{"text":"you","label":"B"}]},"answerKey":"A"})";
const char kAgieval[] =
    R"({"passage": "P", "question": "q", "options": ["(A)1", "(B)2"], "label": "B", "answer": null})"
    "\n"
    R"({"passage": "P", "question": "q2", "options": ["(A)1", "(B)2"], "label": "A"})"
    "\n"
    R"({"passage": null, "question": "q3", "options": null, "label": null, "answer": "3"})"
    "\n";
const char kExamples[] =
    ",sat-en,math\n"
    "sample 1,\"{'passage': 'It''s', 'question': \"\"q\"\", 'options': ['(A)x', '(B)y'], 'label': "
    "'B'}\",\"{'question': '\\\\pi', "
    "'options': None, 'label': None, 'answer': '3'}\"\n"
    "explanation 1,because,why\n"
    "sample 2,\"{'passage': '', 'question': 'r', 'options': ['(A)x'], 'label': 'A'}\",\n";

TEST(Format, ReadsNumberedColumns) {
  const TemporaryFolder folder;
  const Split split = read_split(folder.write("a.csv", kCsv), Layout::kCsv, csv_format(), "logic");
  ASSERT_EQ(split.samples.size(), 2u);
  const Sample& sample = split.samples[1];
  EXPECT_EQ(split.samples[0].fields.at("question"), "What, \"really\"?");
  EXPECT_EQ(sample.fields.at("question"), " Second");
  EXPECT_EQ(sample.options, (std::vector<std::string>{"a\r\nb", "", "x", "y"}));
  EXPECT_EQ(sample.answer, 3);
  EXPECT_EQ(sample.id, "logic/test/1");
  EXPECT_EQ(sample.cluster, "logic");
  EXPECT_EQ(split.lines, (std::vector<int>{1, 2}));
}

TEST(Format, ReadsNamedColumns) {
  const TemporaryFolder folder;
  Format format;
  format.header = true;
  format.fields = {{"question", "the question"}};
  format.options = {"right", "wrong"};
  format.correct = "key";
  format.correct_form = CorrectForm::kText;
  format.id = "x/{index}";
  const auto path =
      folder.write("a.csv", "\xEF\xBB\xBFkey,the question,right,wrong,more\nyes,why?,yes,no,1\nno,who?,yes,no,\n");
  const Split split = read_split(path, Layout::kCsv, format, "");
  ASSERT_EQ(split.samples.size(), 2u);
  EXPECT_EQ(split.samples[0].answer, 0);
  EXPECT_EQ(split.samples[1].answer, 1);
  EXPECT_EQ(split.samples[1].fields.at("question"), "who?");
  EXPECT_EQ(split.samples[1].id, "x/1");
  EXPECT_EQ(split.lines, (std::vector<int>{2, 3}));
}

TEST(Format, ReadsLabelsBelowObjects) {
  const TemporaryFolder folder;
  const Split split = read_split(folder.write("a.jsonl", kArc), Layout::kJsonl, arc_format(), "");
  ASSERT_EQ(split.samples.size(), 2u);
  EXPECT_EQ(split.samples[0].options, (std::vector<std::string>{"so", "thus"}));
  EXPECT_EQ(split.samples[0].answer, 1);
  EXPECT_EQ(split.samples[1].id, "Q2");
  EXPECT_EQ(split.samples[1].index, 1);
  EXPECT_EQ(split.lines, (std::vector<int>{1, 3}));
}

TEST(Format, ClustersEqualPassages) {
  const TemporaryFolder folder;
  const Split split = read_split(folder.write("a.jsonl", kAgieval), Layout::kJsonl, agieval_format(), "sat");
  ASSERT_EQ(split.samples.size(), 3u);
  EXPECT_FALSE(split.samples[0].cluster.empty());
  EXPECT_EQ(split.samples[0].cluster, split.samples[1].cluster);
  EXPECT_TRUE(split.samples[2].cluster.empty());
  EXPECT_EQ(split.samples[2].answer, -1);
  EXPECT_EQ(split.samples[2].fields.at("answer"), "3");
}

TEST(Format, ReadsAgievalsExamples) {
  const TemporaryFolder folder;
  const auto path = folder.write("few.csv", kExamples);
  const Split sat = read_split(path, Layout::kAgievalExamples, agieval_format(), "sat-en");
  ASSERT_EQ(sat.samples.size(), 2u);
  EXPECT_EQ(sat.samples[0].fields.at("passage"), "Its");
  EXPECT_EQ(sat.samples[0].answer, 1);
  const Split math = read_split(path, Layout::kAgievalExamples, agieval_format(), "math");
  ASSERT_EQ(math.samples.size(), 1u);
  EXPECT_EQ(math.samples[0].fields.at("question"), "\\pi");
}

struct BadCase {
  const char* name;
  Layout layout;
  Format format;
  std::string content;
  int line;
  const char* says;
};

TEST(Format, NamesFileAndLineOfBadRows) {
  const std::string row = "q,1,2,3,4,A\n";
  const auto arc = [](const std::string& line) { return std::string(kArc) + "\n" + line + "\n"; };
  const std::string choices = R"("choices":[{"text":"so","label":"1"},{"text":"thus","label":"2"}])";
  const BadCase cases[] = {
      {"too many columns", Layout::kCsv, csv_format(), row + "q,1,2,3,4,5,A\n", 2, "7 columns where 6"},
      {"too few columns", Layout::kCsv, csv_format(), "q,1,2,3\n", 1, "4 columns where 6"},
      {"letter", Layout::kCsv, csv_format(), row + row + "q,1,2,3,4,E\n", 3, "letters A to D"},
      {"lower case", Layout::kCsv, csv_format(), "q,1,2,3,4,a\n", 1, "letters A to D"},
      {"no letter", Layout::kCsv, csv_format(), "q,1,2,3,4,\n", 1, "letters A to D"},
      {"open quote", Layout::kCsv, csv_format(), row + "\"q,1,2,3,4,A\n" + row, 2, "never closed"},
      {"bad utf-8", Layout::kCsv, csv_format(), row + "q\xFF,1,2,3,4,A\n", 2, "UTF-8"},
      {"not json", Layout::kJsonl, arc_format(), arc("{\"id\": "), 4, "not valid JSON"},
      {"not an object", Layout::kJsonl, arc_format(), arc("[1]"), 4, "not a JSON object"},
      {"missing field", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"x\",\"question\":{" + choices + "},\"answerKey\":\"1\"}"), 4, "\"question.stem\" is missing"},
      {"null field", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"x\",\"question\":{\"stem\":null," + choices + "},\"answerKey\":\"1\"}"), 4,
       "\"question.stem\" is missing"},
      {"wrong type", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"x\",\"question\":{\"stem\":{}," + choices + "},\"answerKey\":\"1\"}"), 4, "must be a text"},
      {"unknown label", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"x\",\"question\":{\"stem\":\"s\"," + choices + "},\"answerKey\":\"3\"}"), 4,
       "none of the labels"},
      {"no options", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"x\",\"question\":{\"stem\":\"s\",\"choices\":[]},\"answerKey\":\"3\"}"), 4, "is missing"},
      {"gap among options", Layout::kJsonl, arc_format(),
       arc(R"({"id":"x","question":{"stem":"s","choices":[{"text":"a","label":"1"},{"label":"2"}]},"answerKey":"1"})"),
       4, "null"},
      {"empty id", Layout::kJsonl, arc_format(),
       arc("{\"id\":\"\",\"question\":{\"stem\":\"s\"," + choices + "},\"answerKey\":\"1\"}"), 4, "id is empty"},
      {"surrogate", Layout::kJsonl, arc_format(), arc(R"({"id":"\ud800"})"), 4, "not valid JSON"},
      {"deep", Layout::kJsonl, arc_format(),
       arc("{\"id\":" + std::string(200000, '[') + std::string(200000, ']') + "}"), 4, "array"},
      {"cut literal", Layout::kAgievalExamples, agieval_format(), ",sat-en\nsample 1,\"{'passage': \"\n", 2,
       "Python literal"},
      {"no column", Layout::kAgievalExamples, agieval_format(), ",math\n", 1, "no column"},
      {"empty file", Layout::kAgievalExamples, agieval_format(), "", 1, "missing"},
  };
  for (const BadCase& c : cases) {
    try {
      parse_split(c.content, "a/data", c.layout, c.format, "sat-en");
      ADD_FAILURE() << c.name << ": was accepted";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.code(), ExitCode::kBadInput) << c.name;
      EXPECT_TRUE(message.starts_with("a/data:" + std::to_string(c.line) + ": ")) << c.name << ": " << message;
      EXPECT_NE(message.find(c.says), std::string::npos) << c.name << ": " << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << c.name << ": " << message;
    }
  }
  std::cout << std::size(cases) << " bad rows named\n";
}

TEST(Format, DamagedArchiveIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_split(folder.write("a.jsonl.gz", "not gzip"), Layout::kJsonl, arc_format(), ""), Error);
  EXPECT_THROW(read_split(folder.path() / "none.jsonl", Layout::kJsonl, arc_format(), ""), Error);
}

TEST(Format, DamagedFilesGiveAnErrorOrSamples) {
  struct Source {
    Layout layout;
    Format format;
    std::string content;
    int refused = 0;
  };
  Source sources[] = {{Layout::kCsv, csv_format(), kCsv},
                      {Layout::kJsonl, arc_format(), kArc},
                      {Layout::kJsonl, agieval_format(), kAgieval},
                      {Layout::kAgievalExamples, agieval_format(), kExamples}};
  constexpr uint32_t kCopies = 1500;
  for (Source& source : sources) {
    for (uint32_t seed = 0; seed < kCopies; ++seed) {
      try {
        parse_split(testing::damaged(source.content, seed), "data", source.layout, source.format, "sat-en");
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ExitCode::kBadInput) << error.what();
        ++source.refused;
      }
    }
    EXPECT_GT(source.refused, 100);
    std::cout << kCopies << " damaged copies, " << source.refused << " refused with a message\n";
  }
}

}  // namespace
}  // namespace assay::datasets
