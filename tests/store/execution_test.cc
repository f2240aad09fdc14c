// What became of a program: stored, exported, merged; and a database from before it was stored.
#include <gtest/gtest.h>

#include <sstream>

#include "base/text.h"
#include "store/export.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "tests/store/fixture.h"

namespace assay::store {
namespace {

using testing::answer;
using testing::error_of;
using testing::Folder;
using testing::generation_answer;
using testing::generation_run;

scorers::Execution failed() {
  return {"failed", "strict", 12.25, 19, {"userns", "seccomp"}, "  assert f(1) == \"x\"\nAssertionError", "c0de"};
}

NewScore score_of(size_t position, const scorers::Execution& execution) {
  return {position, {{{"passed", execution.outcome == "passed" ? 1.0 : 0.0}}, {{"completion", "x"}}, {}, execution}};
}

// A run of three programs: one failed, one passed, one that was not executed.
void fill(Store& store) {
  store.create_batch({"b", {}, {}}, {generation_run("humaneval", 3)});
  for (size_t i = 0; i < 3; ++i) {
    NewResponse response = generation_answer(1, i);
    response.score.reset();
    store.add_responses(std::vector<NewResponse>{response});
  }
  scorers::Execution passed = failed();
  passed.outcome = "passed";
  passed.error = "";
  store.add_scores(1, "generate/1", std::vector<NewScore>{score_of(0, failed()), score_of(1, passed)});
}

std::string exported(const Store& store, const ExportOptions& options) {
  std::ostringstream out;
  export_runs(store, store.resolve("b"), out, options);
  return out.str();
}

TEST(Execution, ComesBack) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  fill(store);
  const std::vector<StoredSample> samples = store.load_samples(1);
  EXPECT_EQ(samples[0].score->execution, failed());
  EXPECT_EQ(samples[1].score->execution->error, "");
  EXPECT_FALSE(samples[2].score.has_value()) << "a response may be there long before its score";
}

TEST(Execution, TextThatIsNoUtf8IsReplaced) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.create_batch({"b", {}, {}}, {generation_run("humaneval", 1)});
  NewResponse response = generation_answer(1, 0);
  response.score->execution = failed();
  response.score->execution->error = "\xFF\n";
  store.add_responses(std::vector<NewResponse>{response});
  EXPECT_EQ(store.load_samples(1)[0].score->execution->error, "\xEF\xBF\xBD\n");
}

TEST(Execution, LinesAreThoseOfTheInterface) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  fill(store);
  const std::string lines = exported(store, {});
  EXPECT_NE(lines.find(R"("extracted":{"completion":"x"},"code_sha256":"c0de","execution":{"outcome":"failed",)"
                       R"("grading":"strict","cpu_ms":12.25,"wall_ms":19,"limits":["userns","seccomp"],)"
                       R"("error":"  assert f(1) == \"x\"\nAssertionError"},"scores":{"passed":0}})"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find(R"("limits":["userns","seccomp"]},"scores":{"passed":1}})"), std::string::npos) << lines;
  EXPECT_NE(lines.find(R"("gold":"2","scores":{}})"), std::string::npos) << lines;

  const std::string stable = exported(store, {.stable = true, .csv = false, .prompt = {}});
  EXPECT_NE(
      stable.find(R"("execution":{"outcome":"failed","grading":"strict","limits":["userns","seccomp"]},"scores")"),
      std::string::npos)
      << stable;
  for (const char* word : {"cpu_ms", "wall_ms", "error"}) EXPECT_EQ(stable.find(word), std::string::npos) << word;
}

