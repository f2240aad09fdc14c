// A response depends on its request and the model alone: the same bytes for every step size, number of threads, longer
// plan, and after a run was killed and resumed, each computed into an empty database.
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <random>

#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

struct Fixture {
  TemporaryFolder folder;
  std::filesystem::path model = shared_path("models/SmolLM2-135M-Instruct");
  std::filesystem::path data = shared_path("datasets");

  std::vector<std::string> command(const std::string& database, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"run",  "--model",         model,    "--data-dir", data,
                                          "--db", folder / database, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string exported(const std::string& database, const std::string& run) const {
    return assay_ok({"export", run, "--stable", "--db", folder / database, "--out", "-"}).out;
  }

  std::string result(const std::string& database, const std::vector<std::string>& more) const {
    assay_ok(command(database, more));
    return exported(database, "latest");
  }
};

std::vector<std::string> with(std::vector<std::string> base, const std::vector<std::string>& more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

// Likelihood with short shared prefixes and generation behind a long one; some seconds on a small model.
const std::vector<std::string> kShort = {
    "--tasks", "arc_easy,gsm8k_cot", "--limit", "6", "--max-tokens", "24", "--dtype", "f32"};

TEST(Invariance, StepSizeThreadsAndALongerPlanMoveNoBit) {
  ASSAY_REQUIRE_SHARED(shared, "models/SmolLM2-135M-Instruct");
  const Fixture f;
  const std::string base = f.result("base.db", kShort);
  EXPECT_GT(base.size(), 1000u);
  size_t compared = 0;
  for (const auto& [name, more] :
       std::map<std::string, std::vector<std::string>>{{"step64", {"--step-tokens", "64"}},
                                                       {"step4096", {"--step-tokens", "4096"}},
                                                       {"thread1", {"--threads", "1"}},
                                                       {"step64thread1", {"--step-tokens", "64", "--threads", "1"}}}) {
    EXPECT_EQ(f.result(name + ".db", with(kShort, more)), base) << name;
    ++compared;
  }
  // A longer plan around it: more samples of both tasks, and another task. The same samples have the same bytes.
  f.result("longer.db",
           {"--tasks", "arc_challenge,arc_easy,gsm8k_cot", "--limit", "9", "--max-tokens", "24", "--dtype", "f32"});
  std::map<std::string, std::string> longer;
  const std::string longer_export = f.exported("longer.db", "latest");
  for (std::string_view line : split_lines(longer_export)) {
    const auto json = nlohmann::json::parse(line);
    longer[json.at("task").get<std::string>() + json.at("id").get<std::string>()] = line;
  }
  size_t samples = 0;
  for (std::string_view line : split_lines(base)) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(longer[json.at("task").get<std::string>() + json.at("id").get<std::string>()], line);
    ++samples;
  }
  EXPECT_EQ(samples, 12u);
  std::cout << compared << " variants and a longer plan: equal bytes for " << samples << " samples\n";
}

// Routing to experts, windows, soft caps, biases and norms of other families; their tokens are about a letter each.
TEST(Invariance, HoldsForEveryFamily) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures");
  Fixture f;
  size_t lines = 0;
  for (const char* name : {"mixtral", "gemma2", "mistral-v0.1", "phi3", "qwen2-tied", "qwen3", "olmo2", "gemma"}) {
    f.model = folder / name;
    const std::vector<std::string> plan = {"--tasks", "demo_mmlu,demo_gsm8k", "--limit", "3", "--shots",
                                           "1",       "--max-tokens",         "40"};
    const std::string base = f.result(std::string(name) + ".db", plan);
    for (const char* tokens : {"7", "100"}) {
      EXPECT_EQ(f.result(name + std::string(tokens) + ".db", with(plan, {"--step-tokens", tokens})), base) << name;
    }
    lines += split_lines(base).size();
  }
  EXPECT_GE(lines, 8 * 6u);
  std::cout << "8 families at 3 step sizes: equal bytes for " << lines << " lines\n";
}

TEST(Invariance, KilledAtTwentyMomentsAndResumed) {
  ASSAY_REQUIRE_SHARED(shared, "models/SmolLM2-135M-Instruct");
  const Fixture f;
  const std::string whole = f.result("whole.db", kShort);
  std::mt19937 random(20);
  int kills = 0;
  int batches = 0;
  while (kills < 20) {
    const std::string database = "killed" + std::to_string(batches++) + ".db";
    std::vector<std::string> arguments = f.command(database, with(kShort, {"--name", "night", "--step-tokens", "64"}));
    for (int attempt = 0; attempt < 40; ++attempt) {
      const double seconds = std::uniform_real_distribution<>(0.3, 4)(random);
      const Outcome outcome = run_program(ASSAY_PROGRAM, {arguments, {}, {}, kills < 20 ? seconds : 0, 0});
      kills += outcome.signal == SIGKILL;
      if (outcome.signal == 0) {
        ASSERT_EQ(outcome.exit, 0) << outcome.err;
        break;
      }
      // Killed before the batch was stored: there is nothing to resume yet.
      const bool stored = assay({"runs", "--db", f.folder / database}).out.find("night/") != std::string::npos;
      if (stored) arguments = {"run", "--resume", "night", "--db", f.folder / database, "--quiet"};
    }
    EXPECT_EQ(f.exported(database, "night"), whole);
  }
  std::cout << kills << " kills over " << batches << " batches: equal bytes after resuming\n";
}

TEST(Invariance, AStopEndsTheRunResumably) {
  ASSAY_REQUIRE_SHARED(shared, "models/SmolLM2-135M-Instruct");
  const Fixture f;
  const std::vector<std::string> plan = with(kShort, {"--name", "night", "--step-tokens", "32"});
  const std::string whole = f.result("whole.db", plan);
  for (int signal : {SIGINT, SIGTERM}) {
    const std::string database = "stopped" + std::to_string(signal) + ".db";
    const Outcome outcome = run_program(ASSAY_PROGRAM, {f.command(database, plan), {}, {}, 1.5, signal});
    EXPECT_EQ(outcome.exit, 130) << outcome.err;
    EXPECT_NE(outcome.err.find("assay run --resume night"), std::string::npos) << outcome.err;
    assay_ok({"run", "--resume", "night", "--db", f.folder / database, "--quiet"});
    EXPECT_EQ(f.exported(database, "night"), whole);
  }
  const Outcome limited = assay(f.command("limited.db", with(plan, {"--time-limit", "1"})));
  EXPECT_EQ(limited.exit, 130) << limited.err;
  assay_ok({"run", "--resume", "night", "--db", f.folder / "limited.db", "--quiet"});
  EXPECT_EQ(f.exported("limited.db", "night"), whole);
}

}  // namespace
}  // namespace assay::testing
