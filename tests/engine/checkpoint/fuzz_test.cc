// Cut, flipped and spliced files of every format: each must open or give assay::Error, and what opens can be read to
// the last weight. Meant to run under the address and undefined-behaviour sanitizers as well.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "base/file.h"
#include "base/random.h"
#include "engine/checkpoint/gguf_vocabulary.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;  // name, content

Files read_folder(const fs::path& folder) {
  Files files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().filename().string()] = read_file(entry.path());
  }
  return files;
}

// One of the ways in which files are damaged. Damage is drawn from the first `reach` bytes, where the structure is.
std::string damage(std::string content, size_t reach, PythonRandom& random) {
  const auto below = [&](size_t n) { return size_t{random.below(static_cast<uint32_t>(std::max<size_t>(n, 1)))}; };
  reach = std::min(reach, content.size());
  const auto flip = [&] { content[below(reach)] ^= static_cast<char>(1 << below(8)); };
  switch (below(6)) {
    case 0:
      content.resize(below(content.size() + 1));
      break;
    case 1:
      content.resize(below(reach + 1));
      break;
    case 2:
      flip();
      break;
    case 3:
      for (size_t i = 0, n = 2 + below(30); i < n; ++i) flip();
      break;
    case 4: {  // eight bytes that are large, negative or zero as a number
      const char fill[] = {'\0', '\x7f', '\xff', '\x80'};
      const size_t at = below(reach);
      content.replace(at, std::min<size_t>(8, content.size() - at), 8, fill[below(4)]);
      break;
    }
    default: {  // a piece taken out or doubled
      const size_t at = below(reach);
      const size_t length = std::min(1 + below(40), content.size() - at);
      if (below(2) == 0) {
        content.erase(at, length);
      } else {
        content.insert(below(reach), content.substr(at, length));
      }
      break;
    }
  }
  return content;
}

struct Counts {
  int tried = 0;
  int opened = 0;
  int refused = 0;
};

// Opens the checkpoint and reads everything in it. Any exception but Error ends the test.
void try_open(const std::string& model, Counts& counts) {
  ++counts.tried;
  try {
    const Checkpoint checkpoint = Checkpoint::open(model);
    const std::vector<float> values = read_all(checkpoint);
    EXPECT_GE(values.size(), static_cast<size_t>(checkpoint.parameters()));
    ++counts.opened;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ExitCode::kBadInput || error.code() == ExitCode::kUnavailable ||
                error.code() == ExitCode::kIo)
        << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    ++counts.refused;
  }
}

// Damages `target` of the folder `rounds` times.
void fuzz(const fs::path& source, const std::string& target, size_t reach, int rounds, uint64_t seed) {
  const Files files = read_folder(source);
  ASSERT_TRUE(files.contains(target)) << source << " " << target;
  const TemporaryFolder folder;
  for (const auto& [name, content] : files) folder.write(name, content);
  PythonRandom random(seed);
  const bool gguf = target.ends_with(".gguf");
  const std::string model = (gguf ? folder.path() / target : folder.path()).string();
  Counts counts;
  try_open(model, counts);
  ASSERT_EQ(counts.opened, 1) << source << " is not sound to begin with";
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
    folder.write(target, damage(files.at(target), reach, random));
    try_open(model, counts);
  }
  EXPECT_EQ(counts.tried, rounds + 1);
  EXPECT_EQ(counts.opened + counts.refused, counts.tried);
  EXPECT_GT(counts.refused, rounds / 4);
  std::cout << "damaged " << target << ": " << counts.tried - 1 << " tried, " << counts.refused << " refused, "
            << counts.opened - 1 << " still sound\n";
}

TEST(Fuzz, Safetensors) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/control-good");
  fuzz(folder, "model.safetensors", 1200, 1500, 1);
}

TEST(Fuzz, Config) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/control-good");
  fuzz(folder, "config.json", 100000, 1500, 2);
}

