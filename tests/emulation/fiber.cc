#include "tests/emulation/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/error.h"
#include "tests/emulation/sanitizer_notes.h"

namespace assay::emulation {
namespace {

// The fiber that is being entered: entry() has no argument.
constinit thread_local void* starting = nullptr;

size_t page_bytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

template <typename Switch>
BasicFiber<Switch>::BasicFiber() {
  const size_t guard = page_bytes();
  void* mapping = mmap(nullptr, guard + kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) fail(ExitCode::kInternal, "no memory for the stack of an emulated thread");
  mapping_ = static_cast<char*>(mapping);
  stack_ = mapping_ + guard;
  // Tops at different places in their pages: else the stacks of a block compete for the same few lines of the cache.
  static std::atomic<size_t> fibers = 0;
  bytes_ = kStackBytes - fibers++ % 32 * 128;
  if (mprotect(mapping_, guard, PROT_NONE) != 0) fail(ExitCode::kInternal, "no guard page for an emulated thread");
}

template <typename Switch>
BasicFiber<Switch>::~BasicFiber() {
  unpoison_stack(stack_, bytes_);
  munmap(mapping_, page_bytes() + kStackBytes);
}

template <typename Switch>
void BasicFiber<Switch>::start(void (*body)(void*), void* argument) {
  if (!ended_) unpoison_stack(stack_, bytes_);
  body_ = body;
  argument_ = argument;
  own_fake_stack_ = nullptr;
  ended_ = false;
  own_.prepare(stack_, bytes_, &BasicFiber::entry);
}

template <typename Switch>
void BasicFiber<Switch>::resume() {
  Caller caller;
  caller.has_left = true;
  caller_ = &caller;
  starting = this;
  void* fake_stack = nullptr;
  note_switch_begins(&fake_stack, stack_, bytes_);
  Switch::swap(caller.context, own_);
  note_switch_ended(fake_stack, nullptr, nullptr);
}

template <typename Switch>
void BasicFiber<Switch>::pause() {
  leave(false);
}

template <typename Switch>
void BasicFiber<Switch>::hand_over(BasicFiber& next) {
  next.caller_ = caller_;
  starting = &next;
  note_switch_begins(&own_fake_stack_, next.stack_, next.bytes_);
  Switch::swap(own_, next.own_);
  arrived();
}

template <typename Switch>
void BasicFiber<Switch>::leave(bool for_good) {
  note_switch_begins(for_good ? nullptr : &own_fake_stack_, caller_->stack, caller_->bytes);
  Switch::swap(own_, caller_->context);
  arrived();
}

// The sanitizer names the stack that was left: the caller's where he is the one who left it.
template <typename Switch>
void BasicFiber<Switch>::arrived() {
  const void* stack = nullptr;
  size_t bytes = 0;
  note_switch_ended(own_fake_stack_, &stack, &bytes);
  if (!caller_->has_left) return;
  caller_->stack = stack;
  caller_->bytes = bytes;
  caller_->has_left = false;
}

template <typename Switch>
void BasicFiber<Switch>::entry() {
  auto* self = static_cast<BasicFiber*>(starting);
  self->arrived();
  self->body_(self->argument_);
  self->ended_ = true;
  self->leave(true);
  std::abort();  // nobody resumes an ended fiber
}

template <typename Switch>
bool BasicFiber<Switch>::owns(const void* address) const {
  return address >= stack_ && address < stack_ + bytes_;
}

#if defined(__x86_64__)
template class BasicFiber<AssemblySwitch>;
#endif
template class BasicFiber<UcontextSwitch>;

}  // namespace assay::emulation
