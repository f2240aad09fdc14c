#include "tests/harness/example_folder.h"

#include <fmt/format.h>

#include "base/text.h"
#include "datasets/sealed/hidden_prompt.h"
#include "harness/preference/hidden_set.h"
#include "store/ratings.h"
#include "tests/harness/execution.h"
#include "tests/harness/lm_eval_fixture.h"

namespace assay::testing {

namespace fs = std::filesystem;

namespace {

Outcome shell(const std::string& line, const fs::path& folder) {
  const std::string programs = fs::absolute(ASSAY_PROGRAM).parent_path();
  return run_program(
      "/bin/bash",
      {{"-c", line},
       {{"PATH", programs + ":/usr/bin:/bin"}, {"HOME", folder}, {"ASSAY_DATA_DIR", ""}, {"ASSAY_DB", "assay.db"}},
       folder,
       0,
       0});
}

// Two raters, who agree.
void rate(const fs::path& database, const std::string& name, const std::vector<int64_t>& runs) {
  store::Ratings ratings(database, store::Store::Mode::kWrite);
  store::NewRound planned{name, "ours", {{"overlap", 2}}, "", runs, {}};
  for (int i = 0; i < 12; ++i) planned.items.push_back({fmt::format("prompt-{}", i), "advice", 0, 1});
  const store::Round round = ratings.create_round(planned);
  for (const std::string rater : {"ann", "ben"}) {
    const int64_t id = ratings.add_rater(round.id, rater, "hash of " + rater).id;
    for (int i = 0; i < 12; ++i) {
      store::NewAssignment what;
      what.rater = id;
      what.item = i;
      const store::Assignment given = ratings.assign(round.id, what).value();
      const store::NewVote vote{fmt::format("{}", i), i % 3 - 1, {}, "", 9000};
      EXPECT_EQ(ratings.vote(id, given.id, vote), store::VoteOutcome::kStored);
    }
  }
}

}  // namespace

ExampleFolder::ExampleFolder(const fs::path& models, const fs::path& datasets) {
  fs::create_directory_symlink(fs::absolute(datasets), folder_ / "data");
  for (const char* name : {"SmolLM2-135M-Instruct", "llama-3-8b"}) add_model(name, models / "TinyStories-656K");
  add_model("another", models / "stories260K");
  add_files();
  add_runs();
}

void ExampleFolder::add_model(const std::string& name, const fs::path& published) {
  fs::create_directory(folder_ / name);
  for (const char* file : {"model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"}) {
    fs::create_symlink(fs::absolute(published / file), folder_ / name / file);
  }
}

void ExampleFolder::add_files() {
  folder_.write("input.txt", "b\na\n");
  folder_.write("x.py", "print(6 * 7)\n");
  folder_.write("my-task.toml", read_file("tasks/definitions/arc_easy.toml"));
  folder_.write("edited/gsm8k.toml", read_file("tasks/definitions/gsm8k.toml"));
  std::string answers;
  for (int i = 0; i < 1319; ++i) answers += fmt::format("{{\"id\":\"gsm8k/test/{}\",\"text\":\"It is {}.\"}}\n", i, i);
  folder_.write("answers.jsonl", answers);
  for (const char* log : {"lm_eval_output/meta-llama__Meta-Llama-3-8B/", "old/"}) {
    folder_.write(log + log_name("weather"), lines_of({likelihood_line(0), likelihood_line(1, false)}));
  }
}

// A sealed set with its people, and answers to it.
void ExampleFolder::add_hidden_set() {
  const auto line = [](const std::string& id, const std::string& category, const std::string& text) {
    return datasets::to_json_line({id, category, "easy", "en", {}, text, ""}) + "\n";
  };
  folder_.write("advice.jsonl", line("advice-001", "advice", "The gate squeaks. Oil or new hinges?"));
  folder_.write("coding.jsonl", line("coding-017", "coding", "What does sort -u do with equal lines?"));
  folder_.write("prompts.jsonl", read_file(folder_ / "advice.jsonl") + read_file(folder_ / "coding.jsonl"));
  folder_.write("secret.txt", std::string(harness::kShippedPassphrase) + "\n");
  for (const char* command : {
           "assay preference keygen ann",
           "assay preference keygen cluster",
           "assay preference seal prompts.jsonl --out ours.sealed --passphrase-file secret.txt --owner ann.pub "
           "--operator cluster.pub",
           "assay preference run --quiet --set ours.sealed --key ann.key --model ./another --max-tokens 4 --name a",
       }) {
    const Outcome outcome = shell(command, folder_.path());
    EXPECT_EQ(outcome.exit, 0) << command << "\n" << outcome.err;
  }
}

// The numbers in the examples are those of the runs in this order.
void ExampleFolder::add_runs() {
  const auto run = [&](const std::string& model, const std::string& tasks, const std::string& name) {
    const std::string line = fmt::format("assay run --quiet --model {} --tasks {} --name {}", model, tasks, name);
    const Outcome outcome = shell(line, folder_.path());
    EXPECT_EQ(outcome.exit, 0) << line << "\n" << outcome.err;
  };
  run("./llama-3-8b", "mmlu --limit 1 --shots 0", "night-12");           // 1
  run("./another", "mmlu --limit 1 --shots 0", "night-13");              // 2
  run("./llama-3-8b", "arc_easy --limit 20", "main");                    // 3
  run("./another", "arc_easy --limit 20", "pr-17");                      // 4
  run("./llama-3-8b", "arc_easy --limit 20", "llama-8b-step1000");       // 5
  run("./another", "arc_easy --limit 20", "llama-8b-step2000");          // 6
  run("responses:answers.jsonl", "gsm8k", "answers");                    // 7
  run("./another", "arc_challenge,arc_easy --shots 1 --limit 20", "b");  // 8, 9
  const std::string demo = "demo " + join(execution(), " ");
  run("demo:early", demo, "early");
  run("demo", demo, "late");
  // An export of answers is itself a file of answers.
  shell("assay export answers --out answers.jsonl", folder_.path());
  add_hidden_set();
  for (const char* node : {"node1.db", "node2.db"}) fs::copy(folder_ / "assay.db", folder_ / node);
  rate(folder_ / "assay.db", "spring", {5, 6});
}

Outcome ExampleFolder::run(const std::string& line) const {
  const TemporaryFolder copy;
  fs::copy(folder_.path(), copy.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  return shell(line, copy.path());
}

}  // namespace assay::testing
