// What the race checker remembers of memory: one cell for every two bytes of device memory and of the block's shared
// memory. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>

namespace assay::emulation {

// Epochs count launches, blocks and barriers, from 1; a later one is a larger number. Stamps count the __syncwarps of a
// warp within its block.
struct Cell {
  // The last write.
  uint32_t write_epoch = 0;  // 0: by the host, or never
  uint32_t write_stamp = 0;
  uint16_t write_thread = 0;
  uint8_t write_bytes = 0;  // bit 0: the lower byte, bit 1: the upper one
  bool write_was_atomic = false;
  uint8_t ever_written = 0;     // bits as above
  bool copy_target = false;     // of a cp.async that nobody has waited for
  uint8_t read_bytes = 0;       // of the reads that `read_epoch` means, and the fields below too
  bool read_by_warps = false;   // other warps than `read_warp` have read in that epoch
  bool read_by_blocks = false;  // other blocks have read in that launch
  uint16_t read_warp = 0;
  uint32_t read_epoch = 0;  // 0: never since the host wrote
  uint32_t read_stamp = 0;  // the latest
  uint32_t read_lanes = 0;
};

class Shadow {
 public:
  struct Place {
    Cell* cells = nullptr;        // of the memory's first bytes; null where the address is unknown
    const char* start = nullptr;  // of the memory
    size_t bytes = 0;
  };

  void add(const void* memory, size_t bytes);
  void remove(const void* memory);
  // The memory that an address lies in, or begins behind (bytes tells which).
  Place find(const void* address);

 private:
  struct Free {
    void operator()(Cell* cells) const { std::free(cells); }
  };
  struct Region {
    size_t bytes = 0;
    std::unique_ptr<Cell[], Free> cells;
  };
  std::map<const char*, Region> regions_;
};

}  // namespace assay::emulation
