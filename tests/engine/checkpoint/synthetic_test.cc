// Models without files: shapes, weights that are a pure function of their place, and a vocabulary that can be used.
#include "engine/checkpoint/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "base/error.h"

namespace assay::engine {
namespace {

TEST(Synthetic, HasTheShapeOfItsName) {
  // Parameters as Meta counts them: 8.03 and 70.55 billion.
  EXPECT_EQ(Checkpoint::open("synthetic:llama3-8b").parameters(), 8'030'261'248);
  EXPECT_EQ(Checkpoint::open("synthetic:llama3-70b").parameters(), 70'553'706'496);
  const Checkpoint tiny = Checkpoint::open("synthetic:llama-tiny");
  EXPECT_EQ(tiny.stored_type(), "bf16");
  EXPECT_TRUE(tiny.weight_files().empty());
  ASSERT_TRUE(tiny.gguf_vocabulary());
  EXPECT_EQ(tiny.gguf_vocabulary()->tokens.size(), 2048u);
  EXPECT_EQ(tiny.end_tokens(), std::vector<TokenId>{2047});
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
  const WeightMatrix gate = synthetic_weight(architecture, Weight::kGate, 1);
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
  synthetic_weight(architecture, Weight::kGate, 1).read(3, again.data());
  EXPECT_EQ(row, again);
  for (const auto& [which, layer, r] :
       {std::tuple{Weight::kGate, 1, 4}, {Weight::kGate, 0, 3}, {Weight::kUp, 1, 3}}) {
    synthetic_weight(architecture, which, layer).read(r, other.data());
    EXPECT_NE(row, other);
  }
}

}  // namespace
}  // namespace assay::engine