TEST(Execution, CommaSeparatedValues) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  fill(store);
  const std::string all = exported(store, {.stable = false, .csv = true, .prompt = {}});
  EXPECT_NE(all.find("extracted:completion,code_sha256,execution:outcome,execution:grading,execution:cpu_ms,"
                     "execution:wall_ms,execution:limits,execution:error,score:passed\n"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find(",x,c0de,passed,strict,12.25,19,\"[\"\"userns\"\",\"\"seccomp\"\"]\",,1\n"), std::string::npos)
      << all;
  EXPECT_TRUE(all.ends_with(",2,,,,,,,,,,\n")) << all;
  const std::string stable = exported(store, {.stable = true, .csv = true, .prompt = {}});
  EXPECT_NE(stable.find(",code_sha256,execution:outcome,execution:grading,execution:limits,score:passed\n"),
            std::string::npos)
      << stable;
}

TEST(Execution, IsMerged) {
  const Folder folder;
  Store a(folder / "a.db", Store::Mode::kCreate);
  std::string expected;
  {
    Store b(folder / "b.db", Store::Mode::kCreate);
    fill(b);
    b.finish_batch(1, State::kInterrupted);
    expected = exported(b, {});
  }
  a.merge(folder / "b.db");
  EXPECT_EQ(exported(a, {}), expected);
}

TEST(Execution, DamageIsNamed) {
  const Folder folder;
  Store store(folder / "a.db", Store::Mode::kCreate);
  fill(store);
  Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
  for (const char* wrong : {"{", "[]", "{\"outcome\":\"passed\"}"}) {
    raw.execute(fmt::format("UPDATE scores SET execution = '{}' WHERE position = 1", wrong));
    const Error error = error_of([&] { store.load_samples(1); });
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << wrong;
    EXPECT_NE(std::string(error.what()).find("item/test/1"), std::string::npos) << error.what();
  }
}

// A database as the first version of the tables has it, with a score.
void make_version_1(const std::filesystem::path& path) {
  Database old(path, Database::Access::kCreate, 1000);
  migrate(old, migrations().first(1));
  old.execute(R"sql(
    INSERT INTO batches VALUES (1, 'old', 'u', '2026-11-01T00:00:00Z', '{}', 'done', 'h', 'm', 1, 1, 1);
    INSERT INTO runs VALUES (1, 1, 'gsm8k', 'lm_eval', '{}',
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 1, 1);
    INSERT INTO samples VALUES (1, 0, '', 0, 'x/0', '', 0, 'generate', 'p', '[]', '[]', '18', NULL);
    INSERT INTO responses VALUES (1, 0, 5, 0, NULL, NULL, NULL, 'so 18', x'', 'stop');
    INSERT INTO scorings VALUES (1, 0, 'exact_match/1', NULL);
    INSERT INTO scores VALUES (1, 0, 0, NULL, '{"strict-match":1}', '{"strict-match":"18"}');
  )sql");
}

TEST(Execution, ADatabaseOfVersion1KeepsItsScores) {
  for (const Store::Mode mode : {Store::Mode::kRead, Store::Mode::kWrite, Store::Mode::kCreate}) {
    const Folder folder;
    make_version_1(folder / "a.db");
    const Store store(folder / "a.db", mode);
    const std::vector<StoredSample> samples = store.load_samples(1);
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_EQ(samples[0].score->values, (std::map<std::string, double>{{"strict-match", 1}}));
    EXPECT_EQ(samples[0].score->extracted.at("strict-match"), "18");
    EXPECT_FALSE(samples[0].score->execution.has_value());
    EXPECT_EQ(store.load_run(1).scorer_version, "exact_match/1");
    Database raw(folder / "a.db", Database::Access::kReadWrite, 1000);
    EXPECT_EQ(raw.integer("PRAGMA user_version"), std::ssize(migrations()));
    EXPECT_GE(std::ssize(migrations()), 2);
  }
}

TEST(Execution, ADatabaseOfVersion1IsMergedIntoANewOne) {
  const Folder folder;
  make_version_1(folder / "old.db");
  Store store(folder / "a.db", Store::Mode::kCreate);
  store.merge(folder / "old.db");
  EXPECT_EQ(store.load_samples(1)[0].score->values.at("strict-match"), 1);
}

}  // namespace
}  // namespace assay::store
