#include "engine/device/cpu/amx_registers.h"
#include "engine/device/cpu/linear_amx_tile.h"
#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {
namespace {

using Bf16 = AmxTile<AmxRegisters>;

}  // namespace

const LinearKernel kLinearAmx = kernel_of<Bf16>(pack_tiles);

}  // namespace assay::engine
