// Work and commands in processes of their own.
#include "harness/watch/child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "harness/watch/inspect.h"
#include "harness/watch/regression_command.h"
#include "tests/harness/watch/watch_process.h"

namespace assay::harness {
namespace {

using testing::TemporaryFolder;

TEST(WatchChild, GivesBackWhatItFoundOrWhy) {
  const StopRequest stop;
  const std::string text(100000, 'x');
  const ChildEnd good = in_child(
      [&](std::string& out) {
        out = text;
        fmt::print("not seen");
        return ExitCode::kInconclusive;
      },
      stop);
  EXPECT_EQ(good.code, ExitCode::kInconclusive);
  EXPECT_EQ(good.text, text);
  const struct {
    std::function<ExitCode(std::string&)> work;
    ExitCode code;
    const char* says;
  } cases[] = {
      {[](std::string&) -> ExitCode { fail_input("a sentence"); }, ExitCode::kBadInput, "a sentence"},
      {[](std::string&) -> ExitCode { throw std::bad_alloc(); }, ExitCode::kUnavailable, "out of memory"},
      {[](std::string&) -> ExitCode { throw std::out_of_range("odd"); }, ExitCode::kInternal, "internal error: odd"},
      {[](std::string&) {
         ::raise(SIGBUS);
         return ExitCode::kDone;
       },
       ExitCode::kInternal, "signal 7"},
      {[](std::string&) {
         ::raise(SIGKILL);
         return ExitCode::kDone;
       },
       ExitCode::kInternal, "memory runs out"},
  };
  for (const auto& each : cases) {
    const ChildEnd end = in_child(each.work, stop);
    EXPECT_EQ(end.code, each.code) << each.says;
    EXPECT_NE(end.text.find(each.says), std::string::npos) << end.text;
  }
}

TEST(WatchChild, AStopReachesIt) {
  const StopRequest stop;
  ::raise(SIGTERM);
  ASSERT_TRUE(stop.flag());
  const ChildEnd end = in_child(
      [](std::string&) {
        for (;;) ::pause();
        return ExitCode::kDone;
      },
      stop);
  EXPECT_EQ(end.code, ExitCode::kInternal) << end.text;
  const ChildEnd heard = in_child(
      [](std::string& text) {
        const StopRequest own;
        while (!own.flag()) ::usleep(1000);
        text = own.reason();
        return ExitCode::kInterrupted;
      },
      stop);
  // Either of the two: the signal may come before it is awaited.
  EXPECT_TRUE(heard.code == ExitCode::kInternal || heard.text == "SIGTERM") << heard.text;
}

TEST(WatchInspect, SaysWhatIsMissingAndWhatItIs) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "c";
  const auto problem = [&]() -> std::string {
    try {
      inspect_checkpoint(path, "");
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  std::filesystem::create_directory(path);
  EXPECT_NE(problem().find("holds no model.safetensors"), std::string::npos);
  testing::copy_beginning(testing::late_checkpoint(), path, "model.safetensors", 0.99);
  EXPECT_NE(problem().find("config.json: is missing"), std::string::npos);
  testing::copy_part(testing::late_checkpoint(), path, "config.json");
  EXPECT_NE(problem().find("cut short"), std::string::npos);
  testing::copy_rest(testing::late_checkpoint(), path, "model.safetensors");
  EXPECT_NE(problem().find("comes without a tokenizer.json"), std::string::npos);
  inspect_checkpoint(path, testing::late_checkpoint());
  testing::copy_beginning(testing::late_checkpoint(), path, "tokenizer.json", 0.5);
  EXPECT_NE(problem().find("tokenizer.json"), std::string::npos);
  testing::copy_rest(testing::late_checkpoint(), path, "tokenizer.json");
  EXPECT_EQ(problem(), "");

  const Inspected one = inspect_checkpoint(path, "");
  testing::add_other_ending(path, 1);
  const Inspected two = inspect_checkpoint(path, "");
  EXPECT_EQ(one.weights_sha256, two.weights_sha256);
  EXPECT_NE(one.content_sha256, two.content_sha256);
  EXPECT_EQ(inspect_checkpoint(testing::late_checkpoint(), "").content_sha256, one.content_sha256);
  EXPECT_NE(inspect_checkpoint(testing::early_checkpoint(), "").weights_sha256, one.weights_sha256);
}

TEST(WatchCommandOnRegression, SaysHowItEnded) {
  const TemporaryFolder folder;
  const std::string file = (folder / "out").string();
  const struct {
    std::string command;
    const char* end;
  } cases[] = {
      {"true", "exit 0"},
      {"exit 3", "exit 3"},
      {"kill -9 $$", "signal 9"},
      {"no-such-program-anywhere 2>/dev/null", "exit 127"},
      {"read x; test -z \"$x\"", "exit 0"},
      // Facts are values: nothing in them is run.
      {"printf '%s' \"$ASSAY_RUN\" > '" + file + "'", "exit 0"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(run_regression_command(each.command, {{"ASSAY_RUN", "$(touch x); '\"\nb"}}, 60), each.end)
        << each.command;
  }
  EXPECT_EQ(read_file(file), "$(touch x); '\"\nb");
  // With what it has started.
  EXPECT_EQ(run_regression_command("sleep 600 & sleep 600", {}, 0.1), "ended after 0.1 s");
}

}  // namespace
}  // namespace assay::harness
