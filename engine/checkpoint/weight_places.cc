#include "engine/checkpoint/weight_places.h"

namespace assay::engine {

// Names of transformers' modules: those of the published files, and those that version 5 gives to stacked experts
// (conversion_mapping.py, "mixtral").
const std::vector<Place>& safetensors_places() {
  static const std::vector<Place> kPlaces = {
      {"model.embed_tokens.weight", {Weight::kEmbedding}},
      {"model.layers.*.input_layernorm.weight", {Weight::kAttentionNorm}},
      {"model.layers.*.self_attn.q_proj.weight", {Weight::kQuery}},
      {"model.layers.*.self_attn.k_proj.weight", {Weight::kKey}},
      {"model.layers.*.self_attn.v_proj.weight", {Weight::kValue}},
      {"model.layers.*.self_attn.qkv_proj.weight", {Weight::kQuery, Weight::kKey, Weight::kValue}},
      {"model.layers.*.self_attn.q_proj.bias", {Weight::kQueryBias}},
      {"model.layers.*.self_attn.k_proj.bias", {Weight::kKeyBias}},
      {"model.layers.*.self_attn.v_proj.bias", {Weight::kValueBias}},
      {"model.layers.*.self_attn.q_norm.weight", {Weight::kQueryNorm}},
      {"model.layers.*.self_attn.k_norm.weight", {Weight::kKeyNorm}},
      {"model.layers.*.self_attn.o_proj.weight", {Weight::kAttentionOutput}},
      // Where outputs have norms this is the one of attention; elsewhere it is what the feed-forward reads.
      {"model.layers.*.post_attention_layernorm.weight", {Weight::kAttentionOutputNorm}},
      {"model.layers.*.post_attention_layernorm.weight", {Weight::kFfnNorm}},
      {"model.layers.*.pre_feedforward_layernorm.weight", {Weight::kFfnNorm}},
      {"model.layers.*.mlp.gate_proj.weight", {Weight::kGate}},
      {"model.layers.*.mlp.up_proj.weight", {Weight::kUp}},
      {"model.layers.*.mlp.gate_up_proj.weight", {Weight::kGate, Weight::kUp}},
      {"model.layers.*.mlp.down_proj.weight", {Weight::kDown}},
      {"model.layers.*.block_sparse_moe.gate.weight", {Weight::kRouter}},
      {"model.layers.*.block_sparse_moe.experts.#.w1.weight", {Weight::kGate}},
      {"model.layers.*.block_sparse_moe.experts.#.w3.weight", {Weight::kUp}},
      {"model.layers.*.block_sparse_moe.experts.#.w2.weight", {Weight::kDown}},
      {"model.layers.*.mlp.gate.weight", {Weight::kRouter}},
      {"model.layers.*.mlp.experts.gate_up_proj", {Weight::kGate, Weight::kUp}, true},
      {"model.layers.*.mlp.experts.down_proj", {Weight::kDown}, true},
      {"model.layers.*.post_feedforward_layernorm.weight", {Weight::kFfnOutputNorm}},
      {"model.norm.weight", {Weight::kFinalNorm}},
      {"lm_head.weight", {Weight::kHead}},
  };
  return kPlaces;
}

// gguf-py/gguf/constants.py, TENSOR_NAMES. One tensor an expert is how files of before April 2024 have it.
const std::vector<Place>& gguf_places() {
  static const std::vector<Place> kPlaces = {
      {"token_embd.weight", {Weight::kEmbedding}},
      {"blk.*.attn_norm.weight", {Weight::kAttentionNorm}},
      {"blk.*.attn_q.weight", {Weight::kQuery}},
      {"blk.*.attn_k.weight", {Weight::kKey}},
      {"blk.*.attn_v.weight", {Weight::kValue}},
      {"blk.*.attn_qkv.weight", {Weight::kQuery, Weight::kKey, Weight::kValue}},
      {"blk.*.attn_q.bias", {Weight::kQueryBias}},
      {"blk.*.attn_k.bias", {Weight::kKeyBias}},
      {"blk.*.attn_v.bias", {Weight::kValueBias}},
      {"blk.*.attn_q_norm.weight", {Weight::kQueryNorm}},
      {"blk.*.attn_k_norm.weight", {Weight::kKeyNorm}},
      {"blk.*.attn_output.weight", {Weight::kAttentionOutput}},
      {"blk.*.post_attention_norm.weight", {Weight::kAttentionOutputNorm}},
      {"blk.*.ffn_norm.weight", {Weight::kFfnNorm}},
      {"blk.*.ffn_gate.weight", {Weight::kGate}},
      {"blk.*.ffn_up.weight", {Weight::kUp}},
      // Phi 3: twice the rows under the same name.
      {"blk.*.ffn_up.weight", {Weight::kGate, Weight::kUp}},
      {"blk.*.ffn_down.weight", {Weight::kDown}},
      {"blk.*.ffn_gate_inp.weight", {Weight::kRouter}},
      {"blk.*.ffn_gate_exps.weight", {Weight::kGate}, true},
      {"blk.*.ffn_up_exps.weight", {Weight::kUp}, true},
      {"blk.*.ffn_gate_up_exps.weight", {Weight::kGate, Weight::kUp}, true},
      {"blk.*.ffn_down_exps.weight", {Weight::kDown}, true},
      {"blk.*.ffn_gate.#.weight", {Weight::kGate}},
      {"blk.*.ffn_up.#.weight", {Weight::kUp}},
      {"blk.*.ffn_down.#.weight", {Weight::kDown}},
      {"blk.*.post_ffw_norm.weight", {Weight::kFfnOutputNorm}},
      {"output_norm.weight", {Weight::kFinalNorm}},
      {"output.weight", {Weight::kHead}},
  };
  return kPlaces;
}

}  // namespace assay::engine
