// What a model's name means.
#include "engine/checkpoint/locate.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

// Sets an environment variable while the object lives; null unsets it.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;
  ~ScopedEnvironment() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) const {
    if (value == nullptr) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, value, 1);
    }
  }
  const char* name_;
  std::optional<std::string> before_;
};

TEST(Locate, AFoldersOrderOfPreference) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { locate_model(folder.path().string()); }, "empty").code(), ExitCode::kBadInput);
  folder.write("consolidated.safetensors", "");  // never picked up by its ending
  EXPECT_EQ(error_of([&] { locate_model(folder.path().string()); }, "foreign").code(), ExitCode::kBadInput);
  folder.write("b.gguf", "");
  EXPECT_EQ(locate_model(folder.path().string()).gguf, folder.path() / "b.gguf");
  folder.write("a.gguf", "");
  const Error error = error_of([&] { locate_model(folder.path().string()); }, "two");
  EXPECT_EQ(error.code(), ExitCode::kUsage);
  EXPECT_NE(std::string(error.what()).find("a.gguf, b.gguf"), std::string::npos) << error.what();
  EXPECT_EQ(locate_model((folder.path() / "a.gguf").string()).gguf, folder.path() / "a.gguf");
  folder.write("model.safetensors", "");
  EXPECT_EQ(locate_model(folder.path().string()).safetensors, folder.path() / "model.safetensors");
  folder.write("model.safetensors.index.json", "");
  const ModelFiles files = locate_model(folder.path().string());
  EXPECT_EQ(files.index, folder.path() / "model.safetensors.index.json");
  EXPECT_TRUE(files.safetensors.empty());
  EXPECT_TRUE(files.gguf.empty());
}

TEST(Locate, WhatIsNoModel) {
  const TemporaryFolder folder;
  const ScopedEnvironment hub("HF_HUB_CACHE", folder.path().c_str());
  folder.write("weights.bin", "");
  EXPECT_EQ(error_of([&] { locate_model((folder.path() / "weights.bin").string()); }, "bin").code(), ExitCode::kUsage);
  for (const char* name : {"/nowhere/at/all", "no/such", "no-such", "", "../up", "a/b/c", "new\nline", "a//b"}) {
    EXPECT_EQ(error_of([&] { locate_model(name); }, name).code(), ExitCode::kUnavailable) << name;
  }
}

TEST(Locate, NamesInTheHuggingFaceCache) {
  const TemporaryFolder folder;
  const ScopedEnvironment hub("HF_HUB_CACHE", nullptr);
  const ScopedEnvironment legacy("HUGGINGFACE_HUB_CACHE", nullptr);
  const ScopedEnvironment home("HF_HOME", folder.path().c_str());
  const fs::path repository = folder.path() / "hub" / "models--org--name";
  folder.write("hub/models--org--name/snapshots/aaa/model.safetensors", "");
  EXPECT_EQ(locate_model("org/name").folder, repository / "snapshots/aaa");  // the only one
  folder.write("hub/models--org--name/snapshots/bbb/model.safetensors", "");
  const Error error = error_of([&] { locate_model("org/name"); }, "two snapshots");
  EXPECT_EQ(error.code(), ExitCode::kUsage);
  EXPECT_NE(std::string(error.what()).find("aaa, bbb"), std::string::npos) << error.what();
  folder.write("hub/models--org--name/refs/main", "bbb\n");
  EXPECT_EQ(locate_model("org/name").folder, repository / "snapshots/bbb");
  EXPECT_EQ(locate_model(repository.string()).folder, repository / "snapshots/bbb");  // the cache's own folder

  folder.write("elsewhere/models--org--name/snapshots/ccc/model.safetensors", "");
  const ScopedEnvironment wins("HF_HUB_CACHE", (folder.path() / "elsewhere").c_str());
  EXPECT_EQ(locate_model("org/name").folder.filename(), "ccc");
  fs::create_directories(folder.path() / "elsewhere/models--org--empty");
  EXPECT_EQ(error_of([&] { locate_model("org/empty"); }, "no snapshot").code(), ExitCode::kUnavailable);
}

TEST(Locate, TheDemoComesWithTheProgram) {
  const TemporaryFolder folder;
  const ScopedEnvironment demo("ASSAY_DEMO_DIR", folder.path().c_str());
  EXPECT_EQ(error_of([&] { locate_model("demo"); }, "missing").code(), ExitCode::kUnavailable);
  folder.write("models/late/model.safetensors", "");
  folder.write("models/early/model.safetensors", "");
  EXPECT_EQ(locate_model("demo").folder, folder.path() / "models/late");
  EXPECT_EQ(locate_model("demo:early").folder, folder.path() / "models/early");
  for (const char* name : {"demo:", "demo:middle", "demo:../early"}) {
    EXPECT_EQ(error_of([&] { locate_model(name); }, name).code(), ExitCode::kUsage) << name;
  }
}

TEST(Locate, UnderTheHomeFolder) {
  const TemporaryFolder folder;
  const ScopedEnvironment hub("HF_HUB_CACHE", nullptr);
  const ScopedEnvironment legacy("HUGGINGFACE_HUB_CACHE", nullptr);
  const ScopedEnvironment hf_home("HF_HOME", nullptr);
  const ScopedEnvironment cache("XDG_CACHE_HOME", nullptr);
  const ScopedEnvironment home("HOME", folder.path().c_str());
  folder.write(".cache/huggingface/hub/models--gpt2/snapshots/aaa/model.safetensors", "");
  EXPECT_EQ(locate_model("gpt2").folder.filename(), "aaa");
}

}  // namespace
}  // namespace assay::engine::testing
