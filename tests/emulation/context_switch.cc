#include "tests/emulation/context_switch.h"

#include <cstdint>

#include "base/error.h"

namespace assay::emulation {

#if defined(__x86_64__)

// void assay_emulation_swap(void** save_stack_pointer, void* load_stack_pointer)
// A jump, not a return: the processor predicts returns by the calls before them, and those were made on the old stack.
// Two threads that pause at one place have the same calls behind them, and all their returns are predicted.
asm(R"(
.text
.type assay_emulation_swap, @function
assay_emulation_swap:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
.size assay_emulation_swap, .-assay_emulation_swap
)");
extern "C" void assay_emulation_swap(void** save, void* load);

void AssemblySwitch::prepare(void* bottom, size_t bytes, void (*entry)()) {
  // The frame that the swap pops: six zeroed registers, `entry` to return to, and a return address of 0 for it. The
  // ABI wants the stack pointer at 16 n + 8 when a function begins.
  auto* top = reinterpret_cast<uintptr_t*>((reinterpret_cast<uintptr_t>(bottom) + bytes) & ~uintptr_t{15});
  top -= 1;
  *top = 0;
  *--top = reinterpret_cast<uintptr_t>(entry);
  for (int saved = 0; saved < 6; ++saved) *--top = 0;
  stack_pointer = top;
}

void AssemblySwitch::swap(AssemblySwitch& from, AssemblySwitch& to) {
  assay_emulation_swap(&from.stack_pointer, to.stack_pointer);
}

#endif

void UcontextSwitch::prepare(void* bottom, size_t bytes, void (*entry)()) {
  if (getcontext(&context) != 0) fail(ExitCode::kInternal, "getcontext failed");
  context.uc_stack.ss_sp = bottom;
  context.uc_stack.ss_size = bytes;
  context.uc_link = nullptr;
  makecontext(&context, entry, 0);
}

void UcontextSwitch::swap(UcontextSwitch& from, UcontextSwitch& to) {
  if (swapcontext(&from.context, &to.context) != 0) fail(ExitCode::kInternal, "swapcontext failed");
}

}  // namespace assay::emulation
