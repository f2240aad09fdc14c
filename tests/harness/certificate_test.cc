// `assay certify` and what `assay verify` tells from the files alone.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "base/error.h"
#include "harness/verify.h"
#include "tests/harness/certified.h"
#include "tests/support/damage.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using Json = nlohmann::ordered_json;

struct Tampering {
  const char* name;
  const char* task;
  std::function<void(Forgery&)> change;
  std::string says;       // part of a mismatch
  size_t mismatches = 1;  // told in all
};

std::function<void(Forgery&)> line(size_t i, const std::function<void(Json&)>& change) {
  return [=](Forgery& f) { f.edit_line(i, change); };
}

// The option that is not predicted becomes the likeliest.
void turn_prediction(Json& json) {
  json["logprobs"][(json["prediction"].get<size_t>() + 1) % 4] = -0.001;
}
void flip_score(Json& json) {
  json["scores"]["acc"] = 1 - json["scores"]["acc"].get<int>();
}

std::vector<Tampering> tamperings() {
  return {
      {"response", "words", line(3, turn_prediction), "sample words/3 (line 4): was changed; response or prediction"},
      {"score", "words", line(5, flip_score), "sample words/5 (line 6): was changed; score or gold", 3},
      {"gold", "words", line(5, [](Json& j) { j["gold"][0] = (j["gold"][0].get<int>() + 1) % 4; }),
       "sample words/5 (line 6): was changed", 1},
      {"salt", "words", line(7, [](Json& j) { j["salt"] = std::string(32, '0'); }),
       "sample words/7 (line 8): was changed, but its scores follow from its response: the salt"},
      {"no salt", "words", line(7, [](Json& j) { j["salt"] = "pepper"; }), "its salt is no salt of ours"},
      {"prompt hash", "words", line(0, [](Json& j) { j["prompt_sha256"] = std::string(64, '0'); }),
       "sample words/0 (line 1): was changed, but its scores follow"},
      {"not JSON", "words", [](Forgery& f) { f.lines[9] = "no line"; }, "line 10: is not a JSON object"},
      {"text", "stories", line(2, [](Json& j) { j["text"] = "zzz yyy"; }),
       "sample stories/2 (line 3): was changed; response or extraction", 1},
      {"score of a text", "stories",
       line(1, [](Json& j) { j["scores"]["first-word"] = 1 - j["scores"]["first-word"].get<int>(); }),
       "sample stories/1 (line 2): was changed; score or gold"},
      {"shots", "words", [](Forgery& f) { f.certificate.manifest["asked"]["shots"] = 4; },
       "manifest.asked.shots: its value was changed"},
      {"weights", "words",
       [](Forgery& f) { f.certificate.manifest["computed"]["weights_sha256"] = std::string(64, 'a'); },
       "manifest.computed.weights_sha256: its value was changed"},
      {"a field more", "words", [](Forgery& f) { f.certificate.manifest["asked"]["extra"] = 1; },
       "manifest.asked.extra: has no hash in the certificate"},
      {"a field less", "words", [](Forgery& f) { f.certificate.manifest["computed"].erase("threads"); },
       "manifest.computed.threads: is missing"},
      {"metric", "words", [](Forgery& f) { f.certificate.metrics[0]["value"] = 0.99; },
       "metric acc (micro): its value was changed", 2},
      {"another metric", "words", [](Forgery& f) { f.certificate.metrics.erase(1); }, "metrics.1: is missing", 2},
      {"task", "words", [](Forgery& f) { f.certificate.task = "mmlu"; }, "certificate.task: its value was changed"},
      {"scorer", "words", [](Forgery& f) { f.certificate.scorer = "multiple_choice/9"; },
       "certificate.scorer: its value was changed"},
      {"number", "words", [](Forgery& f) { f.certificate.n = 61; }, "certificate.n: its value was changed"},
      {"root", "words", [](Forgery& f) { f.certificate.root = std::string(64, '0'); },
       "root: the hashes that the certificate lists do not give its root"},
      {"hash and line", "words",
       [](Forgery& f) {
         f.edit_line(3, turn_prediction);
         f.certificate.samples[3] = harness::sample_leaf(f.lines[3]);
       },
       "root: the hashes"},
      {"first removed", "words", [](Forgery& f) { f.lines.erase(f.lines.begin()); }, "sample 1 of 60 is missing"},
      {"one removed", "words", [](Forgery& f) { f.lines.erase(f.lines.begin() + 30); }, "sample 31 of 60 is missing"},
      {"last removed", "words", [](Forgery& f) { f.lines.pop_back(); }, "sample 60 of 60 is missing"},
      {"all removed", "words", [](Forgery& f) { f.lines.clear(); }, "MISMATCH and ", 0},
      {"doubled", "words", [](Forgery& f) { f.lines.insert(f.lines.begin() + 4, f.lines[4]); },
       "sample words/4 (line 6): stands there more than once"},
      {"added", "words",
       [](Forgery& f) {
         f.lines.push_back(f.lines[4]);
         f.edit_line(60, [](Json& j) { j["id"] = "words/60"; });
       },
       "sample words/60 (line 61): is not in the certificate"},
      {"reordered", "words", [](Forgery& f) { std::swap(f.lines[10], f.lines[20]); },
       "stands in another order than in the certificate"},
      {"cut short", "words", [](Forgery& f) { f.lines[59].resize(100); }, "line 60: is not a JSON object"},
      {"removed and changed", "words",
       [](Forgery& f) {
         f.edit_line(20, turn_prediction);
         f.lines.erase(f.lines.begin() + 10);
       },
       "sample words/20 (line 20): was changed; response", 2},
  };
}

