// `assay preference` from keys to answers, as its people use it: who may open what, and that no plain text is left
// anywhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "datasets/sealed/hidden_prompt.h"
#include "tests/engine/remote/model_server.h"
#include "tests/harness/assay.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Prompts {
  const char* id;
  const char* text;
};
constexpr Prompts kPrompts[] = {
    {"advice-1", "My sourdough starter drowned in the canal and the barge has left without me, what now?"},
    {"advice-2", "Zwei Nachbarn streiten um einen Birnbaum, dessen Wurzeln niemand gepflanzt haben will."},
    {"verse-1", "Forty lines, please, about a lighthouse that is afraid of the dark, and no rhymes on light."},
};

// A folder with sealed prompts, a passphrase, and keys of an owner and an operator.
struct SealedFolder {
  TemporaryFolder folder;
  std::string sealed = folder / "ours.sealed";
  std::string database = folder / "assay.db";

  SealedFolder() {
    std::string lines;
    for (const Prompts& prompt : kPrompts) {
      const std::string category(prompt.id, std::string(prompt.id).find('-'));
      lines += datasets::to_json_line({prompt.id, category, "easy", "en", {}, prompt.text, "A note on lamps."}) + "\n";
    }
    folder.write("pass", "open sesame\n");
    folder.write("prompts.jsonl", lines);
    for (const char* name : {"ann", "host"}) assay_ok({"preference", "keygen", folder / name});
    assay_ok({"preference", "seal", folder / "prompts.jsonl", "--out", sealed, "--passphrase-file", folder / "pass",
              "--owner", folder / "ann.pub", "--operator", folder / "host.pub"});
    fs::remove(folder / "prompts.jsonl");
  }

  std::vector<std::string> with(std::vector<std::string> words, const std::string& key) const {
    words.insert(words.begin(), "preference");
    words.insert(words.end(), {"--set", sealed});
    if (key == "pass") {
      words.insert(words.end(), {"--passphrase-file", folder / "pass"});
    } else if (!key.empty()) {
      words.insert(words.end(), {"--key", folder / (key + ".key")});
    }
    return words;
  }
};

TEST(Preference, EachOpensWhatIsTheirs) {
  const SealedFolder s;
  const std::vector<std::string> open = {"open", "--category", "advice", "--db", s.database};
  for (const char* owner : {"pass", "ann"}) {
    const Outcome outcome = assay_ok(s.with(open, owner));
    EXPECT_NE(outcome.out.find(kPrompts[0].text), std::string::npos) << owner;
    EXPECT_EQ(outcome.out.find(kPrompts[2].text), std::string::npos) << owner;
  }
  struct Case {
    const char* key;
    const char* problem;
  };
  for (const Case& c : {Case{"host", "an operator's"}, Case{"", "is sealed"}}) {
    const Outcome outcome = assay(s.with(open, c.key));
    EXPECT_EQ(outcome.exit, 64) << c.key;
    EXPECT_NE(outcome.err.find(c.problem), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(assay(s.with(open, ""), {{"ASSAY_PASSPHRASE", "open sesamf"}}).exit, 64);
  assay_ok(s.with(open, ""), {{"ASSAY_PASSPHRASE", "open sesame"}});
  // Three openings happened, and the refused ones did not.
  const json log = json::parse(assay_ok({"preference", "log", "--db", s.database, "--json"}).out);
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[1].at("details").at("prompts"), json({"advice-1", "advice-2"}));
  EXPECT_NE(log[1].at("who").get<std::string>().find("with ann"), std::string::npos);
}

TEST(Preference, ARevealedPromptCanBeProved) {
  const SealedFolder s;
  const json shown =
      json::parse(assay_ok(s.with({"open", "--id", "verse-1", "--json", "--db", s.database}, "ann")).out).at(0);
  const std::string line =
      datasets::to_json_line({"verse-1", "verse", "easy", "en", {}, kPrompts[2].text, "A note on lamps."});
  const std::string hash =
      run_program(
          "/bin/sh",
          {{"-c", "printf %s \"$1\" | sha256sum", "sh", shown.at("salt").get<std::string>() + line}, {}, {}, 0, 0})
          .out.substr(0, 64);
  EXPECT_EQ(hash, shown.at("commitment"));
  EXPECT_NE(read_file(s.sealed).find(hash), std::string::npos);
}

TEST(Preference, VerifyTellsWholeFromDamaged) {
  const SealedFolder s;
  EXPECT_NE(assay_ok(s.with({"verify"}, "")).out.find("nothing else can be checked"), std::string::npos);
  EXPECT_NE(assay_ok(s.with({"verify"}, "host")).out.find("every prompt opens"), std::string::npos);
  std::string text = read_file(s.sealed);
  text[text.size() / 2] ^= 1;
  s.folder.write("ours.sealed", text);
  EXPECT_EQ(assay(s.with({"verify"}, "ann")).exit, 65);
  s.folder.write("ours.sealed", text.substr(0, text.size() / 2));
  EXPECT_EQ(assay(s.with({"verify"}, "")).exit, 65);
}

// What a run writes, says and stores holds no prompt and no answer that a reader could understand.
TEST(Preference, ARunLeavesNoPlainText) {
  const SealedFolder s;
  const std::vector<std::string> run = {"run",    "--model", "demo", "--max-tokens", "24",
                                        "--name", "a",       "--db", s.database};
  Outcome outcome = assay_ok(s.with(run, "host"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"show", "a", "--db", s.database},
           {"runs", "--db", s.database},
           {"export", "a", "--out", s.folder / "a.jsonl", "--db", s.database},
           {"preference", "log", "--db", s.database},
           {"run", "--resume", "a", "--db", s.database},
           {"replay", "a", "--db", s.database},
           {"rescore", "a", "--db", s.database},
           {"certify", "a", "--out", s.folder / "a.json", "--db", s.database},
           {"merge", s.folder / "merged.db", s.database},
           {"report", "a", "--out", s.folder / "a.html", "--out", s.folder / "report.json", "--db", s.database},
       }) {
    const Outcome other = assay(words);
    outcome.out += other.out;
    outcome.err += other.err;
    EXPECT_NE(other.exit, 70) << words[0] << ": " << other.err;
  }
  std::string everything = outcome.out + outcome.err;
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(s.folder.path())) {
    if (!entry.is_regular_file()) continue;
    everything += read_file(entry.path());
    ++files;
  }
  EXPECT_GE(files, 6);
  // Any stretch of sixteen bytes would be noticed.
  for (const Prompts& prompt : kPrompts) {
    const std::string text = prompt.text;
    for (size_t i = 0; i + 16 <= text.size(); ++i) {
      ASSERT_EQ(everything.find(text.substr(i, 16)), std::string::npos) << text.substr(i, 16);
    }
  }
  const std::vector<json> lines = read_json_lines(s.folder / "a.jsonl");
  ASSERT_EQ(lines.size(), 3U);
  for (const json& line : lines) EXPECT_EQ(line.at("text").get<std::string>().find("sealed:"), 0U);
  std::cout << files << " files, " << everything.size() << " bytes searched\n";
}

