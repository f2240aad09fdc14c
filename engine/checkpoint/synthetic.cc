#include "engine/checkpoint/synthetic.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

Architecture llama3(int layers, int dim, int heads, int kv_heads, int ffn_dim, int vocab) {
  Architecture a;
  a.family = "llama";
  a.layers = layers;
  a.dim = dim;
  a.heads = heads;
  a.kv_heads = kv_heads;
  a.head_dim = dim / heads;
  a.ffn_dim = ffn_dim;
  a.vocab = vocab;
  a.context = 8192;
  a.norm_eps = 1e-5F;
  a.rope.theta = 500000;
  return a;
}

struct Named {
  const char* name;
  Architecture architecture;
};

std::vector<Named> known() {
  return {{"llama3-8b", llama3(32, 4096, 32, 8, 14336, 128256)},
          {"llama3-70b", llama3(80, 8192, 64, 8, 28672, 128256)},
          {"llama-tiny", llama3(2, 64, 4, 2, 128, 2048)}};
}

// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators": the finalizer of SplitMix64.
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

struct Shape {
  int rows = 1;
  int cols = 0;
};

Shape shape_of(const Architecture& a, Weight which) {
  switch (which) {
    case Weight::kEmbedding:
    case Weight::kHead:
      return {a.vocab, a.dim};
    case Weight::kQuery:
      return {a.heads * a.head_dim, a.dim};
    case Weight::kKey:
    case Weight::kValue:
      return {a.kv_heads * a.head_dim, a.dim};
    case Weight::kAttentionOutput:
      return {a.dim, a.heads * a.head_dim};
    case Weight::kGate:
    case Weight::kUp:
      return {a.ffn_dim, a.dim};
    case Weight::kDown:
      return {a.dim, a.ffn_dim};
    case Weight::kAttentionNorm:
    case Weight::kFfnNorm:
    case Weight::kFinalNorm:
      break;
  }
  return {1, a.dim};
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
  for (const Named& model : known()) {
    if (name == model.name) return {model.architecture, made_vocabulary(model.architecture.vocab)};
    names.push_back(std::string(kSyntheticPrefix) + model.name);
  }
  fail(ExitCode::kUsage, "--model {}{}: there is none of this name; there are {}", kSyntheticPrefix, name,
       join(names, ", "));
}

WeightMatrix synthetic_weight(const Architecture& architecture, Weight which, int layer) {
  const Shape shape = shape_of(architecture, which);
  WeightMatrix matrix{shape.rows, shape.cols, {}};
  if (shape.rows == 1) {
    matrix.read = [cols = shape.cols](int, float* out) { std::fill_n(out, cols, 1.0F); };
    return matrix;
  }
  const uint64_t key = mixed(static_cast<uint64_t>(layer) * 64 + static_cast<uint64_t>(which) + 1);
  // 16 bits of a uniform number in [-1, 1), whose variance is 1/3.
  const float scale = static_cast<float>(std::sqrt(3.0 / shape.cols) / 32768);
  matrix.read = [key, scale, cols = shape.cols](int row, float* out) {
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
  const auto size = [&](Weight which) {
    const Shape shape = shape_of(a, which);
    return int64_t{shape.rows} * shape.cols;
  };
  int64_t layer = 0;
  for (int which = static_cast<int>(Weight::kAttentionNorm); which <= static_cast<int>(Weight::kDown); ++which) {
    layer += size(static_cast<Weight>(which));
  }
  return size(Weight::kEmbedding) + a.layers * layer + size(Weight::kFinalNorm) + size(Weight::kHead);
}

}  // namespace assay::engine
