#include "engine/device/cpu/amx_registers.h"
#include "engine/device/cpu/linear_amx_tile.h"
#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {
namespace {

using Bf16 = AmxTile<AmxRegisters>;

}  // namespace

const LinearKernel kLinearAmx = {Bf16::kRows, Bf16::kPanels, Bf16::kInputBytes, pack_tiles, Multiply<Bf16>::run};

}  // namespace assay::engine
