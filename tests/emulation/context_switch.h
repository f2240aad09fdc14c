// Two ways to leave a stack and go on with another one. Both are always compiled where they can be, so that both are
// tested; ContextSwitch is the one that is used.
#pragma once

#include <ucontext.h>

#include <cstddef>

namespace assay::emulation {

// Saves the registers that a function must preserve (System V ABI, x86-64, 3.2.1) and swaps the stack pointer: a few
// nanoseconds.
struct AssemblySwitch {
  void* stack_pointer = nullptr;

  // The first swap to it calls `entry`, which must never return, on the stack bottom .. bottom + bytes.
  void prepare(void* bottom, size_t bytes, void (*entry)());
  static void swap(AssemblySwitch& from, AssemblySwitch& to);
};

// The portable way: two system calls each.
struct UcontextSwitch {
  ucontext_t context = {};

  void prepare(void* bottom, size_t bytes, void (*entry)());
  static void swap(UcontextSwitch& from, UcontextSwitch& to);
};

#if defined(__x86_64__) && !defined(ASSAY_EMULATION_UCONTEXT)
using ContextSwitch = AssemblySwitch;
#else
using ContextSwitch = UcontextSwitch;
#endif

}  // namespace assay::emulation
