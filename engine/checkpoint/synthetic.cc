#include "engine/checkpoint/synthetic.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/complete_architecture.h"
#include "engine/checkpoint/synthetic_shapes.h"
#include "engine/checkpoint/weight_shapes.h"

namespace assay::engine {
namespace {

// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators": the finalizer of SplitMix64.
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// GPT-2's printable stand-ins for the 256 bytes, in the order of the bytes (a GGUF of the kind "gpt2" stores them).
std::vector<std::string> byte_tokens() {
  std::vector<std::string> tokens;
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const int code = printable ? byte : next++;
    std::string text;
    if (code < 128) {
      text.push_back(static_cast<char>(code));
    } else {
      text.push_back(static_cast<char>(0xC0 | code >> 6));
      text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    }
    tokens.push_back(text);
  }
  return tokens;
}

// Pairs of letters, and pairs of such pairs, those of the commonest letters first, up to `size` tokens: English text
// has about as many letters a token as with a real vocabulary of the size, which is all that a measurement needs.
GgufVocabulary made_vocabulary(int size) {
  constexpr std::string_view kByFrequency = "etaoinshrdlucmfwypvbgkjqxz";
  GgufVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "llama-bpe";
  vocabulary.tokens = byte_tokens();
  const size_t specials = 1;
  const auto is_full = [&] { return vocabulary.tokens.size() + specials >= static_cast<size_t>(size); };
  const auto add = [&](const std::string& left, const std::string& right) {
    if (is_full()) return;
    vocabulary.merges.push_back(left + " " + right);
    vocabulary.tokens.push_back(left + right);
  };
  std::vector<std::string> pairs;
  const size_t letters = kByFrequency.size();
  for (size_t sum = 0; sum <= 2 * (letters - 1); ++sum) {
    for (size_t i = sum < letters ? 0 : sum - letters + 1; i < letters && i <= sum; ++i) {
      const std::string left(1, kByFrequency[i]), right(1, kByFrequency[sum - i]);
      pairs.push_back(left + right);
      add(left, right);
    }
  }
  for (size_t sum = 0; sum <= 2 * (pairs.size() - 1) && !is_full(); ++sum) {
    for (size_t i = sum < pairs.size() ? 0 : sum - pairs.size() + 1; i < pairs.size() && i <= sum; ++i) {
      add(pairs[i], pairs[sum - i]);
    }
  }
  vocabulary.tokens.emplace_back("<|end_of_text|>");
  vocabulary.types.assign(vocabulary.tokens.size(), 1);
  vocabulary.types.back() = 3;  // control
  vocabulary.bos = vocabulary.eos = static_cast<TokenId>(vocabulary.tokens.size() - 1);
  vocabulary.add_bos = true;
  return vocabulary;
}

}  // namespace

SyntheticModel synthetic_model(const std::string& name) {
  std::vector<std::string> names;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (name == shape.name) return {shape.architecture, made_vocabulary(shape.architecture.vocab)};
    names.push_back(std::string(kSyntheticPrefix) + shape.name);
  }
  fail(ExitCode::kUsage, "--model {}{}: there is none of this name; there are {}", kSyntheticPrefix, name,
       join(names, ", "));
}

WeightMatrix synthetic_weight(const Architecture& architecture, Weight which, int layer, int expert) {
  if (architecture.tied && which == Weight::kHead) which = Weight::kEmbedding;
  const WeightShape& shape = shape_of(which);
  WeightMatrix matrix;
  matrix.rows = static_cast<int>(value_of(shape.rows, architecture));
  matrix.cols = static_cast<int>(value_of(shape.cols, architecture));
  if (shape.is_norm) {
    matrix.read = [cols = matrix.cols](int, float* out) { std::fill_n(out, cols, 1.0F); };
    return matrix;
  }
  const uint64_t place = static_cast<uint64_t>(layer) * kMostExperts + static_cast<uint64_t>(expert);
  const uint64_t key = mixed(place * 64 + static_cast<uint64_t>(which) + 1);
  // 16 bits of a uniform number in [-1, 1), whose variance is 1/3.
  const float scale = static_cast<float>(std::sqrt(3.0 / matrix.cols) / 32768);
  matrix.read = [key, scale, cols = matrix.cols](int row, float* out) {
    uint64_t counter = key + static_cast<uint64_t>(row) * static_cast<uint64_t>((cols + 3) / 4) * 0x9E3779B97F4A7C15;
    for (int col = 0; col < cols; col += 4) {
      uint64_t bits = mixed(counter += 0x9E3779B97F4A7C15);
      for (int i = col; i < std::min(col + 4, cols); ++i, bits >>= 16) {
        out[i] = static_cast<float>(static_cast<int16_t>(bits & 0xFFFF)) * scale;
      }
    }
  };
  return matrix;
}

int64_t synthetic_parameters(const Architecture& a) {
  int64_t parameters = 0;
  for (const WeightShape& shape : weight_shapes()) {
    if (!has_weight(a, shape.which) || (a.tied && shape.which == Weight::kHead)) continue;
    const int64_t owners = shape.owner == Owner::kModel ? 1 : a.layers;
    parameters += owners * copies_of(a, shape.which) * value_of(shape.rows, a) * value_of(shape.cols, a);
  }
  return parameters;
}

}  // namespace assay::engine
