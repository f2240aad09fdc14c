// Every type number of ggml: which are read, how many bytes a tensor of each takes, and how the others are refused.
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>

#include "base/file.h"
#include "engine/checkpoint/gguf.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

struct Size {
  uint32_t number;
  const char* name;
  int64_t values;
  int64_t bytes;
  bool is_read = true;
};

// ggml.h (enum ggml_type) and ggml-common.h (the structures' sizes).
constexpr bool kRefused = false;
constexpr Size kSizes[] = {
    {0, "f32", 1, 4},
    {1, "f16", 1, 2},
    {2, "q4_0", 32, 2 + 16},
    {3, "q4_1", 32, 4 + 16},
    {6, "q5_0", 32, 2 + 4 + 16},
    {7, "q5_1", 32, 4 + 4 + 16},
    {8, "q8_0", 32, 2 + 32},
    {9, "q8_1", 32, 4 + 32, kRefused},
    {10, "q2_k", 256, 16 + 64 + 4},
    {11, "q3_k", 256, 32 + 64 + 12 + 2},
    {12, "q4_k", 256, 4 + 12 + 128},
    {13, "q5_k", 256, 4 + 12 + 32 + 128},
    {14, "q6_k", 256, 128 + 64 + 16 + 2},
    {15, "q8_k", 256, 4 + 256 + 32, kRefused},
    {16, "iq2_xxs", 256, 2 + 64, kRefused},
    {17, "iq2_xs", 256, 2 + 64 + 8, kRefused},
    {18, "iq3_xxs", 256, 2 + 64 + 32, kRefused},
    {19, "iq1_s", 256, 2 + 32 + 16, kRefused},
    {20, "iq4_nl", 32, 2 + 16},
    {21, "iq3_s", 256, 2 + 64 + 8 + 32 + 4, kRefused},
    {22, "iq2_s", 256, 2 + 64 + 8 + 8, kRefused},
    {23, "iq4_xs", 256, 2 + 2 + 4 + 128},
    {24, "i8", 1, 1, kRefused},
    {25, "i16", 1, 2, kRefused},
    {26, "i32", 1, 4, kRefused},
    {27, "i64", 1, 8, kRefused},
    {28, "f64", 1, 8, kRefused},
    {29, "iq1_m", 256, 32 + 16 + 8, kRefused},
    {30, "bf16", 1, 2},
    {34, "tq1_0", 256, 48 + 4 + 2, kRefused},
    {35, "tq2_0", 256, 64 + 2, kRefused},
    {39, "mxfp4", 32, 1 + 16, kRefused},
    {40, "nvfp4", 64, 4 + 32, kRefused},
    {41, "q1_0", 128, 2 + 16, kRefused},
    {42, "q2_0", 64, 2 + 16, kRefused},
};

template <typename T>
void append(std::string& file, T value) {
  file.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A GGUF of one tensor "t" of `rows` rows, with `bytes` zeros of data.
std::string file_of(uint32_t type, int64_t cols, int64_t rows, int64_t bytes) {
  std::string file = "GGUF";
  append(file, uint32_t{3});
  append(file, uint64_t{1});
  append(file, uint64_t{0});
  append(file, uint64_t{1});
  file += "t";
  append(file, uint32_t{2});
  append(file, cols);
  append(file, rows);
  append(file, type);
  append(file, uint64_t{0});
  file.resize((file.size() + 31) / 32 * 32 + static_cast<size_t>(bytes));
  return file;
}

TEST(GgufTypes, TensorsOfEveryTypeHaveTheirSize) {
  const TemporaryFolder folder;
  const auto open = [&](const std::string& content) { return GgufFile(folder.write("a.gguf", content)); };
  for (const Size& size : kSizes) {
    const int64_t bytes = 3 * 2 * size.bytes;
    const GgufFile file = open(file_of(size.number, 2 * size.values, 3, bytes));
    const Tensor& tensor = file.tensors().at("t");
    EXPECT_EQ(tensor.bytes, bytes) << size.name;
    EXPECT_EQ(tensor.type->name, std::string(size.name));
    EXPECT_EQ(tensor.values(), 6 * size.values) << size.name;
    EXPECT_EQ(tensor.type->dequantise != nullptr, size.is_read) << size.name;

    const Error cut = error_of([&] { open(file_of(size.number, 2 * size.values, 3, bytes - 1)); }, size.name);
    EXPECT_NE(std::string(cut.what()).find("cut short"), std::string::npos) << cut.what();
    if (size.values == 1) continue;
    // As many values as six blocks have, in rows that are not whole blocks.
    const Error ragged = error_of([&] { open(file_of(size.number, size.values * 3 / 2, 4, bytes)); }, size.name);
    for (const std::string& part : {std::string(size.name), fmt::format("multiple of {}", size.values)}) {
      EXPECT_NE(std::string(ragged.what()).find(part), std::string::npos) << ragged.what();
    }
  }
  std::cout << std::size(kSizes) << " types\n";
}

TEST(GgufTypes, NoOtherNumberIsAType) {
  const TemporaryFolder folder;
  size_t refused = 0;
  for (uint32_t number = 0; number < 300; ++number) {
    if (std::any_of(std::begin(kSizes), std::end(kSizes), [&](const Size& s) { return s.number == number; })) continue;
    const fs::path path = folder.write("a.gguf", file_of(number, 256, 1, 4096));
    const Error error = error_of([&] { GgufFile file(path); }, fmt::format("type {}", number));
    for (const std::string& part : {fmt::format("type {},", number), std::string("iq4_xs")}) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
    ++refused;
  }
  EXPECT_EQ(refused, 300 - std::size(kSizes));
}

// A real network whose last matrix claims to be of each type in turn, with room for the largest behind it.
TEST(GgufTypes, ANetworkWithATypeThatIsNotReadIsRefusedByName) {
  ASSAY_REQUIRE_SHARED(good, "golden/architectures/gguf/kquant-Q4_K.gguf");
  const std::string content = read_file(good);
  std::string last;
  {
    const GgufFile file(good);
    for (const auto& [name, tensor] : file.tensors()) {
      if (last.empty() || tensor.data > file.tensors().at(last).data) last = name;
    }
    ASSERT_EQ(file.tensors().at(last).shape.size(), 2u) << last;
  }
  // Name, number of dimensions, two dimensions, type: the only place where the name stands behind its length.
  std::string sought;
  append(sought, uint64_t{last.size()});
  const size_t at = content.find(sought + last);
  ASSERT_NE(at, std::string::npos);
  const size_t type_at = at + 8 + last.size() + 4 + 2 * 8;

  const TemporaryFolder folder;
  size_t opened = 0;
  size_t refused = 0;
  for (const Size& size : kSizes) {
    std::string changed = content + std::string(8 * 256 * 512, '\0');
    std::memcpy(changed.data() + type_at, &size.number, sizeof size.number);
    const fs::path path = folder.write("a.gguf", changed);
    if (size.is_read) {
      EXPECT_NO_THROW(Checkpoint::open(path.string())) << size.name;
      ++opened;
      continue;
    }
    const Error error = error_of([&] { Checkpoint::open(path.string()); }, size.name);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << size.name;
    for (const std::string& part : {last, std::string(size.name), readable_ggml_types()}) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << size.name << ": " << error.what();
    }
    ++refused;
  }
  EXPECT_EQ(opened + refused, std::size(kSizes));
  std::cout << opened << " types opened, " << refused << " refused by name\n";
}

}  // namespace
}  // namespace assay::engine::testing
