#include "engine/device/cpu/amx_registers.h"
#include "engine/device/cpu/limits.h"

namespace assay::engine::limits {

int64_t peak_amx(int64_t rounds) {
  using Tiles = AmxRegisters;
  Tiles::configure();
  Tiles::zero<0>();
  Tiles::zero<1>();
  Tiles::zero<2>();
  Tiles::zero<3>();
  Tiles::zero<4>();
  Tiles::zero<5>();
  Tiles::zero<6>();
  Tiles::zero<7>();
  for (int64_t round = 0; round < rounds; ++round) {
    Tiles::multiply<0, 4, 6>();
    Tiles::multiply<1, 5, 6>();
    Tiles::multiply<2, 4, 7>();
    Tiles::multiply<3, 5, 7>();
  }
  Tiles::release();
  return rounds * 4 * 16 * 16 * 32 * 2;
}

}  // namespace assay::engine::limits
