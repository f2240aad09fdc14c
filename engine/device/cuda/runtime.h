// What the CUDA device asks of the machine: memory, copies, order, and matrix products. Two implementations: the CUDA
// runtime with cuBLASLt (native/), and the emulation of the tests.
//
// Everything runs in the order of one stream. Not thread-safe, but any thread may call, one after the other. A device
// that fails (memory, launch, ECC) gives Error(kUnavailable) with the device's own words; what was handed out before
// stays valid to be freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/device/device.h"

struct CUstream_st;

namespace assay::engine::cuda {

using Stream = CUstream_st*;

// out (rows, outputs) f32 = x (rows, inputs) * w (outputs, inputs)^T, or out += that. Both operands are of `type`, row
// after row without gaps; sums are f32. One algorithm for each (type, outputs, inputs), whatever `rows` is, without a
// split of the inputs: a row's bits do not depend on the number of rows.
struct Product {
  DataType type = DataType::kBf16;
  int rows = 0;
  int outputs = 0;
  int inputs = 0;
  const void* x = nullptr;
  const void* w = nullptr;
  float* out = nullptr;
  bool add = false;
};

struct DeviceFacts {
  std::string name;  // "NVIDIA H100 80GB HBM3"
  int major = 0;     // compute capability
  int minor = 0;
  int multiprocessors = 0;
  size_t shared_bytes = 0;  // that one block may have
};

class Runtime {
 public:
  virtual ~Runtime() = default;

  virtual DeviceFacts facts() const = 0;
  virtual int64_t free_bytes() const = 0;  // of device memory, now
  virtual Stream stream() const = 0;

  // Device memory of at least `bytes`, aligned to 256.
  virtual std::shared_ptr<void> allocate(size_t bytes) = 0;

  // Device memory `to` becomes what `fill` writes into pinned memory of `bytes` bytes, at most fill_bytes(): the copy
  // of one part runs while the next is filled.
  virtual void fill_device(void* to, size_t bytes, const std::function<void(std::byte* into)>& fill) = 0;
  virtual size_t fill_bytes() const = 0;
  // `from` may be changed once the call returns.
  virtual void copy_to_device(void* to, const void* from, size_t bytes) = 0;
  // Returns when all that was asked before has run and the bytes are there.
  virtual void copy_to_host(void* to, const void* from, size_t bytes) = 0;
  // Returns at once; what `from` holds when all that was asked before has run is at `to` after wait().
  virtual void fetch(void* to, const void* from, size_t bytes) = 0;
  // Until all that was asked before has run.
  virtual void wait() = 0;

  virtual void multiply(const Product& product) = 0;

  // From begin_recording() on, what is launched into stream() is recorded and not run, until end_recording() gives the
  // record or abandon_recording() drops it. Copies run as ever; products cannot be recorded. replay() runs a record in
  // the order of everything else.
  virtual void begin_recording() = 0;
  virtual std::shared_ptr<void> end_recording() = 0;
  virtual void abandon_recording() = 0;
  virtual void replay(void* record) = 0;
};

}  // namespace assay::engine::cuda
