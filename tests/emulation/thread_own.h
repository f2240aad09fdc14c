// An object of each host thread, made at its first use. A plain thread_local with a destructor costs a call at every
// access, which the emulation makes at every switch.
#pragma once

namespace assay::emulation {

template <typename T>
T& thread_own() {
  static constinit thread_local T* quick = nullptr;
  if (quick == nullptr) {
    static thread_local T object;
    quick = &object;
  }
  return *quick;
}

}  // namespace assay::emulation
