// Our own export, imported and exported again: the same lines but for what only an engine knows.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "store/store.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

// Lines without what only an engine knows.
std::vector<std::string> comparable(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  for (json& line : read_json_lines(path)) {
    line.erase("finish");
    if (line.at("request") == "generate") line.erase("tokens");
    lines.push_back(line.dump());
  }
  return lines;
}

// Imports an export of `name` into another database and exports it there; returns how many lines are equal.
size_t expect_round_trip(const std::string& name, const std::string& database, const std::string& data,
                         const TemporaryFolder& folder) {
  const std::string first = folder / (name + "-1.jsonl");
  const std::string second = folder / (name + "-2.jsonl");
  const std::string other = folder / (name + ".db");
  assay_ok({"export", name, "--db", database, "--stable", "--out", first});
  assay_ok({"import", first, "--name", name, "--db", other, "--data-dir", data});
  assay_ok({"export", name, "--db", other, "--stable", "--out", second});
  const std::vector<std::string> before = comparable(first);
  EXPECT_EQ(comparable(second), before) << name;
  for (const json& run : json::parse(assay_ok({"runs", "--db", database, "--json"}).out)) {
    if (run.at("name") != name) continue;
    const std::string task = name + "/" + run.at("task").get<std::string>();
    const json ours = json::parse(assay_ok({"show", task, "--db", database, "--json"}).out);
    const json theirs = json::parse(assay_ok({"show", task, "--db", other, "--json"}).out);
    EXPECT_EQ(theirs.at("metrics"), ours.at("metrics")) << task;
    const json& asked = theirs.at("manifest").at("asked");
    for (const char* field : {"task", "protocol", "samples", "samples_sha256"}) {
      EXPECT_EQ(asked.at(field), ours.at("manifest").at("asked").at(field)) << task << " " << field;
    }
    EXPECT_EQ(asked.at("shots"), "unknown");
    EXPECT_EQ(theirs.at("manifest").at("scored").at("scorer"), "imported");
  }
  return before.size();
}

TEST(ImportExport, RoundTripOfLikelihoodsTextsAndPerplexity) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  const std::string data = shared_path("datasets");
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  const std::string text = folder.write("story.txt", "Once upon a time there was a little girl.\n");
  assay_ok({"run", "--model", model, "--tasks", "mmlu,gsm8k_cot,text:" + text, "--limit", "2", "--max-tokens", "12",
            "--data-dir", data, "--db", db, "--name", "greedy", "--quiet"});
  assay_ok({"run", "--model", model, "--tasks", "gsm8k", "--limit", "2", "--samples", "3", "--max-tokens", "8",
            "--data-dir", data, "--db", db, "--name", "sampled", "--quiet"});
  size_t lines = expect_round_trip("greedy", db, data, folder);
  EXPECT_EQ(lines, 2u * 57 + 2 + 1);
  lines += expect_round_trip("sampled", db, data, folder);
  EXPECT_EQ(lines, 2u * 57 + 2 + 1 + 6);
  std::cout << lines << " lines equal after a round trip\n";
}

TEST(ImportExport, RoundTripOfPrograms) {
  ASSAY_REQUIRE_SHARED(problems, "datasets/humaneval/HumanEval.jsonl");
  const Outcome jail = assay({"sandbox", "run", "--", "true"});
  if (jail.exit == 69) GTEST_SKIP() << "no jail on this machine: " << jail.err;
  const TemporaryFolder folder;
  std::string answers;
  const std::vector<json> rows = read_json_lines(problems);
  for (size_t i = 0; i < 4; ++i) {
    const std::string body = i % 2 == 0 ? rows[i].at("canonical_solution").get<std::string>() : "    return None\n";
    answers += json{{"id", rows[i].at("task_id")}, {"text", body}}.dump() + "\n";
  }
  const std::string file = folder.write("answers.jsonl", answers);
  const std::string data = shared_path("datasets");
  assay_ok({"run", "--model", "responses:" + file, "--tasks", "humaneval", "--limit", "4", "--data-dir", data, "--db",
            folder / "a.db", "--name", "code", "--quiet"});
  EXPECT_EQ(expect_round_trip("code", folder / "a.db", data, folder), 4u);
}

TEST(ImportExport, SeveralRunsOfOneFileAndWhatCannotBeDoneWithThem) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  const std::string data = shared_path("datasets");
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  for (const char* name : {"one", "two"}) {
    assay_ok({"run", "--model", model, "--tasks", "arc_easy", "--limit", "3", "--data-dir", data, "--db", db, "--name",
              name, "--quiet"});
  }
  const std::string both = folder / "both.jsonl";
  assay_ok({"export", "one", "--db", db, "--out", folder / "1.jsonl"});
  assay_ok({"export", "two", "--db", db, "--out", folder / "2.jsonl"});
  folder.write("both.jsonl", read_file(folder / "1.jsonl") + read_file(folder / "2.jsonl"));
  const json imported =
      json::parse(assay_ok({"import", both, "--db", db, "--data-dir", data, "--name", "old", "--json"}).out);
  ASSERT_EQ(imported.at("runs").size(), 2u) << "a number a run";
  EXPECT_EQ(imported.at("runs").at(0).at("prompts").at("compared"), 3);
  EXPECT_EQ(imported.at("runs").at(0).at("name"), "old");
  EXPECT_EQ(imported.at("runs").at(1).at("name"), "old-2") << "a batch has one run a task";

  // Prompts come along where the file has them.
  assay_ok({"export", "one", "--db", db, "--with-prompts", "--out", folder / "asked.jsonl"});
  assay_ok({"import", folder / "asked.jsonl", "--db", db, "--data-dir", data, "--name", "asked"});
  {
    const store::Store store(db, store::Store::Mode::kRead);
    const std::optional<store::Prompt> prompt = store.prompt(store.resolve_one("asked").number, 1);
    ASSERT_TRUE(prompt);
    EXPECT_EQ(prompt->head + prompt->tail, read_json_lines(folder / "asked.jsonl").at(1).at("prompt"));
    EXPECT_EQ(store.prompt(store.resolve_one("old").number, 1), std::nullopt);
  }

  EXPECT_EQ(assay({"import", both, "--db", db, "--name", "old"}).exit, 64) << "the name is taken";
  assay_ok({"import", folder / "1.jsonl", "--db", db, "--name", "new-2"});
  EXPECT_EQ(assay({"import", both, "--db", db, "--name", "new"}).exit, 64) << "the second name is taken";
  EXPECT_EQ(assay({"show", "new", "--db", db}).exit, 64) << "and so nothing was stored";
  const Outcome resumed = assay({"run", "--resume", "old", "--db", db});
  EXPECT_EQ(resumed.exit, 64) << resumed.err;
  EXPECT_NE(resumed.err.find("batch old: it was imported, so there is nothing to resume"), std::string::npos);
  EXPECT_EQ(assay({"export", "old", "--db", db, "--with-prompts", "--out", folder / "x.jsonl"}).exit, 64);
  EXPECT_FALSE(std::filesystem::exists(folder / "x.jsonl"));
  // Named through a link, so that a mistake would harm the link alone.
  std::filesystem::create_symlink("/dev/full", folder / "full");
  EXPECT_EQ(assay({"export", "one", "--db", db, "--out", folder / "full"}).exit, 74);
  EXPECT_TRUE(std::filesystem::is_character_file(folder / "full"));
}

}  // namespace
}  // namespace assay::testing
