// The golden checkpoints (golden/architectures/README.md) and their reference outputs, for whatever device computes
// them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device/device.h"
#include "engine/model/model.h"

namespace assay::engine::testing {

constexpr double kLogitTolerance = 2e-4;  // of f32; golden/architectures/README.md
constexpr double kLogprobTolerance = 1e-4;
constexpr int kPages = 64;

struct Loaded {
  std::unique_ptr<Device> device;
  std::unique_ptr<Model> model;
};

// The model in `path` on `device`, with a cache of kPages pages.
Loaded load(const std::filesystem::path& path, std::unique_ptr<Device> device, DataType type);

// Of every position (ids, vocab).
std::vector<float> logits_of(Model& model, const std::vector<TokenId>& ids);
// Of ids[1..] through the scoring path, in several steps where they are long.
std::vector<float> logprobs_of(Model& model, const std::vector<TokenId>& ids);
// `count` tokens after the prompt, each generated token in a step of its own.
std::vector<TokenId> greedy_of(Model& model, std::vector<TokenId> prompt, size_t count);

std::vector<float> read_floats(const std::filesystem::path& path);
double largest_difference(std::span<const float> a, std::span<const float> b);

struct GoldenCase {
  std::string name;
  std::filesystem::path checkpoint;
  std::filesystem::path reference;
  std::filesystem::path inputs;
};

// Every folder that has a checkpoint; GGUF of the families that have one there and of all types that this reader knows.
std::vector<GoldenCase> golden_cases(const std::filesystem::path& root);

// How much of a case is compared: all of it; or, for a device that takes a second for a hundred tokens, all but the
// longest sequence, and the beginning of one continuation.
enum class Depth { kAll, kShort };

// Logits, log-probabilities and greedy continuations of one case in f32, within the tolerances; the largest difference
// of a logit. `make_device` gives a device for f32.
double compare_golden(const GoldenCase& golden, const std::function<std::unique_ptr<Device>()>& make_device,
                      Depth depth = Depth::kAll);

}  // namespace assay::engine::testing
