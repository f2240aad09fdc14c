// One slot: takes a job from the socket, runs it, answers, and takes the next, until the conversation ends.
#pragma once

#include <optional>

#include "sandbox/inside/launch.h"
#include "sandbox/inside/wire.h"

namespace assay::sandbox {

struct Slot {
  const Policy* policy = nullptr;
  int jobs = -1;  // the socket, shared by all slots: each packet goes to one of them
  // Of this slot alone; empty where this assay-jail runs programs only.
  std::optional<Interpreter> candidate;
  std::optional<Interpreter> judge;
  ControlGroup* group = nullptr;        // of programs and completions; null: none here
  ControlGroup* judge_group = nullptr;  // of tests
};

// Messages, as fields. Asked: id, kind ("program" or "grade"), limits (see limits_fields), then
//   program  stdin, command...
//   grade    prompt, completion, test, entry point
// Answered: id, then
//   "error" sentence
//   program  "program", outcome, exit, signal, cpu ms, wall ms, layers, stdout, stderr
//   grade    "grade", outcome, cpu ms, wall ms, layers, error
// Returns when the program is gone.
void serve(const Slot& slot);

// The two kinds of work; `next` is the first field behind the limits.
Fields run_program(const Slot& slot, const Limits& limits, const Fields& asked, size_t next);
Fields grade(const Slot& slot, const Limits& limits, const Fields& asked, size_t next);

// A job's output as it comes: at most a limit of it is kept, of all pipes together.
class Output {
 public:
  explicit Output(int64_t limit_kib) : left_(static_cast<size_t>(limit_kib) * 1024) {}
  // Reads what is there from a pipe into `to`; at the pipe's end it is closed. False: the limit was passed.
  bool take(Fd& pipe, std::string& to);

 private:
  size_t left_;
};

}  // namespace assay::sandbox
