// Models without files: shapes, weights that are a pure function of their place, and a vocabulary that can be used.
#include "engine/checkpoint/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "base/error.h"
#include "engine/checkpoint/synthetic_shapes.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine {
namespace {

TEST(Synthetic, HasTheShapeOfItsName) {
  // Parameters as their makers count them: 8.03 billion, 70.55, 7.24, 140.6, 8.54, 9.24, 7.62 and 8.19.
  for (const auto& [name, parameters] : std::vector<std::pair<std::string, int64_t>>{{"llama3-8b", 8'030'261'248},
                                                                                     {"llama3-70b", 70'553'706'496},
                                                                                     {"mistral-7b", 7'241'732'096},
                                                                                     {"mixtral-8x22b", 140'620'634'112},
                                                                                     {"gemma-7b", 8'537'680'896},
                                                                                     {"gemma2-9b", 9'241'705'984},
                                                                                     {"qwen2.5-7b", 7'615'616'512},
                                                                                     {"qwen3-8b", 8'190'735'360}}) {
    EXPECT_EQ(Checkpoint::open("synthetic:" + name).parameters(), parameters) << name;
  }
  const Checkpoint tiny = Checkpoint::open("synthetic:llama-tiny");
  EXPECT_EQ(tiny.stored_type(), "bf16");
  EXPECT_TRUE(tiny.weight_files().empty());
  ASSERT_TRUE(tiny.gguf_vocabulary());
  EXPECT_EQ(tiny.gguf_vocabulary()->tokens.size(), 2048u);
  EXPECT_EQ(tiny.end_tokens(), std::vector<TokenId>{2047});
}

// One of each family, small enough to compute with: every weight is there, and as many as are counted.
TEST(Synthetic, TinyOnes) {
  int tried = 0;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (!std::string(shape.name).ends_with("-tiny")) continue;
    const Checkpoint checkpoint = Checkpoint::open("synthetic:" + std::string(shape.name));
    const Architecture& a = checkpoint.architecture();
    const int64_t head = a.tied ? int64_t{a.vocab} * a.dim : 0;  // read twice
    EXPECT_EQ(static_cast<int64_t>(testing::read_all(checkpoint).size()), checkpoint.parameters() + head) << shape.name;
    if (a.tied) {
      EXPECT_EQ(testing::read_all(checkpoint.weight(Weight::kHead)),
                testing::read_all(checkpoint.weight(Weight::kEmbedding)));
    }
    ++tried;
  }
  EXPECT_EQ(tried, 8);
}

TEST(Synthetic, AnUnknownNameIsRefused) {
  try {
    Checkpoint::open("synthetic:gpt-5");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("synthetic:llama3-8b"), std::string::npos) << error.what();
  }
}

TEST(Synthetic, WeightsAreAPureFunctionOfTheirPlace) {
  const Architecture architecture = synthetic_model("llama-tiny").architecture;
  const WeightMatrix gate = synthetic_weight(architecture, Weight::kGate, 1, 0);
  std::vector<float> row(static_cast<size_t>(gate.cols)), again(row.size()), other(row.size());
  double sum = 0, squares = 0;
  for (int r = 0; r < gate.rows; ++r) {
    gate.read(r, row.data());
    for (const float value : row) {
      sum += value;
      squares += double{value} * value;
    }
  }
  const double count = 1.0 * gate.rows * gate.cols;
  EXPECT_NEAR(sum / count, 0, 4 / std::sqrt(count * gate.cols));
  EXPECT_NEAR(squares / count * gate.cols, 1, 0.05);
  gate.read(3, row.data());
  synthetic_weight(architecture, Weight::kGate, 1, 0).read(3, again.data());
  EXPECT_EQ(row, again);
  for (const auto& [which, layer, expert, r] : {std::tuple{Weight::kGate, 1, 0, 4},
                                                {Weight::kGate, 0, 0, 3},
                                                {Weight::kUp, 1, 0, 3},
                                                {Weight::kGate, 1, 1, 3}}) {
    synthetic_weight(architecture, which, layer, expert).read(r, other.data());
    EXPECT_NE(row, other);
  }
}

}  // namespace
}  // namespace assay::engine
