#include "tests/harness/endpoint_folder.h"

#include <fmt/format.h>

namespace assay::testing {
namespace {

constexpr const char* kRiddles = R"(name = "riddles"
version = "1"
description = "What it is"

[data]
format = "jsonl"
id = "riddles/{index}"

[data.files]
test = "riddles.jsonl"

[data.fields]
question = "question"
answer = "answer"

[protocol.lm_eval]
request = "generate"
item = "Q: {question}\nA:"
gold = "{answer}"
stops = ["\nQ:"]
max_tokens = 24

[protocol.lm_eval.scorer]
kind = "exact_match"
ignore_case = true
ignore_punctuation = false
regexes_to_ignore = []

[[protocol.lm_eval.scorer.filters]]
name = "number"
regex = '([0-9]+)'
group_select = 0
)";

constexpr const char* kChoices = R"(name = "choices"
version = "1"
description = "Which of two"

[data]
format = "jsonl"
options = "options"
correct = "right"
correct_form = "index"
id = "choices/{index}"

[data.files]
test = "choices.jsonl"

[data.fields]
question = "question"

[protocol.lm_eval]
request = "loglikelihood"
item = "{question}"
continuation = " {option}"

[protocol.lm_eval.scorer]
kind = "multiple_choice"
metrics = ["acc"]
)";

}  // namespace

EndpointFolder::EndpointFolder(size_t texts, size_t choices) {
  std::string lines;
  for (size_t i = 0; i < texts; ++i) {
    lines += nlohmann::json({{"question", fmt::format("What is riddle {}?", i)}, {"answer", std::to_string(i % 10)}})
                 .dump() +
             "\n";
  }
  folder_.write("tasks/riddles.toml", kRiddles);
  folder_.write("tasks/riddles.jsonl", lines);
  lines.clear();
  for (size_t i = 0; i < choices; ++i) {
    lines += nlohmann::json(
                 {{"question", fmt::format("Choice {} is", i)}, {"options", {"left", "right there"}}, {"right", i % 2}})
                 .dump() +
             "\n";
  }
  folder_.write("tasks/choices.toml", kChoices);
  folder_.write("tasks/choices.jsonl", lines);
}

Outcome EndpointFolder::run(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {
      "-c", "echo $$ > pid; exec \"$0\" \"$@\"", std::filesystem::absolute(ASSAY_PROGRAM), "run", "--db", "assay.db"};
  const bool resumes = std::find(more.begin(), more.end(), "--resume") != more.end();
  if (!resumes) arguments.insert(arguments.end(), {"--tasks-dir", "tasks"});
  if (!resumes && std::find(more.begin(), more.end(), "--tasks") == more.end()) {
    arguments.insert(arguments.end(), {"--tasks", "riddles,choices"});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return remember(run_program("/bin/bash", {arguments, {{"ASSAY_API_KEY", kTestKey}}, folder_.path(), 0, 0}));
}

Outcome EndpointFolder::with_database(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--db", folder_ / "assay.db"});
  return remember(assay(std::move(arguments)));
}

std::string EndpointFolder::stable_export(const std::string& batch) const {
  const std::string file = folder_ / (batch + ".jsonl");
  const Outcome outcome = with_database({"export", batch, "--stable", "--out", file});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  return read_file(file);
}

nlohmann::json EndpointFolder::show(const std::string& run) const {
  const Outcome outcome = with_database({"show", run, "--json"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  return nlohmann::json::parse(outcome.out);
}

int EndpointFolder::pid() const {
  const std::string file = folder_ / "pid";
  return std::filesystem::exists(file) ? std::atoi(read_file(file).c_str()) : 0;
}

std::vector<std::string> EndpointFolder::places_of_the_key(size_t& bytes) const {
  std::vector<std::string> places;
  bytes = 0;
  const auto search = [&](const std::string& where, const std::string& text) {
    bytes += text.size();
    if (text.find(kTestKey) != std::string::npos) places.push_back(where);
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (entry.is_regular_file()) search(entry.path(), read_file(entry.path()));
  }
  for (const std::string& output : outputs_) search(output.substr(0, 200), output);
  return places;
}

Outcome EndpointFolder::remember(Outcome outcome) const {
  outputs_.push_back(outcome.out + outcome.err);
  return outcome;
}

}  // namespace assay::testing
