// A GPU as engine/device/device.h wants one.
//
// What is kept in T, the type that --dtype names: weights, the embedding, inputs of matrix products, the cache. The
// stream, the outputs of products and logits are f32.
//
// Rows of prompt tokens are multiplied by the runtime's product (cuBLASLt), rows of generated tokens by skinny_linear;
// attention is attention_prompt and attention_pieces. So a token's bits depend on its own request alone.
#pragma once

#include <memory>

#include "engine/device/cuda/runtime.h"
#include "engine/device/device.h"

namespace assay::engine::cuda {

// `host_threads`: for reading weights, and as Device::threads says. Everything that the device made must be gone before
// it is destroyed.
std::unique_ptr<Device> make_cuda_device(std::unique_ptr<Runtime> runtime, DataType type, int host_threads);

}  // namespace assay::engine::cuda
