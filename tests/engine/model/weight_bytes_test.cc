#include <gtest/gtest.h>

#include <iostream>

#include "engine/model/model.h"
#include "tests/engine/model/golden_case.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

// What the file holds, less what no product reads: the embedding, norms and biases.
int64_t elements_of_products(const Checkpoint& checkpoint) {
  const Architecture& a = checkpoint.architecture();
  const int64_t query = int64_t{a.heads} * a.head_dim;
  const int64_t key = int64_t{a.kv_heads} * a.head_dim;
  int64_t vectors = int64_t{a.dim} * ((a.input_norms ? 2 : 0) + (a.output_norms ? 2 : 0));
  if (a.qkv_bias) vectors += query + 2 * key;
  if (a.query_key_norm == QueryKeyNorm::kHead) vectors += 2 * a.head_dim;
  if (a.query_key_norm == QueryKeyNorm::kProjection) vectors += query + key;
  const int64_t embedding = a.tied ? 0 : int64_t{a.vocab} * a.dim;
  return checkpoint.parameters() - embedding - a.layers * vectors - a.dim;
}

TEST(WeightBytes, AreThoseOfTheProductsOfEveryFamily) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  int compared = 0;
  for (const testing::GoldenCase& golden : testing::golden_cases(root)) {
    const Checkpoint checkpoint = Checkpoint::open(golden.checkpoint.string());
    const int64_t elements = elements_of_products(checkpoint);
    EXPECT_EQ(weight_bytes(checkpoint.architecture(), DataType::kF32), 4 * elements) << golden.name;
    EXPECT_EQ(weight_bytes(checkpoint.architecture(), DataType::kBf16), 2 * elements) << golden.name;
    ++compared;
  }
  std::cout << compared << " checkpoints\n";
}

}  // namespace
}  // namespace assay::engine
