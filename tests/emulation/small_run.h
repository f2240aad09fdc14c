// Input and output of a small kernel: in[i] = i + 1, out is compared with a formula.
#pragma once

#include <vector>

namespace assay::testing {

class SmallRun {
 public:
  explicit SmallRun(int size);
  ~SmallRun();
  SmallRun(const SmallRun&) = delete;
  SmallRun& operator=(const SmallRun&) = delete;

  const float* in() const { return in_; }
  float* out() { return out_; }
  // A NaN is never right.
  bool out_is(float (*expected)(int index)) const;

 private:
  int size_ = 0;
  float* in_ = nullptr;
  float* out_ = nullptr;
};

}  // namespace assay::testing