// A server may quote what it was asked in its refusal; nothing of that may reach a terminal or a log.
TEST(Preference, NoErrorOfAServerQuotesAPrompt) {
  const SealedFolder s;
  for (const Fault fault : {Fault::kRefused, Fault::kQuotesPrompt, Fault::kEmptyChoice, Fault::kHtml}) {
    const ModelServer server({}, [&](const ModelCall& call) {
      const bool is_probe = call.body.dump().find("The sky is") != std::string::npos;
      return is_probe ? Fault::kNone : fault;
    });
    const Outcome outcome = assay(s.with(
        {"run", "--model", server.url(), "--request-timeout", "2", "--time-limit", "4", "--db", s.database}, "host"));
    EXPECT_NE(outcome.exit, 0);
    for (const Prompts& prompt : kPrompts) {
      const std::string text = prompt.text;
      for (size_t at = 0; at + 16 <= text.size(); ++at) {
        ASSERT_EQ((outcome.out + outcome.err).find(text.substr(at, 16)), std::string::npos) << outcome.err;
      }
    }
  }
}

TEST(Preference, AStoppedRunContinues) {
  const SealedFolder s;
  assay_ok(s.with({"run", "--model", "demo", "--max-tokens", "24", "--name", "whole", "--db", s.database}, "pass"));
  const Outcome stopped = assay(s.with({"run", "--model", "demo", "--max-tokens", "24", "--name", "part",
                                        "--time-limit", "0.000001", "--db", s.database},
                                       "pass"));
  EXPECT_EQ(stopped.exit, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("assay preference run --resume part"), std::string::npos) << stopped.err;
  const Outcome without = assay({"run", "--resume", "part", "--db", s.database});
  EXPECT_EQ(without.exit, 64) << without.err;
  EXPECT_NE(without.err.find("assay preference"), std::string::npos) << without.err;
  assay_ok({"preference", "run", "--resume", "part", "--passphrase-file", s.folder / "pass", "--db", s.database});
  const json shown = json::parse(assay_ok({"show", "part", "--json", "--db", s.database}).out);
  EXPECT_EQ(shown.at("state"), "done");
  const json whole = json::parse(assay_ok({"show", "whole", "--json", "--db", s.database}).out);
  EXPECT_EQ(shown.at("manifest").at("asked"), whole.at("manifest").at("asked"));
}

TEST(Preference, MisuseIsRefusedByName) {
  const SealedFolder s;
  struct Case {
    std::vector<std::string> words;
    const char* key;
    int exit;
    const char* problem;
  };
  const Case cases[] = {
      {{"open", "--category", "advise", "--db", s.database}, "ann", 64, "advice, verse"},
      {{"open", "--id", "verse-2", "--db", s.database}, "ann", 64, "verse-1"},
      {{"run", "--model", "demo", "--categories", "prose", "--db", s.database}, "ann", 64, "prose"},
      {{"run", "--model", "demo", "--chat", "on", "--db", s.database}, "ann", 64, "no chat template"},
      {{"run", "--resume", "nothing", "--db", s.database}, "ann", 64, "no batch named"},
      {{"verify", "--public", s.folder / "nowhere"}, "ann", 74, "nowhere"},
  };
  for (const Case& c : cases) {
    TemporaryFolder unused;
    const Outcome outcome = assay(s.with(c.words, c.key));
    EXPECT_EQ(outcome.exit, c.exit) << outcome.err;
    EXPECT_NE(outcome.err.find(c.problem), std::string::npos) << outcome.err;
    fs::remove(s.database);
  }
  EXPECT_EQ(assay({"preference", "keygen", s.folder / "ann"}).exit, 64) << "a key is never written over";
  s.folder.write("empty.jsonl", "\n");
  s.folder.write("bad.jsonl", "{\"id\": 3}\n");
  for (const char* file : {"empty.jsonl", "bad.jsonl"}) {
    EXPECT_EQ(
        assay({"preference", "seal", s.folder / file, "--out", s.folder / "x.sealed", "--owner", s.folder / "ann.pub"})
            .exit,
        65);
    EXPECT_FALSE(fs::exists(s.folder / "x.sealed"));
  }
}

}  // namespace
}  // namespace assay::testing
