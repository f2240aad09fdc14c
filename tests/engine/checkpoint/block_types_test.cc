// The stored types against golden/architectures/quant-blocks.
#include "engine/checkpoint/block_types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/checkpoint/half.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

// Those of the golden folder that are read.
const std::vector<std::string> kRead = {"F16",  "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0",   "Q5_1",
                                        "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"};

std::vector<float> read_floats(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

const uint8_t* as_blocks(const std::string& bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

TEST(BlockTypes, SizesAreThoseOfTheManifest) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/quant-blocks");
  const nlohmann::json manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  int compared = 0;
  for (const auto& [name, entry] : manifest.items()) {
    const BlockType* type = find_ggml_type(entry.at("ggml_type").get<uint32_t>());
    ASSERT_NE(type, nullptr) << name;
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(type->name, lower);
    EXPECT_EQ(type->block_values, entry.at("block_values").get<int>()) << name;
    EXPECT_EQ(type->block_bytes, entry.at("block_bytes").get<int>()) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 14);
}

TEST(BlockTypes, DequantisesTheGoldenBlocks) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/quant-blocks");
  size_t values = 0;
  size_t bit_equal = 0;
  for (const std::string& name : kRead) {
    const nlohmann::json manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
    const BlockType* type = find_ggml_type(manifest.at(name).at("ggml_type").get<uint32_t>());
    ASSERT_NE(type, nullptr);
    ASSERT_NE(type->dequantise, nullptr);
    const std::string blocks = read_file(folder / (name + ".blocks.bin"));
    const std::vector<float> expected = read_floats(folder / (name + ".dequantised.f32"));
    ASSERT_EQ(expected.size(), manifest.at(name).at("values").get<size_t>());
    ASSERT_EQ(blocks.size(), expected.size() / type->block_values * type->block_bytes);

    std::vector<float> actual(expected.size());
    type->dequantise(as_blocks(blocks), static_cast<int64_t>(actual.size()), actual.data());
    for (size_t i = 0; i < actual.size(); ++i) {
      bit_equal += std::memcmp(&actual[i], &expected[i], sizeof(float)) == 0 || actual[i] == expected[i];
      if (std::isnan(expected[i])) {
        ASSERT_TRUE(std::isnan(actual[i])) << name << " " << i;
      } else if (actual[i] != expected[i]) {
        ASSERT_NEAR(actual[i], expected[i], 1e-6 * std::abs(expected[i])) << name << " " << i;
      }
    }
    values += actual.size();
  }
  EXPECT_EQ(values, 106496u);
  EXPECT_EQ(bit_equal, values);  // dequantise.h says why no difference is allowed
  std::cout << "dequantised values compared: " << values << ", equal: " << bit_equal << "\n";
}

// Every matrix row times x, against the exact product: a row of blocks is read in order.
TEST(BlockTypes, MatrixRowsGiveTheGoldenProduct) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/quant-blocks");
  constexpr int kRows = 16;
  constexpr int kCols = 512;
  const std::vector<float> x = read_floats(folder / "x.f32");
  ASSERT_EQ(x.size(), size_t{kCols});
  int rows = 0;
  for (const std::string& name : kRead) {
    const nlohmann::json manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
    const BlockType* type = find_ggml_type(manifest.at(name).at("ggml_type").get<uint32_t>());
    const std::string matrix = read_file(folder / (name + ".matrix.bin"));
    const std::string product_bytes = read_file(folder / (name + ".matvec.f64"));
    const size_t row_bytes = kCols / type->block_values * static_cast<size_t>(type->block_bytes);
    ASSERT_EQ(matrix.size(), kRows * row_bytes);
    ASSERT_EQ(product_bytes.size(), kRows * sizeof(double));
    for (int row = 0; row < kRows; ++row, ++rows) {
      std::vector<float> weights(kCols);
      type->dequantise(as_blocks(matrix) + row * row_bytes, kCols, weights.data());
      double sum = 0;
      double magnitude = 0;
      for (int i = 0; i < kCols; ++i) {
        sum += double{weights[i]} * double{x[i]};
        magnitude += std::abs(double{weights[i]} * double{x[i]});
      }
      double expected = 0;
      std::memcpy(&expected, product_bytes.data() + row * sizeof expected, sizeof expected);
      EXPECT_NEAR(sum, expected, 1e-6 * magnitude) << name << " row " << row;
    }
  }
  EXPECT_EQ(rows, 14 * kRows);
}

// Tensors lie at any multiple of general.alignment, which may be 1, and rows of 18 or 110 bytes at any even number.
TEST(BlockTypes, BlocksMayLieAtAnyAddress) {
  ASSAY_REQUIRE_SHARED(folder, "golden/architectures/quant-blocks");
  const nlohmann::json manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  for (const std::string& name : kRead) {
    const BlockType* type = find_ggml_type(manifest.at(name).at("ggml_type").get<uint32_t>());
    const std::string blocks = read_file(folder / (name + ".blocks.bin"));
    const std::string moved = "x" + blocks;
    std::vector<float> expected(512), actual(512);
    type->dequantise(as_blocks(blocks), 512, expected.data());
    type->dequantise(as_blocks(moved) + 1, 512, actual.data());
    EXPECT_EQ(std::memcmp(expected.data(), actual.data(), 512 * sizeof(float)), 0) << name;
  }
}

TEST(BlockTypes, EveryHalfPrecisionNumberIsExact) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double fraction = static_cast<double>(bits & 1023) / 1024;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    const float actual = f16_to_f32(static_cast<uint16_t>(bits));
    if (exponent == 31 && fraction != 0) {
      ASSERT_TRUE(std::isnan(actual)) << bits;
      continue;
    }
    const double expected = exponent == 31  ? sign * std::numeric_limits<double>::infinity()
                            : exponent == 0 ? sign * std::ldexp(fraction, -14)
                                            : sign * std::ldexp(1 + fraction, exponent - 15);
    ASSERT_EQ(double{actual}, expected) << bits;
    ASSERT_EQ(std::signbit(actual), (bits & 0x8000) != 0) << bits;
  }
}

TEST(BlockTypes, RemovedAndFutureTypesAreUnknown) {
  for (const uint32_t removed : {4u, 5u, 31u, 32u, 33u, 36u, 37u, 38u, 43u, 1000u, 0xffffffffu}) {
    EXPECT_EQ(find_ggml_type(removed), nullptr) << removed;
  }
  EXPECT_EQ(find_safetensors_type("F99"), nullptr);
  EXPECT_EQ(find_safetensors_type(""), nullptr);
  EXPECT_EQ(readable_ggml_types(),
            "f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, iq4_xs");
  EXPECT_EQ(readable_safetensors_types(), "F32, F16, BF16");
}

}  // namespace
}  // namespace assay::engine
