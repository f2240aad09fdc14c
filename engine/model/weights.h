// The weights of a network on a device, as its architecture has them; what it has not is empty.
#pragma once

#include <memory>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/device/device.h"

namespace assay::engine {

struct FeedForward {
  std::unique_ptr<Linear> gate_up;  // (2 ffn_dim, dim)
  std::unique_ptr<Linear> down;     // (dim, ffn_dim)
};

struct LayerWeights {
  Matrix attention_norm;                     // (dim); with input norms
  std::unique_ptr<Linear> qkv;               // ((heads + 2 kv_heads) * head_dim, dim)
  Matrix qkv_bias;                           // (its outputs)
  Matrix query_norm;                         // (head_dim) or (heads * head_dim)
  Matrix key_norm;                           // (head_dim) or (kv_heads * head_dim)
  std::unique_ptr<Linear> attention_output;  // (dim, heads * head_dim)
  Matrix attention_output_norm;              // (dim); with output norms
  Matrix ffn_norm;                           // (dim); with input norms
  std::unique_ptr<Linear> router;            // (experts, dim)
  std::vector<FeedForward> ffns;             // one, or every expert's
  Matrix ffn_output_norm;                    // (dim); with output norms
};

struct NetworkWeights {
  std::unique_ptr<Table> embedding;  // (vocab, dim)
  std::vector<LayerWeights> layers;
  Matrix final_norm;             // (dim)
  std::unique_ptr<Linear> head;  // (vocab, dim)
};

// Reads and packs them: matrices in `type`, vectors in f32. The checkpoint must outlive the embedding.
NetworkWeights load_weights(const Checkpoint& checkpoint, Device& device, DataType type);

}  // namespace assay::engine
