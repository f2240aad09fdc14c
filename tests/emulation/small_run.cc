#include "tests/emulation/small_run.h"

#include <numeric>

#include "tests/emulation/memory.h"

namespace assay::testing {

SmallRun::SmallRun(int size) : size_(size) {
  std::vector<float> values(static_cast<size_t>(size));
  std::iota(values.begin(), values.end(), 1.0F);
  const size_t bytes = values.size() * sizeof(float);
  in_ = static_cast<float*>(emulation::emulated_allocate(bytes));
  out_ = static_cast<float*>(emulation::emulated_allocate(bytes));
  emulation::emulated_upload(in_, values.data(), bytes);
}

SmallRun::~SmallRun() {
  emulation::emulated_free(in_);
  emulation::emulated_free(out_);
}

bool SmallRun::out_is(float (*expected)(int index)) const {
  std::vector<float> values(static_cast<size_t>(size_));
  emulation::emulated_download(values.data(), out_, values.size() * sizeof(float));
  for (int i = 0; i < size_; ++i) {
    if (!(values[static_cast<size_t>(i)] == expected(i))) return false;
  }
  return true;
}

}  // namespace assay::testing
