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
  // Inside the body: pauses here and goes on with `next`, for the same caller of resume().
  void hand_over(BasicFiber& next);
  bool ended() const { return ended_; }
  bool owns(const void* address) const;

 private:
  // Who called resume(), and the stack he is on.
  struct Caller {
    Switch context;
    const void* stack = nullptr;
    size_t bytes = 0;
    bool has_left = false;  // the next fiber that runs comes from him
  };

  static void entry();
  void leave(bool for_good);
  void arrived();

  char* mapping_ = nullptr;
  char* stack_ = nullptr;  // lowest address that may be used
  size_t bytes_ = 0;       // above it
  Switch own_;
  Caller* caller_ = nullptr;
  void (*body_)(void*) = nullptr;
  void* argument_ = nullptr;
  bool ended_ = true;
  void* own_fake_stack_ = nullptr;  // of the address sanitizer
};

using Fiber = BasicFiber<ContextSwitch>;

}  // namespace assay::emulation
