// The program's end of one assay-jail: starts it, sends it jobs and hands out its answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/inside/wire.h"
#include "sandbox/jail.h"

namespace assay::sandbox {

class Worker {
 public:
  enum class Kind { kPrograms, kPython };

  // Error(kUnavailable) with what is missing and how to allow it.
  Worker(const JailOptions& options, Kind kind);
  ~Worker();  // ends it, and every job; answers that are still awaited are errors
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const std::vector<std::string>& layers() const { return layers_; }
  const std::string& python() const { return python_; }

  // Called once from another thread, with the answer's fields behind the id, or with {"error", sentence}.
  using Answer = std::function<void(const Fields& fields)>;
  // Thread-safe. `asked`: the fields behind the id (sandbox/inside/slot.h).
  void ask(Fields asked, Answer answer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<std::string> layers_;
  std::string python_;
};

}  // namespace assay::sandbox
