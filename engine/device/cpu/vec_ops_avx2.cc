#include "engine/device/cpu/attention_kernel.h"
#include "engine/device/cpu/vec_avx2.h"

namespace assay::engine {

constinit const VectorOps kVectorOpsAvx2 = make_vector_ops<VecAvx2>();

}  // namespace assay::engine
