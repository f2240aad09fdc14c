#include "engine/checkpoint/weight_shapes.h"

#include <algorithm>

namespace assay::engine {

const std::vector<WeightShape>& weight_shapes() {
  static const std::vector<WeightShape> kShapes = {
      {Weight::kEmbedding, Size::kVocab, Size::kDim, Owner::kModel, false},
      {Weight::kAttentionNorm, Size::kOne, Size::kDim, Owner::kLayer, true},
      {Weight::kQuery, Size::kQueryRows, Size::kDim, Owner::kLayer, false},
      {Weight::kKey, Size::kKeyRows, Size::kDim, Owner::kLayer, false},
      {Weight::kValue, Size::kKeyRows, Size::kDim, Owner::kLayer, false},
      {Weight::kQueryBias, Size::kOne, Size::kQueryRows, Owner::kLayer, false},
      {Weight::kKeyBias, Size::kOne, Size::kKeyRows, Owner::kLayer, false},
      {Weight::kValueBias, Size::kOne, Size::kKeyRows, Owner::kLayer, false},
      {Weight::kQueryNorm, Size::kOne, Size::kQueryNorm, Owner::kLayer, true},
      {Weight::kKeyNorm, Size::kOne, Size::kKeyNorm, Owner::kLayer, true},
      {Weight::kAttentionOutput, Size::kDim, Size::kQueryRows, Owner::kLayer, false},
      {Weight::kAttentionOutputNorm, Size::kOne, Size::kDim, Owner::kLayer, true},
      {Weight::kFfnNorm, Size::kOne, Size::kDim, Owner::kLayer, true},
      {Weight::kRouter, Size::kExperts, Size::kDim, Owner::kLayer, false},
      {Weight::kGate, Size::kFfn, Size::kDim, Owner::kExpert, false},
      {Weight::kUp, Size::kFfn, Size::kDim, Owner::kExpert, false},
      {Weight::kDown, Size::kDim, Size::kFfn, Owner::kExpert, false},
      {Weight::kFfnOutputNorm, Size::kOne, Size::kDim, Owner::kLayer, true},
      {Weight::kFinalNorm, Size::kOne, Size::kDim, Owner::kModel, true},
      {Weight::kHead, Size::kVocab, Size::kDim, Owner::kModel, false},
  };
  return kShapes;
}

const WeightShape& shape_of(Weight which) {
  return weight_shapes().at(static_cast<size_t>(which));
}

bool has_weight(const Architecture& a, Weight which) {
  switch (which) {
    case Weight::kAttentionNorm:
    case Weight::kFfnNorm:
      return a.input_norms;
    case Weight::kAttentionOutputNorm:
    case Weight::kFfnOutputNorm:
      return a.output_norms;
    case Weight::kQueryBias:
    case Weight::kKeyBias:
    case Weight::kValueBias:
      return a.qkv_bias;
    case Weight::kQueryNorm:
    case Weight::kKeyNorm:
      return a.query_key_norm != QueryKeyNorm::kNone;
    case Weight::kRouter:
      return a.experts > 0;
    default:
      return true;
  }
}

int64_t value_of(Size size, const Architecture& a) {
  switch (size) {
    case Size::kOne:
      return 1;
    case Size::kVocab:
      return a.vocab;
    case Size::kDim:
      return a.dim;
    case Size::kQueryRows:
      return int64_t{a.heads} * a.head_dim;
    case Size::kKeyRows:
      return int64_t{a.kv_heads} * a.head_dim;
    case Size::kQueryNorm:
      return a.query_key_norm == QueryKeyNorm::kProjection ? value_of(Size::kQueryRows, a) : a.head_dim;
    case Size::kKeyNorm:
      return a.query_key_norm == QueryKeyNorm::kProjection ? value_of(Size::kKeyRows, a) : a.head_dim;
    case Size::kFfn:
      return a.ffn_dim;
    case Size::kExperts:
      return a.experts;
  }
  return 0;
}

int copies_of(const Architecture& a, Weight which) {
  return shape_of(which).owner == Owner::kExpert ? std::max(1, a.experts) : 1;
}

}  // namespace assay::engine
