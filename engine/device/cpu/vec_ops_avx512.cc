#include "engine/device/cpu/attention_kernel.h"
#include "engine/device/cpu/vec_avx512.h"

namespace assay::engine {

constinit const VectorOps kVectorOpsAvx512 = make_vector_ops<VecAvx512>();

}  // namespace assay::engine
