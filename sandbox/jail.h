// Runs untrusted programs and says what happened. The work is done by assay-jail, a separate small executable which is
// started once, with an empty environment and no secrets in its memory; jobs go over its socket. docs/sandbox.md has
// the threat model and what each layer stops.
//
//   Jail jail({});                                  // early: before weights are loaded
//   std::future<Grade> grade = jail.grade({prompt, completion, test, entry_point});
//   ... grade.get().outcome == Verdict::kPassed
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/limits.h"

namespace assay::sandbox {

// What became of a program.
enum class Outcome {
  kFinished,   // it ended by itself, with whatever exit status
  kCrash,      // killed by a signal of its own making
  kForbidden,  // killed by the system-call filter
  kTimeout,    // processor or wall time
  kMemory,
  kFiles,   // it ended in failure with its file system full
  kOutput,  // it printed more than allowed, and was killed
};
std::string to_string(Outcome outcome);  // "finished", "crash", ...

// INTERFACE.md, "execution": what became of a graded completion.
enum class Verdict {
  kPassed,
  kFailed,
  kTimeout,
  kMemory,
  kOutput,
  kCrash,
  kForbidden,
  kUnsupported,  // a value that cannot cross between completion and test as data
  kNoVerdict,    // the judge gave none
};
std::string to_string(Verdict verdict);  // "passed", "no_verdict", ...

struct Program {
  std::vector<std::string> command;  // the first is a path in the jail or looked for in /usr/local/bin, /usr/bin, /bin
  std::string input;                 // its standard input
  Limits limits;
};

struct ProgramResult {
  Outcome outcome = Outcome::kFinished;
  int exit = 0;    // of kFinished
  int signal = 0;  // that killed it; 0: none
  double cpu_ms = 0;
  double wall_ms = 0;
  std::vector<std::string> layers;  // in force
  std::string out;                  // cut at the limit; any bytes
  std::string err;
};

// A completion and how to judge it: prompt + completion defines `entry_point`; `test` is a program that calls it and
// raises where the answer is wrong (for HumanEval the test and its last line, check(entry_point)). Strict grading: the
// process that runs the completion never holds the test, and the process that runs the test never runs the completion;
// calls and values cross as data of exact built-in types. The test sees what the prompt alone defines.
struct GradeJob {
  std::string prompt;
  std::string completion;
  std::string test;
  std::string entry_point;
  Limits limits;
};

struct Grade {
  Verdict outcome = Verdict::kNoVerdict;
  std::string grading = "strict";
  double cpu_ms = 0;  // of the completion
  double wall_ms = 0;
  std::string error;  // last lines of what went wrong; empty for kPassed
  std::vector<std::string> layers;
};

struct JailOptions {
  bool reduced = false;                // run with the layers that there are, instead of refusing where one is missing
  int slots = 0;                       // jobs at one time; 0: the processors that this process may use, at most 16
  std::filesystem::path program = {};  // assay-jail; empty: beside this program
  std::filesystem::path python = {};   // interpreter; empty: looked for in the system's folders
  std::vector<std::string> switches = {};  // further words for the tests' build of assay-jail
};

class Jail {
 public:
  // Error(kUnavailable) with a sentence that says what is missing and how to allow it. The interpreter is started with
  // the first grade() or warm().
  explicit Jail(const JailOptions& options = {});
  ~Jail();  // every process of every job is gone when it returns; futures that are open get an Error
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;

  // Layers that a job is held by here, in the order in which docs/sandbox.md explains them.
  const std::vector<std::string>& layers() const;

  // Thread-safe; jobs run in the order of the calls, `slots` at a time. grade() throws as warm(). Error of a future:
  // kUnavailable with what went wrong with the job itself (a command that cannot be executed), or where assay-jail is
  // gone.
  std::future<ProgramResult> run(const Program& program);
  std::future<Grade> grade(const GradeJob& job);

  // Starts the interpreter now. Error(kUnavailable) where there is none: it names the folders that were searched.
  void warm();
  const std::string& python() const;  // its version, "3.11.2", after warm() or a grade; else empty

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::sandbox
