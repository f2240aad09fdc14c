// Work in a process of its own, so that what ends it (too little memory, a file that is cut short under it) does not
// end this one, and so that its memory is given back.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "harness/signals.h"

namespace assay::harness {

struct ChildEnd {
  ExitCode code = ExitCode::kDone;
  // What the work said: its result, or with another code than kDone the reason. Of a child that a signal ended (code
  // kInternal), the signal.
  std::string text;
};

// Runs `work` in a child of this process, which must have no other threads and no open database. The child's standard
// output goes nowhere; an Error of `work` becomes its code and text. Once `stop` is set the child is asked to end by
// SIGTERM, and its end is waited for; it gets the same signal where this process ends without waiting. Error(kIo) where
// there is no process to be had.
ChildEnd in_child(const std::function<ExitCode(std::string& text)>& work, const StopRequest& stop);

// Waits for the end of `pid` in short steps, calling `each_step` between them; returns waitpid's status.
int await_process(int pid, const std::function<void()>& each_step);

}  // namespace assay::harness