TEST(Certificate, WhatWasChangedIsNamed) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  for (const char* task : {"words", "stories"}) {
    const Outcome whole = certified.run().verify(certified.certificate(task));
    EXPECT_EQ(whole.exit, 0) << whole.out << whole.err;
    EXPECT_NE(whole.out.find("Verified"), std::string::npos) << whole.out;
  }
  size_t caught = 0;
  for (const Tampering& tampering : tamperings()) {
    SCOPED_TRACE(tampering.name);
    Forgery forgery = certified.read(tampering.task);
    tampering.change(forgery);
    const Outcome outcome = certified.verify(forgery);
    EXPECT_EQ(outcome.exit, 1) << outcome.out << outcome.err;
    EXPECT_NE(outcome.out.find(tampering.says), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("NOT verified"), std::string::npos) << outcome.out;
    const Json json = Json::parse(certified.verify(forgery, {"--json"}).out);
    EXPECT_FALSE(json.at("verified"));
    // Metrics are computed from whatever scores there are, so a changed score can tell itself there too.
    EXPECT_GE(json.at("mismatch_count"), std::max<size_t>(1, tampering.mismatches)) << json.dump(1);
    ++caught;
  }
  std::cout << caught << " tamperings, each named\n";
}

TEST(Certificate, OneRewrittenAsAWholeNeedsThePublishedRoot) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const Forgery honest = certified.read("words");
  Forgery forgery = honest;
  forgery.edit_line(3, [](Json& j) { j["logprobs"][j["prediction"].get<size_t>()] = -0.0001; });
  forgery.certify_anew();
  const Outcome without = certified.verify(forgery);
  EXPECT_EQ(without.exit, 0) << without.out;
  EXPECT_NE(without.out.find("A certificate that was rewritten as a whole is consistent too"), std::string::npos)
      << without.out;
  const Outcome with = certified.verify(forgery, {"--root", honest.certificate.root});
  EXPECT_EQ(with.exit, 1);
  EXPECT_NE(with.out.find("it is another certificate"), std::string::npos) << with.out;
  EXPECT_EQ(certified.verify(honest, {"--root", honest.certificate.root}).exit, 0);
  EXPECT_EQ(certified.verify(honest, {"--root", "abc"}).exit, 64);

  // What does not follow from the responses is caught without the root.
  Forgery scores = honest;
  scores.edit_line(5, flip_score);
  scores.certify_anew();
  const Outcome by_score = certified.verify(scores);
  EXPECT_EQ(by_score.exit, 1);
  EXPECT_NE(by_score.out.find("sample words/5: score or gold"), std::string::npos) << by_score.out;
  Forgery metrics = honest;
  metrics.certificate.metrics[0]["value"] = 0.9;
  metrics.certify_anew();
  EXPECT_NE(certified.verify(metrics).out.find("metric acc (micro): value is 0.9"), std::string::npos);
  Forgery doubled = honest;
  doubled.lines[1] = doubled.lines[0];
  doubled.certify_anew();
  EXPECT_NE(certified.verify(doubled).out.find("sample words/0: has two answers"), std::string::npos);
  Forgery fewer = honest;
  fewer.lines.pop_back();
  fewer.certify_anew();
  EXPECT_NE(certified.verify(fewer).out.find("the manifest says 60 items"), std::string::npos);
}

TEST(Certificate, AForeignTaskIsSaidNotToBeRecomputed) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const Outcome outcome = assay({"verify", certified.certificate("words")});
  EXPECT_EQ(outcome.exit, 0) << outcome.out;
  EXPECT_NE(outcome.out.find("were not computed again: there is no task words"), std::string::npos) << outcome.out;
  std::ofstream(certified.run().tasks() / "words.toml", std::ios::app) << "# another text\n";
  const Outcome changed = certified.run().verify(certified.certificate("words"));
  EXPECT_EQ(changed.exit, 0) << changed.out;
  EXPECT_NE(changed.out.find("the file of task words is another here"), std::string::npos) << changed.out;
}

