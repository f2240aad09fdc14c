// The model families that are read: a family is a row.
#pragma once

#include <string>
#include <string_view>

#include "engine/model/architecture.h"

namespace assay::engine {

// Which layers of a family have a window, where the file gives its size.
enum class WindowRule {
  kNone,   // the family has no windows
  kEvery,  // all
  kUpper,  // config.json: those from max_window_layers on, if use_sliding_window is true; layer_types if it is there
  kAlternate,  // 0, 2, 4, ...; layer_types if it is there
};

struct Family {
  const char* model_type;    // config.json: model_type
  const char* architecture;  // config.json: architectures[0]
  const char* gguf;          // GGUF: general.architecture, and the prefix of its keys

  // What holds where a file is silent; 0: it must not be.
  bool tied = false;  // tie_word_embeddings
  double theta = 0;   // the rotary base
  int head_dim = 0;   // 0: hidden_size / num_attention_heads
  Activation activation = Activation::kSilu;

  // What every network of the family has.
  bool qkv_bias = false;
  QueryKeyNorm query_key_norm = QueryKeyNorm::kNone;
  bool input_norms = true;
  bool output_norms = false;
  bool scales_embedding = false;  // by the square root of its width
  bool has_soft_caps = false;     // of attention scores and of logits
  bool has_query_scalar = false;  // scores are scaled by query_pre_attn_scalar^-0.5, not by head_dim^-0.5
  bool has_experts = false;
  WindowRule windows = WindowRule::kNone;
  bool states_window = false;  // config.json: a missing sliding_window is not the same as null

  // How its files differ from what they mean.
  bool gelu_is_tanh = false;           // config.json: the hidden_act "gelu" means the tanh form
  bool norms_less_one = false;         // safetensors: weights of norms are stored less 1
  bool gguf_interleaves_rows = false;  // GGUF: query and key rows in the order whose rotary pairs are (2i, 2i + 1)
};

// Error(kBadInput) that names the field, its value and the families that work. `where` names the file.
const Family& family_of_model_type(std::string_view model_type, const std::string& where);
const Family& family_of_architecture(std::string_view architecture, const std::string& where);
// Several families share a name: the first that has what the file asks for, else the first of the name.
const Family& family_of_gguf(std::string_view architecture, bool experts, bool window, const std::string& where);

// The fields that are the same in every network of the family; sizes are 0, activation and theta those of the row.
Architecture architecture_of(const Family& family);

}  // namespace assay::engine
