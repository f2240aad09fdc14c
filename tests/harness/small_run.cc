#include "tests/harness/small_run.h"

#include <bit>
#include <cstring>
#include <fstream>

namespace assay::testing {
namespace {

constexpr const char* kWords = R"(name = "words"
version = "1"
description = "Which word comes next"

[data]
format = "jsonl"
options = "options"
correct = "right"
correct_form = "index"
id = "words/{index}"

[data.files]
test = "words.jsonl"

[data.fields]
question = "question"

[protocol.lm_eval]
request = "loglikelihood"
item = "{question}"
continuation = " {option}"

[protocol.lm_eval.scorer]
kind = "multiple_choice"
metrics = ["acc", "acc_norm"]
)";

constexpr const char* kStories = R"(name = "stories"
version = "1"
description = "How the story goes on"

[data]
format = "jsonl"
id = "stories/{index}"

[data.files]
test = "stories.jsonl"

[data.fields]
question = "question"
answer = "answer"

[protocol.lm_eval]
request = "generate"
item = "{question}"
gold = "{answer}"
stops = ["."]
max_tokens = 24

[protocol.lm_eval.scorer]
kind = "exact_match"
ignore_case = true
ignore_punctuation = false
regexes_to_ignore = []

[[protocol.lm_eval.scorer.filters]]
name = "first-word"
regex = '([a-z]+)'
group_select = 0
)";

const std::vector<std::string> kNames = {"Tom", "Lily", "Ben", "Sue", "Max",  "Amy",
                                         "Sam", "Mia",  "Tim", "Zoe", "Jack", "Anna"};

std::string words() {
  const std::vector<std::string> starts = {" went to the", " saw a big", " was very", " liked to play with", " had a"};
  std::string text;
  for (size_t i = 0; i < 60; ++i) {
    const nlohmann::json line = {{"question", kNames[i % 12] + starts[i / 12]},
                                 {"options", {"park", "dog", "happy and sad", "toys"}},
                                 {"right", i % 4}};
    text += line.dump() + "\n";
  }
  return text;
}

std::string stories() {
  std::string text;
  for (const std::string& name : kNames) {
    text += nlohmann::json({{"question", "Once upon a time, " + name}, {"answer", "was"}}).dump() + "\n";
  }
  return text;
}

}  // namespace

SmallRun::SmallRun(const std::filesystem::path& shared_model) {
  std::filesystem::create_directory(model());
  for (const char* name : {"model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"}) {
    std::filesystem::copy_file(shared_model / name, model() / name);
    std::filesystem::permissions(model() / name, std::filesystem::perms::owner_all);
  }
  folder_.write("tasks/words.toml", kWords);
  folder_.write("tasks/words.jsonl", words());
  folder_.write("tasks/stories.toml", kStories);
  folder_.write("tasks/stories.jsonl", stories());
  assay_ok({"run", "--model", model(), "--tasks", "words,stories", "--tasks-dir", tasks(), "--db", database(), "--name",
            "night", "--quiet"});
}

Outcome SmallRun::replay(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"replay", "--db", database()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return assay(std::move(arguments));
}

Outcome SmallRun::certify(const std::string& run, const std::filesystem::path& out) const {
  return assay({"certify", run, "--db", database(), "--out", out});
}

Outcome SmallRun::verify(const std::filesystem::path& certificate, std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"verify", certificate, "--tasks-dir", tasks()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return assay(std::move(arguments));
}

void flip_top_exponent_bit(const std::filesystem::path& folder, const std::string& tensor, size_t element) {
  const std::filesystem::path path = folder / "model.safetensors";
  std::string bytes = read_file(path);
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto entry = nlohmann::json::parse(bytes.substr(8, header)).at(tensor);
  ASSERT_EQ(entry.at("dtype"), "F32");
  const size_t offset = 8 + header + entry.at("data_offsets").at(0).get<size_t>() + 4 * element;
  bytes.at(offset + 3) ^= 0x40;
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace assay::testing
