// A function with a stack of its own that can pause in the middle: one CUDA thread.
#pragma once

#include <cstddef>

#include "tests/emulation/context_switch.h"

namespace assay::emulation {

inline constexpr size_t kStackBytes = 256 * 1024;  // reserved; only what is touched takes memory

// Not thread-safe, and stays on the thread that resumes it first. A page below the stack stops an overrun.
template <typename Switch>
class BasicFiber {
 public:
  BasicFiber();
  ~BasicFiber();
  BasicFiber(const BasicFiber&) = delete;
  BasicFiber& operator=(const BasicFiber&) = delete;

  // The next resume() calls body(argument), which must not throw. A body that was paused is dropped: no destructor of
  // its variables runs.
  void start(void (*body)(void*), void* argument);
  // Until the body pauses or ends. Not from inside a fiber.
  void resume();
  // Inside the body: back to the caller of resume().
  void pause();
  bool ended() const { return ended_; }
  bool owns(const void* address) const;

 private:
  static void entry();
  void leave(bool for_good);

  char* mapping_ = nullptr;
  char* stack_ = nullptr;  // lowest address that may be used
  size_t bytes_ = 0;       // above it
  Switch own_;
  Switch caller_;
  void (*body_)(void*) = nullptr;
  void* argument_ = nullptr;
  bool ended_ = true;
  // What the address sanitizer wants to know of both stacks.
  void* own_fake_stack_ = nullptr;
  const void* caller_stack_ = nullptr;
  size_t caller_bytes_ = 0;
};

using Fiber = BasicFiber<ContextSwitch>;

}  // namespace assay::emulation