TEST(Certificate, OnlyOneRunThatIsDoneIsCertifiedAndNothingIsOverwritten) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const SmallRun& run = certified.run();
  const Outcome twice = run.certify("night/words", certified.certificate("words"));
  EXPECT_EQ(twice.exit, 64) << twice.err;
  EXPECT_EQ(run.certify("night", run / "both.json").exit, 64) << "two runs";
  EXPECT_EQ(run.certify("night/words", run / "no" / "folder.json").exit, 74);
  write_file_atomically(run / "answers.jsonl", "{\"id\":\"stories/0\",\"text\":\"was\"}\n");
  EXPECT_EQ(assay({"run", "--model", "responses:" + (run / "answers.jsonl").string(), "--tasks", "stories",
                   "--tasks-dir", run.tasks(), "--db", run.database(), "--name", "half", "--quiet"})
                .exit,
            65);
  const Outcome half = run.certify("half", run / "half.json");
  EXPECT_EQ(half.exit, 65) << half.err;
  EXPECT_NE(half.err.find("is not done (1 of 12 samples answered)"), std::string::npos) << half.err;
  // Other salts, another root.
  EXPECT_EQ(run.certify("night/words", run / "again.json").exit, 0);
  EXPECT_NE(harness::read_certificate(run / "again.json").root, certified.read("words").certificate.root);
}

// docs/certificates.md, "The root, exactly": what stands there is what a stranger runs.
TEST(Certificate, TheDocumentedVerifierAgrees) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const std::string docs = read_file("docs/certificates.md");
  const std::string opening = "```python\n";
  const size_t begin = docs.find(opening) + opening.size();
  const TemporaryFolder folder;
  const auto script = folder.write("check.py", docs.substr(begin, docs.find("```", begin) - begin));
  if (run_program("/usr/bin/env", {{"python3", "-c", ""}, {}, {}, 0, 0}).exit != 0) GTEST_SKIP() << "no python3";
  const Certified certified(shared);
  size_t agreed = 0;
  for (const std::string task : {"words", "stories"}) {
    const std::string file = certified.certificate(task);
    const std::string samples = file + ".samples.jsonl";
    const std::string root = certified.read(task).certificate.root;
    const auto check = [&] {
      return run_program("/usr/bin/env", {{"python3", script, file, samples, root}, {}, {}, 0, 0});
    };
    const Outcome honest = check();
    EXPECT_EQ(honest.exit, 0) << honest.out << honest.err;
    EXPECT_EQ(honest.out, "verified\n");
    std::string text = read_file(samples);
    text[text.size() / 2] ^= 1;
    write_file_atomically(samples, text);
    EXPECT_EQ(check().exit, 1);
    agreed += 2;
  }
  std::cout << agreed << " verdicts of the documented verifier\n";
}

TEST(Certificate, MalformedOnesAreNamedAndNothingCrashes) {
  ASSAY_REQUIRE_SHARED(shared, "models/stories260K");
  const Certified certified(shared);
  const std::string good = read_file(certified.certificate("stories"));
  const std::string lines = read_file(certified.certificate("stories").string() + ".samples.jsonl");
  const auto path = certified.run() / "bad.json";
  const auto expect_named = [&](const std::string& content, const std::string& says) {
    write_file_atomically(path, content);
    const Outcome outcome = certified.run().verify(path);
    EXPECT_EQ(outcome.exit, 65) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("bad.json"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  };
  const auto with = [&](const std::function<void(Json&)>& change) {
    Json json = Json::parse(good);
    change(json);
    return json.dump();
  };
  expect_named(good.substr(0, good.size() / 2), "cut short");
  expect_named("", "not a JSON object");
  expect_named(std::string(100000, '['), "is no certificate");
  expect_named("{\"assay_certificate\":" + std::string(100, '[') + std::string(100, ']') + "}", "nested more than 64");
  expect_named(with([](Json& j) { j.erase("root"); }), "the field root is missing");
  expect_named(with([](Json& j) { j["root"] = "abc"; }), "root must be 64 hexadecimal digits");
  expect_named(with([](Json& j) { j["assay_certificate"] = 2; }), "has form 2");
  expect_named(with([](Json& j) { j["n"] = -1; }), "n must be a whole number");
  expect_named(with([](Json& j) { j["manifest"].erase("asked"); }), "lacks its section asked");
  expect_named(with([](Json& j) { j["leaves"]["samples"][0] = 7; }), "samples.0 must be 64 hexadecimal digits");
  write_file_atomically(path, with([](Json& j) { j["manifest"]["a.b"] = 1; }));
  write_file_atomically(path.string() + ".samples.jsonl", lines);
  EXPECT_NE(certified.run().verify(path).err.find("has a dot in its name"), std::string::npos);

  size_t told = 0;
  std::atomic<bool> stop = false;
  harness::VerifyOptions options;
  options.certificate = path;
  options.elsewhere.tasks_dirs = {certified.run().tasks()};
  for (uint32_t seed = 0; seed < 400; ++seed) {
    std::ofstream(path, std::ios::binary) << (seed % 2 == 0 ? damaged(good, seed / 2) : good);
    std::ofstream(path.string() + ".samples.jsonl", std::ios::binary)
        << (seed % 2 == 0 ? lines : damaged(lines, seed / 2));
    try {
      told += harness::verify(options, stop).exit_code() == ExitCode::kCheckFailed ? 1 : 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
      ++told;
    }
  }
  std::cout << told << " of 400 damaged files told, and no crash\n";
  EXPECT_GT(told, 380u) << "only white space and the order of hashes' names may be changed unseen";
}

}  // namespace
}  // namespace assay::testing
