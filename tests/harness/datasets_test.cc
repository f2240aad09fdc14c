// `assay datasets`, as a person types it.
#include <gtest/gtest.h>

#include "tests/datasets/web_server.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(DatasetsCommand, ListSaysWhatThereIsAndWhatIsHere) {
  const TemporaryFolder folder;
  const json list = json::parse(assay_ok({"datasets", "list", "--data-dir", folder.path(), "--json"}).out);
  ASSERT_EQ(list.size(), 5u);
  int files = 0;
  for (const json& benchmark : list) {
    EXPECT_EQ(benchmark["present"], 0);
    EXPECT_EQ(benchmark["whole"], false);
    EXPECT_TRUE(benchmark["folder"].is_null());
    EXPECT_FALSE(benchmark["licence"].get<std::string>().empty());
    files += benchmark["files"].get<int>();
  }
  EXPECT_EQ(files, 136);
  EXPECT_NE(assay_ok({"datasets", "list"}).out.find("CC BY-SA 4.0"), std::string::npos);
}

TEST(DatasetsCommand, PullBundleAndPullAgain) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string first = folder / "first";
  const std::string bundle = folder / "b.tar.gz";
  const json pulled =
      json::parse(assay_ok({"datasets", "pull", "gsm8k", "humaneval", "--from", data, "--to", first, "--json"}).out);
  EXPECT_EQ(pulled["fetched"], 5);
  EXPECT_EQ(pulled["failed"], json::array());
  const json packed = json::parse(assay_ok({"datasets", "bundle", "--data-dir", first, "--out", bundle, "--json"}).out);
  EXPECT_EQ(packed["files"], 5);
  EXPECT_EQ(packed["benchmarks"], json({"gsm8k", "humaneval"}));

  // Without --to the person's own folder is filled, where other commands look for it.
  const std::map<std::string, std::string> home = {{"HOME", folder / "home"}, {"ASSAY_DATA_DIR", ""}};
  assay_ok({"datasets", "pull", "gsm8k", "humaneval", "--from", bundle}, home);
  const json list = json::parse(assay_ok({"datasets", "list", "--json"}, home).out);
  for (const json& benchmark : list) {
    const bool here = benchmark["dataset"] == "gsm8k" || benchmark["dataset"] == "humaneval";
    EXPECT_EQ(benchmark["whole"], here) << benchmark["dataset"];
  }
  assay_ok({"datasets", "verify", "gsm8k", "humaneval"}, home);
}

TEST(DatasetsCommand, CtrlCLeavesAPartThatIsGoneOnWith) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string text = read_file(data / "gsm8k/train.jsonl");
  const std::string tests = read_file(data / "gsm8k/test.jsonl");
  const WebServer server([&](const WebRequest& request) {
    WebReply reply;
    reply.body = request.path == "/gsm8k/test.jsonl" ? tests : text;
    if (request.path == "/gsm8k/train.jsonl" && request.nth == 0) {
      reply.cut_after = 1'000'000;
      reply.then = WebReply::kStall;
    }
    return reply;
  });
  const std::string to = folder / "to";
  const std::vector<std::string> arguments = {"datasets", "pull", "gsm8k", "--from", server.url(), "--to", to};
  // The signal comes when the part is there, however slow the machine is.
  Launch launch{{"-c",
                 "\"$@\" & while kill -0 $! && [ \"$(stat -c %s \"$PART\")\" != 1000000 ]; do sleep 0.05; done; "
                 "kill -INT $!; wait $!",
                 "sh", ASSAY_PROGRAM},
                {{"PART", to + "/gsm8k/train.jsonl.part"}},
                {},
                60,
                0};
  launch.arguments.insert(launch.arguments.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run_program("/bin/sh", launch);
  EXPECT_EQ(outcome.exit, 130) << outcome.err;
  EXPECT_NE(outcome.err.find("goes on where it stopped"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(fs::path(to) / "gsm8k/train.jsonl"));
  assay_ok(arguments);
  EXPECT_EQ(server.requests().back().range_begin, 1'000'000);
  EXPECT_EQ(read_file(fs::path(to) / "gsm8k/train.jsonl") == text, true);
}

TEST(DatasetsCommand, WhatCannotBe) {
  const TemporaryFolder folder;
  const std::string to = folder / "to";
  const fs::path file = folder.write("file", "x");
  const struct {
    std::vector<std::string> arguments;
    int exit;
    std::string says;
  } cases[] = {
      {{"datasets", "pull", "gsm9k"}, 64, "did you mean \"gsm8k\""},
      {{"datasets", "pull", "--from", "ftp://host/"}, 64, "only http and https"},
      {{"datasets", "pull", "--from", folder / "none", "--to", to}, 69, "no such folder or bundle"},
      {{"datasets", "pull", "gsm8k", "--from", folder.path(), "--to", to}, 69, "gsm8k/test.jsonl is not there"},
      {{"datasets", "pull", "--timeout", "0"}, 64, "--timeout"},
      {{"datasets", "pull", "gsm8k", "--from", folder.path(), "--to", file / "below"}, 74, "--to"},
      {{"datasets", "bundle", "--data-dir", to}, 64, "--out"},
      {{"datasets", "bundle", "--data-dir", folder / "none", "--out", folder / "b"}, 69, "assay datasets pull"},
  };
  for (const auto& c : cases) {
    const Outcome outcome = assay(c.arguments);
    EXPECT_EQ(outcome.exit, c.exit) << c.says << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(c.says), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace assay::testing
