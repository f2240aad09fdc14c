// Whole networks through the CUDA device, under the emulation and on a GPU: every golden checkpoint that a CPU runs.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cuda/cuda_device.h"
#include "tests/engine/device/cuda/model/test_runtime.h"
#include "tests/engine/model/golden_case.h"
#include "tests/support/sequence.h"

namespace assay::engine {
namespace {

using assay::testing::test_runtime;
using namespace testing;

std::unique_ptr<Device> cuda_device(DataType type) {
  return cuda::make_cuda_device(test_runtime(), type, 2);
}

TEST(CudaModel, GoldenCheckpointsInF32) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  double worst = 0;
  int compared = 0;
  int left_out = 0;
  for (const GoldenCase& golden : golden_cases(root)) {
    // The device sees no difference between the files in which weights were stored: every folder, but one GGUF.
    if (golden.name.starts_with("gguf/") && golden.name != "gguf/llama3-Q4_0") {
      ++left_out;
      continue;
    }
    // The longest sequence, too, where it is many pages long through a window.
    const Depth depth = golden.name == "gemma2" ? Depth::kAll : Depth::kShort;
    worst = std::max(worst, compare_golden(
                                golden, [] { return cuda_device(DataType::kF32); }, depth));
    ++compared;
  }
  EXPECT_EQ(compared, 19);
  std::cout << compared << " checkpoints in f32, gemma2 at full length: largest difference of a logit " << worst << "; "
            << left_out << " other GGUF files left out\n";
}

// Of the longest sequences: three pages, beyond every window.
constexpr size_t kTokens = 96;

struct Rounding {
  const char* name;
  DataType type;
  double most;  // against the same weights in f32: what rounding of every operand costs (README's table)
  // Positions that may differ by more, because their router, or that of a token before them, chose another expert: with
  // four experts of random weights, a rounding decides it often (README). Of 120 in bf16, the CPU has 12.
  int beyond = 0;
};
const Rounding kRoundings[] = {
    {"llama2", DataType::kBf16, 0.5},       {"llama3.1", DataType::kBf16, 0.5},
    {"gemma", DataType::kBf16, 0.4},        {"gemma2", DataType::kBf16, 0.3},
    {"mistral-v0.1", DataType::kBf16, 0.3}, {"olmo2", DataType::kBf16, 0.3},
    {"phi3", DataType::kBf16, 0.4},         {"qwen2-tied", DataType::kBf16, 0.3},
    {"qwen3", DataType::kBf16, 0.4},        {"mixtral", DataType::kBf16, 0.5, 24},
    {"mixtral", DataType::kF16, 0.08},      {"llama-odd-f16", DataType::kF16, 0.08},
};

struct Difference {
  double largest = 0;
  int beyond = 0;  // positions
};

Difference difference_of(std::span<const float> got, std::span<const float> expected, size_t vocab, double most) {
  Difference difference;
  EXPECT_EQ(got.size(), expected.size());
  for (size_t at = 0; at + vocab <= got.size(); at += vocab) {
    const double here = largest_difference(got.subspan(at, vocab), expected.subspan(at, vocab));
    difference.largest = std::max(difference.largest, here);
    difference.beyond += here <= most ? 0 : 1;
  }
  return difference;
}

// In 16 bits, prompt tokens and generated ones take the kernels of tensor cores.
TEST(CudaModel, SixteenBitsStayWithinTheSizeOfTheirRounding) {
  ASSAY_REQUIRE_SHARED(root, "golden/architectures");
  for (const auto& [name, type, most, beyond] : kRoundings) {
    SCOPED_TRACE(name);
    const Loaded emulated = load(root / name, cuda_device(type), type);
    const Loaded exact = load(root / name, make_cpu_device("auto", DataType::kF32, 2), DataType::kF32);
    const auto sequences = nlohmann::json::parse(read_file(root / name / "ref" / "inputs.json")).at("sequences");
    auto ids = sequences.at(3).get<std::vector<TokenId>>();
    ids.resize(kTokens);
    const std::vector<float> expected = logits_of(*exact.model, ids);
    const size_t vocab = expected.size() / ids.size();
    const Difference as_prompt = difference_of(logits_of(*emulated.model, ids), expected, vocab, most);

    // The last 24 tokens again, one by one, as if they had been generated.
    assay::testing::SequenceFeeder feeder(kPages);
    const size_t prompt = ids.size() - 24;
    emulated.model->forward(feeder.append({ids.begin(), ids.begin() + static_cast<ptrdiff_t>(prompt)}));
    std::vector<float> generated;
    for (size_t i = prompt; i < ids.size(); ++i) {
      Step& step = feeder.append({ids[i]});
      step.segments[0].generated = true;
      const std::vector<float> logits = emulated.model->logits(step);
      generated.insert(generated.end(), logits.begin(), logits.end());
    }
    const Difference as_generated = difference_of(generated, std::span(expected).subspan(prompt * vocab), vocab, most);
    for (const Difference& difference : {as_prompt, as_generated}) {
      EXPECT_LE(difference.beyond, beyond) << difference.largest;
      EXPECT_GT(difference.largest, 1e-5) << "nothing was rounded";
    }
    std::cout << name << (type == DataType::kBf16 ? " in bf16" : " in f16") << ": largest difference of a logit "
              << as_prompt.largest << " as a prompt, " << as_generated.largest << " as generated tokens";
    if (beyond > 0) std::cout << "; beyond " << most << " at " << as_prompt.beyond << " and " << as_generated.beyond;
    std::cout << "\n";
  }
}

}  // namespace
}  // namespace assay::engine
