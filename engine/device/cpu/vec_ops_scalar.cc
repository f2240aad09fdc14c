#include "engine/device/cpu/attention_kernel.h"
#include "engine/device/cpu/vec_scalar.h"

namespace assay::engine {

constinit const VectorOps kVectorOpsScalar = make_vector_ops<VecScalar>();

}  // namespace assay::engine
