// The one kind of failure that Assay reports on purpose.
//
// A message is one sentence that names the file, the field and the way out; the command line prints it on one line and
// exits with `code`. Anything else that escapes (std::bad_alloc, a bug) is reported as an internal error.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace assay {

// INTERFACE.md, "Exit codes": the numbers are part of the interface.
enum class ExitCode {
  kDone = 0,
  kCheckFailed = 1,
  kInconclusive = 2,
  kUsage = 64,
  kBadInput = 65,
  kUnavailable = 69,
  kInternal = 70,
  kIo = 74,
  kInterrupted = 130,
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// fail(ExitCode::kBadInput, "{}: field {} is negative", path, field)
template <typename... Args>
[[noreturn]] void fail(ExitCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

// The commonest case: an input that is wrong, exit code 65.
template <typename... Args>
[[noreturn]] void fail_input(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ExitCode::kBadInput, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace assay
