// One declarative description of a network. Filled from config.json or GGUF metadata by engine/checkpoint; the forward
// pass reads nothing else. A new family adds fields and a row of the reader's table, never a subclass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/device/activation.h"

namespace assay::engine {

// Frequency scaling of Llama 3.1 (llama-models, models/llama3/model.py, apply_scaling): wavelengths beyond
// original/low_freq are divided by factor, those below original/high_freq are kept, and between them the two are mixed.
struct Llama3RopeScaling {
  double factor = 8;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  double original_context = 8192;  // tokens

  bool operator==(const Llama3RopeScaling&) const = default;
};

struct Rope {
  double theta = 10000;
  std::optional<Llama3RopeScaling> llama3;
  // GGUF stores the scaling as divisors of the frequencies instead; head_dim/2 values, or empty.
  std::vector<float> frequency_divisors;

  bool operator==(const Rope&) const = default;
};

// RMS norms of queries and keys, before they are turned.
enum class QueryKeyNorm { kNone, kHead, kProjection };  // of each head, or of all heads of a token together

struct Architecture {
  std::string family;  // model_type: "llama"
  int layers = 0;
  int dim = 0;       // width of the residual stream
  int heads = 0;     // of queries
  int kv_heads = 0;  // heads is a multiple of it; query head h reads key head h / (heads / kv_heads)
  int head_dim = 0;
  int ffn_dim = 0;
  int vocab = 0;    // rows of the embedding
  int context = 0;  // tokens
  float norm_eps = 0;
  Rope rope;
  bool tied = false;  // the output matrix is the embedding

  Activation activation = Activation::kSilu;  // of the gate
  bool qkv_bias = false;
  QueryKeyNorm query_key_norm = QueryKeyNorm::kNone;
  bool input_norms = true;    // of what attention and feed-forward read
  bool output_norms = false;  // of what they give, before it is added to the stream
  float embedding_scale = 1;
  float attention_scale = 0;     // of scores; never 0 once it is filled in
  float attention_soft_cap = 0;  // scores become cap * tanh(score / cap), scaled first; 0: they stay
  float logit_soft_cap = 0;      // likewise
  // Position i sees j with i - window < j <= i. One number a layer, 0: all before it; empty: no layer has a window.
  std::vector<int> windows;
  int experts = 0;            // feed-forward networks of a layer that a router chooses from; 0: one, for all tokens
  int experts_per_token = 0;  // their outputs are mixed by the softmax of their router logits alone

  bool operator==(const Architecture&) const = default;
};

}  // namespace assay::engine
