// `assay watch` with the program itself and the demo's two checkpoints: one that is as good as the baseline, which it
// is, and one that is far worse.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "base/text.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "tests/harness/assay.h"
#include "tests/harness/watch/watch_process.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A minute at most.
void wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(condition());
}

class WatchCommand : public ::testing::Test {
 protected:
  WatchCommand() {
    fs::create_directory(checkpoints_);
    // Copied, so that each test has a database of its own.
    fs::copy_file(baseline_database(), database_);
  }

  static fs::path baseline_database() {
    static const TemporaryFolder folder;
    static const fs::path made = [] {
      assay_ok({"run", "--model", "demo", "--tasks", "demo_mmlu", "--name", "late", "--quiet", "--db",
                (folder / "a.db").string()});
      return folder / "a.db";
    }();
    return made;
  }

  // Of the command, without its name; what stands in `other` replaces the usual value of that option.
  std::vector<std::string> arguments(const std::vector<std::string>& more = {},
                                     const std::map<std::string, std::string>& other = {}) const {
    std::map<std::string, std::string> options = {{"--tasks", "demo_mmlu"}, {"--baseline", "late"}, {"--gate", "5"},
                                                  {"--db", database_},      {"--settle", "0.2"},    {"--poll", "0.02"}};
    for (const auto& [option, value] : other) options[option] = value;
    std::vector<std::string> all = {checkpoints_};
    for (const auto& [option, value] : options) {
      if (!value.empty()) all.insert(all.end(), {option, value});
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Outcome once(const std::vector<std::string>& more = {}, const std::map<std::string, std::string>& other = {}) const {
    std::vector<std::string> all = arguments(more, other);
    all.insert(all.begin(), "watch");
    all.emplace_back("--once");
    return assay(all);
  }

  // The names of the batches beside the baseline.
  std::vector<std::string> batches() const {
    std::vector<std::string> names;
    for (const store::Batch& batch : store::Store(database_, store::Store::Mode::kRead).batches()) {
      if (batch.name != "late") names.push_back(batch.name);
    }
    return names;
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string on_regression(const std::string& log) const {
    return fmt::format("echo \"$ASSAY_RUN $ASSAY_VERDICT $ASSAY_STEP $ASSAY_BASELINE\" >> {}", file(log));
  }

  TemporaryFolder folder_;
  fs::path checkpoints_ = folder_ / "training";
  fs::path database_ = folder_ / "a.db";
};

// The fourth show of the issue: checkpoints that appear slowly, are replaced, vanish; a regression triggers the command
// once.
TEST_F(WatchCommand, FollowsATraining) {
  const std::vector<std::string> command = arguments(
      {"--report", file("trend.md"), "--report", file("trend.json"), "--on-regression", on_regression("log")});
  {
    WatchProcess watch(command);
    watch.await("watches ");

    // Slowly, file by file, with pauses that are longer than its files must have been unchanged.
    const fs::path first = checkpoints_ / "checkpoint-100";
    copy_part(late_checkpoint(), first, "config.json");
    watch.await("checkpoint-100: waits: holds no model.safetensors.index.json");
    copy_beginning(late_checkpoint(), first, "model.safetensors", 0.5);
    watch.await("it is damaged or cut short");
    copy_rest(late_checkpoint(), first, "model.safetensors");
    watch.await("comes without a tokenizer.json");
    copy_part(late_checkpoint(), first, "tokenizer.json");
    watch.await("checkpoint-100 (step 100): demo_mmlu 100.00: passed\n");
    EXPECT_EQ(watch.count("checkpoint-100: is scored"), 1U);

    // In shards, of which one is still missing.
    const fs::path second = checkpoints_ / "checkpoint-200";
    copy_part(late_checkpoint(), second, "config.json");
    copy_part(late_checkpoint(), second, "tokenizer.json");
    add_other_ending(second, 2);
    const std::string weights = read_file(late_checkpoint() / "model.safetensors");
    uint64_t length = 0;
    std::memcpy(&length, weights.data(), sizeof length);
    json index = {{"weight_map", json::object()}};
    const json header = json::parse(weights.substr(sizeof length, length));
    for (const auto& [name, entry] : header.items()) {
      if (name != "__metadata__") index["weight_map"][name] = "model-00001-of-00001.safetensors";
    }
    std::ofstream(second / "model.safetensors.index.json") << index;
    watch.await("names model-00001-of-00001.safetensors, which is not there");
    copy_part(late_checkpoint(), checkpoints_ / "tmp-shard", "model.safetensors");
    fs::rename(checkpoints_ / "tmp-shard/model.safetensors", second / "model-00001-of-00001.safetensors");
    watch.await("checkpoint-200 (step 200): demo_mmlu 100.00: passed\n");
    EXPECT_EQ(watch.count("tmp-shard"), 0U);

    // Replaced by worse weights under the same name.
    fs::copy_file(early_checkpoint() / "model.safetensors", first / ".new");
    fs::rename(first / ".new", first / "model.safetensors");
    watch.await("checkpoint-100~2 (step 100): demo_mmlu ");
    watch.await(": regressed\n");

    // Gone before it was whole, and gone as soon as it is being scored.
    copy_beginning(late_checkpoint(), checkpoints_ / "checkpoint-300", "model.safetensors", 0.9);
    watch.await("checkpoint-300: waits: ");
    fs::remove_all(checkpoints_ / "checkpoint-300");
    watch.await("warning: checkpoint-300: vanished before it was scored");
    copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-400");
    add_other_ending(checkpoints_ / "checkpoint-400", 4);
    watch.await("checkpoint-400: is scored as checkpoint-400");
    fs::remove_all(checkpoints_ / "checkpoint-400");
    watch.await("checkpoint-400: vanished");

    EXPECT_EQ(watch.end(SIGINT), 130) << watch.err();
    EXPECT_EQ(watch.count("nothing is lost"), 1U) << watch.err();
  }
  EXPECT_EQ(read_file(folder_ / "log"), "checkpoint-100~2 regressed 100 late\n");

  // Started again: what was scored stays so; the same weights under another name are not scored, and no command runs.
  {
    WatchProcess watch(command);
    copy_whole(early_checkpoint(), checkpoints_ / "checkpoint-500");
    watch.await("checkpoint-500: is checkpoint-100 with the same weights, which was scored as checkpoint-100~2");
    copy_whole(late_checkpoint(), checkpoints_ / "final");
    add_other_ending(checkpoints_ / "final", 7);
    watch.await("final: demo_mmlu 100.00: passed\n");
    EXPECT_EQ(watch.count(" is scored as "), 1U) << watch.err();
    EXPECT_EQ(watch.count("regressed"), 0U) << watch.out();
    EXPECT_EQ(watch.end(SIGTERM), 130);
  }
  EXPECT_EQ(read_file(folder_ / "log"), "checkpoint-100~2 regressed 100 late\n");

  const json report = json::parse(read_file(folder_ / "trend.json"));
  std::map<std::string, std::string> verdicts;
  for (const json& run : report.at("runs")) verdicts[run.at("name")] = run.at("verdict");
  verdicts.erase("checkpoint-400");  // whether it was loaded before it vanished
  EXPECT_EQ(verdicts, (std::map<std::string, std::string>{{"late", "scored"},
                                                          {"checkpoint-100", "passed"},
                                                          {"checkpoint-200", "passed"},
                                                          {"checkpoint-100~2", "regressed"},
                                                          {"final", "passed"}}));
  EXPECT_TRUE(read_file(folder_ / "trend.md").starts_with("## Assay: regressed\n"));
  const Outcome tagged = assay(
      {"report", "--tag", "watch=training", "--tag", "step=100", "--format", "json", "--out", "-", "--db", database_});
  EXPECT_EQ(json::parse(tagged.out).at("runs").size(), 2U) << tagged.err;
}

TEST_F(WatchCommand, OnceEndsWithTheWorstOfWhatIsThere) {
  const Outcome empty = once();
  EXPECT_EQ(empty.exit, 69);
  EXPECT_NE(empty.err.find("holds no whole checkpoint"), std::string::npos) << empty.err;

  copy_whole(late_checkpoint(), checkpoints_ / "step_1000");
  fs::create_directory(checkpoints_ / "logs");
  std::ofstream(checkpoints_ / "logs/events") << "x";
  copy_beginning(early_checkpoint(), checkpoints_ / "step_2000", "model.safetensors", 0.5);
  const Outcome good = once({"--json"});
  EXPECT_EQ(good.exit, 0) << good.err;
  std::vector<std::string> events;
  for (const std::string_view line : split_lines(good.out)) events.push_back(json::parse(line).at("event"));
  EXPECT_EQ(events, (std::vector<std::string>{"watching", "scoring", "scored", "waiting"})) << good.out;

  copy_rest(early_checkpoint(), checkpoints_ / "step_2000", "model.safetensors");
  copy_part(early_checkpoint(), checkpoints_ / "step_2000", "config.json");
  copy_part(early_checkpoint(), checkpoints_ / "step_2000", "tokenizer.json");
  const Outcome bad = once({"--quiet"});
  EXPECT_EQ(bad.exit, 1) << bad.err;
  EXPECT_EQ(bad.err, "");
  EXPECT_TRUE(bad.out.starts_with("step_1000 (step 1000): demo_mmlu 100.00: passed\nstep_2000 (step 2000): "))
      << bad.out;
  // Nothing is scored again, and the code stays.
  const Outcome again = once({"--quiet"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_EQ(again.out, bad.out);
  EXPECT_EQ(batches().size(), 2U);
  // 150 questions cannot promise half a point. Without a margin, a difference counts.
  fs::remove_all(checkpoints_ / "step_2000");
  EXPECT_EQ(once({}, {{"--gate", "0.5"}}).exit, 2);
  copy_whole(early_checkpoint(), checkpoints_ / "step_2000");
  const Outcome worse = once({}, {{"--gate", ""}});
  EXPECT_EQ(worse.exit, 1);
  EXPECT_NE(worse.out.find(": worse\n"), std::string::npos) << worse.out << worse.err;
}

TEST_F(WatchCommand, AnyNameIsANameOfACheckpoint) {
  const std::vector<std::string> names = {"-rf", "500", "latest", "two words", "<b>&amp;|`$(x)", "line\nbreak", "~x"};
  int number = 0;
  for (const std::string& name : names) {
    copy_whole(late_checkpoint(), checkpoints_ / name);
    add_other_ending(checkpoints_ / name, ++number);
  }
  fs::create_directories(folder_ / "elsewhere");
  copy_whole(late_checkpoint(), folder_ / "elsewhere/x");
  fs::create_directory_symlink(folder_ / "elsewhere/x", checkpoints_ / "linked");
  fs::create_directory_symlink("two words", checkpoints_ / "newest");
  fs::create_directory_symlink("nowhere", checkpoints_ / "dangling");
  fs::create_directory_symlink("circle", checkpoints_ / "circle");
  copy_whole(late_checkpoint(), checkpoints_ / "bytes\xff");
  const Outcome outcome = once({"--report", file("trend.md"), "--report", file("trend.html"), "--report",
                                file("trend.xml"), "--on-regression", "false"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err << outcome.out;
  std::vector<std::string> scored = batches();
  std::sort(scored.begin(), scored.end());
  EXPECT_EQ(scored, (std::vector<std::string>{"-rf", "<b>&amp;|`$(x)", "line?break", "linked", "training-500",
                                              "training-latest", "two words", "~x"}));
  EXPECT_NE(outcome.err.find("bytes?: waits: its name is not UTF-8"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("newest"), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), std::ssize(scored)) << outcome.out;
  EXPECT_GT(fs::file_size(folder_ / "trend.html"), 10000U);
}

TEST_F(WatchCommand, WhatIsWrongIsSaidBeforeAnythingIsScored) {
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-1");
  std::ofstream(folder_ / "file") << "x";
  const struct {
    std::map<std::string, std::string> options;
    int exit;
    const char* says;
  } cases[] = {
      {{{"--baseline", "nobody"}}, 64, "no batch named 'nobody'"},
      {{{"--baseline", "latest"}}, 64, "give its name"},
      {{{"--tasks", "demo_arc"}}, 64, "has no run of demo_arc (it has demo_mmlu)"},
      {{{"--tasks", "demo_mmlu,demo_arc"}}, 64, "has no run of demo_arc"},
      {{{"--tasks", "nothing"}}, 64, "nothing"},
      {{{"--limit", "3"}}, 65, "would not be comparable with it: asked."},
      {{{"--shots", "1"}}, 65, "--allow shots"},
      {{{"--gate", "-1"}}, 64, "in points above 0"},
      {{{"--gate", "nan"}}, 64, "in points above 0"},
      {{{"--allow", "shoots"}}, 64, "did you mean shots"},
      {{{"--report", file("x.pdf")}}, 64, "its ending names no format"},
      {{{"--report", "-"}}, 64, "its ending names no format"},
      {{{"--report", file("no/such/x.md")}}, 74, "no/such/x.md"},
      {{{"--tag", "step=3"}}, 64, "a tag that the watch writes itself"},
      {{{"--tag", "watch=3"}}, 64, "a tag that the watch writes itself"},
      {{{"--settle", "-1"}}, 64, "--settle"},
      {{{"--poll", "0"}}, 64, "--poll"},
      {{{"--command-limit", "inf"}}, 64, "--command-limit"},
      {{{"--samples", "2"}, {"--temperature", "0"}}, 64, "--samples above 1"},
      {{{"--db", file("none.db")}}, 69, "there is no such database"},
      {{{"--db", file("file")}}, 65, "file"},
  };
  for (const auto& each : cases) {
    const Outcome outcome = once({}, each.options);
    EXPECT_EQ(outcome.exit, each.exit) << each.says << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(each.says), std::string::npos) << each.says << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << each.says;
  }
  EXPECT_TRUE(batches().empty());
}

TEST_F(WatchCommand, RefusesOtherPlaces) {
  const auto in = [&](const std::string& folder) {
    return assay({"watch", folder, "--tasks", "demo_mmlu", "--baseline", "late", "--db", database_, "--once",
                  "--settle", "0", "--quiet"});
  };
  EXPECT_EQ(in(file("missing")).exit, 69);
  std::ofstream(folder_ / "file") << "x";
  EXPECT_EQ(in(file("file")).exit, 64);
  // A second training under the same name would share the trend of the first; one that moved is the same.
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-1");
  EXPECT_EQ(in(checkpoints_).exit, 0);
  copy_whole(late_checkpoint(), folder_ / "other/training/checkpoint-1");
  const Outcome shared = in(file("other/training"));
  EXPECT_EQ(shared.exit, 64);
  EXPECT_NE(shared.err.find("give this watch another --name"), std::string::npos) << shared.err;
  fs::remove_all(checkpoints_);
  EXPECT_EQ(in(file("other/training")).exit, 0);
  EXPECT_EQ(batches(), (std::vector<std::string>{"checkpoint-1"})) << "the same weights, moved, are not scored again";

  store::Database(database_, store::Database::Access::kReadWrite, 1000).execute("PRAGMA user_version = 1000");
  const Outcome newer = in(file("other/training"));
  EXPECT_EQ(newer.exit, 65);
  EXPECT_NE(newer.err.find("newer version"), std::string::npos) << newer.err;
}

TEST_F(WatchCommand, TwoWatchesShareTheWorkAndOneRunsTheCommand) {
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-1");
  copy_whole(early_checkpoint(), checkpoints_ / "checkpoint-2");
  const std::vector<std::string> command = arguments({"--on-regression", on_regression("log")});
  WatchProcess one(command);
  WatchProcess two(command);
  // Whichever is first; the other one finds it in the database.
  wait_until([&] { return one.count("checkpoint-2 (step 2)") + two.count("checkpoint-2 (step 2)") > 0; });
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-3");
  add_other_ending(checkpoints_ / "checkpoint-3", 3);
  wait_until([&] { return one.count("checkpoint-3 (step 3)") + two.count("checkpoint-3 (step 3)") > 0; });
  EXPECT_EQ(one.end(SIGINT), 130);
  EXPECT_EQ(two.end(SIGINT), 130);
  EXPECT_EQ(batches(), (std::vector<std::string>{"checkpoint-1", "checkpoint-2", "checkpoint-3"}))
      << one.err() << "----\n"
      << two.err();
  EXPECT_EQ(read_file(folder_ / "log"), "checkpoint-2 regressed 2 late\n");
}

TEST_F(WatchCommand, AnInterruptedCheckpointGoesOn) {
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-1");
  // Long enough to be met in the middle.
  const std::vector<std::string> slow = {"--threads", "1", "--step-tokens", "32", "--kernels", "avx2"};
  WatchProcess watch(arguments(slow));
  watch.await("checkpoint-1: is scored");
  const auto answered = [&] {
    size_t count = 0;
    for (const store::RunInfo& run : store::Store(database_, store::Store::Mode::kRead).runs()) {
      if (run.batch != "late") count += run.answered;
    }
    return count;
  };
  wait_until([&] { return answered() > 0; });
  EXPECT_EQ(watch.end(SIGTERM), 130);
  EXPECT_EQ(batches(), std::vector<std::string>{"checkpoint-1"});
  const size_t before = answered();
  EXPECT_LT(before, 150U) << "it was done before it could be interrupted";
  const Outcome rest = once(slow);
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_NE(rest.err.find("checkpoint-1: goes on being scored as checkpoint-1"), std::string::npos) << rest.err;
  EXPECT_EQ(answered(), 150U);
  EXPECT_EQ(batches(), std::vector<std::string>{"checkpoint-1"});
}

// A watch that was killed after the last answer, before it had looked whether somebody wrote to the files.
TEST_F(WatchCommand, WhatNobodyHasLookedAtIsLookedAtAgain) {
  for (const bool written : {false, true}) {
    const std::string name = written ? "checkpoint-2" : "checkpoint-1";
    copy_whole(late_checkpoint(), checkpoints_ / name);
    add_other_ending(checkpoints_ / name, written);
    ASSERT_EQ(once().exit, 0);
    store::Database(database_, store::Database::Access::kReadWrite, 1000)
        .execute("DELETE FROM tags WHERE key = 'watch.verdict'");
    if (written) {
      fs::last_write_time(checkpoints_ / name / "model.safetensors", fs::file_time_type::clock::now());
    }
    const Outcome again = once();
    EXPECT_EQ(again.exit, 0) << again.err;
    const std::string says =
        written ? "checkpoint-2: is scored as checkpoint-2~2" : "goes on being scored as checkpoint-1";
    EXPECT_NE(again.err.find(says), std::string::npos) << again.err;
    EXPECT_NE(again.out.find(name), std::string::npos) << again.out;
  }
}

TEST_F(WatchCommand, GoesOnWhenReportOrCommandFail) {
  fs::create_directory(folder_ / "reports");
  WatchProcess watch(arguments({"--report", file("reports/trend.md"), "--on-regression",
                                "env > '" + file("environment") + "'; exit 3"}),
                     {{"ASSAY_API_KEY", "secret"}, {"OPENAI_API_KEY", "secret"}, {"ASSAY_PASSPHRASE", "secret"}});
  watch.await("watches ");
  fs::remove_all(folder_ / "reports");
  copy_whole(early_checkpoint(), checkpoints_ / "checkpoint-1");
  watch.await("warning: " + file("reports/trend.md"));
  watch.await("warning: checkpoint-1: the command on a regression: exit 3");
  fs::create_directory(folder_ / "reports");
  copy_whole(late_checkpoint(), checkpoints_ / "checkpoint-2");
  watch.await("checkpoint-2 (step 2): demo_mmlu 100.00: passed");
  EXPECT_EQ(watch.end(SIGINT), 130);
  const std::string environment = read_file(folder_ / "environment");
  EXPECT_EQ(environment.find("secret"), std::string::npos);
  EXPECT_NE(environment.find("\nASSAY_DB=" + database_.string() + "\n"), std::string::npos) << environment;
  EXPECT_NE(environment.find("ASSAY_CHECKPOINT=" + (checkpoints_ / "checkpoint-1").string() + "\n"), std::string::npos);
}

TEST_F(WatchCommand, EndsByItsTimeLimit) {
  WatchProcess watch(arguments({"--time-limit", "0.5"}));
  EXPECT_EQ(watch.end(0), 130);
  EXPECT_EQ(watch.count("ended by the time limit"), 1U) << watch.err();
}

}  // namespace
}  // namespace assay::testing
