// Which entries of a folder are checkpoints, in which order.
#include "harness/watch/folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

std::vector<std::string> names(const std::vector<CheckpointEntry>& entries) {
  std::vector<std::string> all;
  for (const CheckpointEntry& entry : entries) all.push_back(entry.name);
  return all;
}

TEST(WatchFolder, ReadsTheStepOutOfAName) {
  const struct {
    const char* name;
    int64_t step;  // -1: none
  } cases[] = {
      {"checkpoint-500", 500},
      {"step_1000", 1000},
      {"global_step00012", 12},
      {"epoch-2", 2},
      {"epoch=3-step=4500", 4500},
      {"step-4500-epoch-3", 4500},
      {"Checkpoint 7", 7},
      {"ckpt_0000200", 200},
      {"iter_0005000", 5000},
      {"llama-3-8b-step700", 700},
      {"run2-checkpoint-9", 9},
      {"steps-30", 30},
      {"500", 500},
      {"model500", 500},
      {"llama-3-8b", 3},
      {"llama-8b", -1},
      {"final", -1},
      {"checkpoint", -1},
      {"checkpoint-final-2", 2},
      {"step-99999999999999999999", -1},
      {"model-500.gguf", 500},
      {"checkpoint-0", 0},
      {"", -1},
  };
  for (const auto& each : cases) EXPECT_EQ(step_of_name(each.name).value_or(-1), each.step) << each.name;
}

TEST(WatchFolder, FindsWhatHoldsAModelAndNothingElse) {
  const TemporaryFolder folder;
  for (const char* file :
       {"checkpoint-20/model.safetensors", "checkpoint-3/config.json", "checkpoint-100/model.safetensors.index.json",
        "b/model.gguf", "a/model-00001-of-00002.safetensors", "model-7.gguf",
        // No model, or none yet.
        "logs/events.out", "checkpoint-5/optimizer.pt", "checkpoint-6/tokenizer.json", "notes.txt", "config.json",
        "nested/checkpoint-1/config.json",
        // Temporary.
        ".hidden/config.json", "tmp-checkpoint-9/config.json", "checkpoint-9.tmp/config.json",
        "checkpoint-9.incomplete/config.json", "checkpoint-9.orbax-checkpoint-tmp-12/config.json", ".x.gguf",
        "y.gguf.part", "checkpoint-8/.model.safetensors", "checkpoint-8/model.safetensors.tmp"}) {
    folder.write(file, "x");
  }
  fs::create_directory(folder / "empty");
  fs::create_directory_symlink("b", folder / "latest");
  fs::create_directory_symlink("nowhere", folder / "broken");
  const auto entries = list_checkpoints(folder.path());
  EXPECT_EQ(names(entries),
            (std::vector<std::string>{"checkpoint-3", "model-7.gguf", "checkpoint-20", "checkpoint-100", "a", "b"}));
  EXPECT_EQ(entries[1].path, folder / "model-7.gguf");
  ASSERT_EQ(entries[1].files.size(), 2U) << "a file beside a GGUF may be part of the model";
  EXPECT_EQ(entries[1].files[1].name, "config.json");
}

TEST(WatchFolder, AFolderThatCannotBeReadIsAnError) {
  const TemporaryFolder folder;
  try {
    list_checkpoints(folder / "missing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kIo);
  }
}

TEST(WatchFolder, AThousandAreInTheOrderOfTheirSteps) {
  const TemporaryFolder folder;
  std::vector<int> steps(1000);
  for (int i = 0; i < 1000; ++i) steps[static_cast<size_t>(i)] = i;
  std::shuffle(steps.begin(), steps.end(), std::mt19937(1));
  for (const int step : steps) folder.write(fmt::format("checkpoint-{}/config.json", step), "{}");
  const auto entries = list_checkpoints(folder.path());
  ASSERT_EQ(entries.size(), 1000U);
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].step, static_cast<int64_t>(i));
}

TEST(WatchFolder, WhatIsWrittenOrReplacedHasAnotherStamp) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("c/model.safetensors", "abc");
  const auto stamps = [&] { return stamps_sha256(list_checkpoints(folder.path()).at(0)); };
  std::set<std::string> seen = {stamps()};
  EXPECT_TRUE(seen.contains(stamps()));
  std::ofstream(file, std::ios::app) << "d";
  EXPECT_TRUE(seen.insert(stamps()).second) << "longer";
  // Of the same size and time, by another file.
  const auto time = fs::last_write_time(file);
  folder.write("new", "ABCD");
  fs::rename(folder / "new", file);
  fs::last_write_time(file, time);
  EXPECT_TRUE(seen.insert(stamps()).second) << "replaced";
  folder.write("c/optimizer.pt", "x");
  EXPECT_TRUE(seen.contains(stamps())) << "no file of a model";
  folder.write("c/tokenizer.json", "x");
  EXPECT_TRUE(seen.insert(stamps()).second) << "one more";
}

TEST(WatchFolder, KnowsWhatWasWrittenToWhileItWasRead) {
  const TemporaryFolder folder;
  const auto begin = [&] {
    fs::remove_all(folder / "c");
    folder.write("c/model.safetensors", "abc");
    folder.write("c/config.json", "{}");
    const CheckpointEntry entry = list_checkpoints(folder.path()).at(0);
    EXPECT_FALSE(was_written_to(entry));
    return entry;
  };
  const auto replace = [&](const std::string& name, const std::string& content) {
    folder.write("new", content);
    fs::rename(folder / "new", folder / "c" / name);
  };
  const struct {
    const char* what;
    std::function<void()> act;
    bool written;
  } cases[] = {
      {"weights grow", [&] { std::ofstream(folder / "c/model.safetensors", std::ios::app) << "d"; }, true},
      {"weights are cut", [&] { fs::resize_file(folder / "c/model.safetensors", 1); }, true},
      {"weights of the same size",
       [&] {
         std::ofstream(folder / "c/model.safetensors") << "xyz";
         fs::last_write_time(folder / "c/model.safetensors", fs::file_time_type::clock::now() + std::chrono::hours(1));
       },
       true},
      {"weights are replaced", [&] { replace("model.safetensors", "xyz"); }, false},
      {"weights are removed", [&] { fs::remove(folder / "c/model.safetensors"); }, false},
      {"the configuration is replaced", [&] { replace("config.json", "[]"); }, true},
      {"all is removed", [&] { fs::remove_all(folder / "c"); }, false},
      {"a file is added", [&] { folder.write("c/tokenizer.json", "x"); }, false},
  };
  for (const auto& each : cases) {
    const CheckpointEntry entry = begin();
    each.act();
    EXPECT_EQ(was_written_to(entry), each.written) << each.what;
  }
}

}  // namespace
}  // namespace assay::harness
