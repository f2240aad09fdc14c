// An object of each host thread, made at its first use. A plain thread_local with a destructor costs a call at every
// access, which the emulation makes at every switch.
#pragma once

namespace assay::emulation {

template <typename T>
__attribute__((noinline)) T* make_thread_own() {
  static thread_local T object;
  return &object;
}

template <typename T>
T& thread_own() {
  static constinit thread_local T* quick = nullptr;
  if (quick == nullptr) quick = make_thread_own<T>();
  return *quick;
}

}  // namespace assay::emulation