// One thing after the other of what only some families have.
TEST(Fuzz, FilesOfOtherFamilies) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures");
  for (const char* name : {"gemma2", "mixtral", "qwen2-padded-vocab", "phi3"}) {
    fuzz(golden / name, "config.json", 100000, 150, 11);
    fuzz(golden / name, "model.safetensors", 3000, 100, 12);
  }
}

TEST(Fuzz, TokenizerConfig) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/control-good");
  fuzz(folder, "tokenizer_config.json", 100000, 300, 3);
}

TEST(Fuzz, GenerationConfig) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/llama3.2-tied");
  fuzz(folder, "generation_config.json", 100000, 200, 4);
}

TEST(Fuzz, Index) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/llama3-sharded");
  fuzz(folder, "model.safetensors.index.json", 100000, 600, 5);
}

TEST(Fuzz, Shard) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/llama3-sharded");
  fuzz(folder, "model-00002-of-00003.safetensors", 1700, 400, 6);
}

TEST(Fuzz, Gguf) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/malformed/gguf-control-good");
  fuzz(folder, "model.gguf", 5100, 2500, 7);
}

TEST(Fuzz, QuantisedGguf) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/gguf");
  for (const char* name : {"llama3-Q4_0.gguf", "llama3-Q4_1.gguf", "llama3-Q5_0.gguf", "llama3-Q5_1.gguf",
                           "llama3-Q8_0-version2.gguf", "llama3-F16-align64.gguf", "llama3.2-tied-Q8_0.gguf",
                           "kquant-Q2_K.gguf", "kquant-Q4_K_M.gguf", "kquant-IQ4_XS.gguf"}) {
    const TemporaryFolder copy;
    copy.write(name, read_file(folder / name));
    fuzz(copy.path(), name, 8000, 150, 8);
  }
}

// Bits flipped among the weights change numbers, never the structure.
TEST(Fuzz, WeightsMayHoldAnyBits) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/gguf");
  const TemporaryFolder copy;
  PythonRandom random(9);
  int opened = 0;
  for (const char* name :
       {"llama3-Q4_0.gguf", "llama3-Q4_1.gguf", "llama3-Q5_0.gguf", "llama3-Q5_1.gguf", "llama3-Q8_0.gguf",
        "llama3-F16.gguf", "llama3-BF16.gguf", "llama3-F32.gguf", "kquant-Q2_K.gguf", "kquant-Q3_K.gguf",
        "kquant-Q4_K.gguf", "kquant-Q5_K.gguf", "kquant-Q6_K.gguf", "kquant-IQ4_NL.gguf", "kquant-IQ4_XS.gguf"}) {
    std::string content = read_file(folder / name);
    for (size_t i = 20000; i < content.size(); ++i) content[i] = static_cast<char>(random.next_u32());
    const Checkpoint checkpoint = Checkpoint::open(copy.write(name, content).string());
    EXPECT_EQ(read_all(checkpoint).size(), read_all(Checkpoint::open((folder / name).string())).size()) << name;
    ++opened;
  }
  EXPECT_EQ(opened, 15);
}

TEST(Fuzz, VocabularyAlone) {
  ASSAY_REQUIRE_SHARED(file, "golden/architectures/malformed/gguf-control-good/model.gguf");
  const std::string whole = read_file(file).substr(0, 5100);  // metadata and tensor table
  const TemporaryFolder folder;
  PythonRandom random(10);
  int tried = 0;
  int read = 0;
  for (; tried < 1000; ++tried) {
    SCOPED_TRACE(tried);
    std::string content = damage(whole, whole.size(), random);
    if (content.size() >= 16) content.replace(8, 8, 8, '\0');  // no tensors
    const fs::path path = folder.write("vocabulary.gguf", content);
    try {
      read += !read_vocabulary(GgufFile(path)).tokens.empty();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput) << error.what();
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(read, tried);
  std::cout << "damaged vocabularies: " << tried << " tried, " << read << " read\n";
}

}  // namespace
}  // namespace assay::engine::testing
