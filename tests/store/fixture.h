// Small plans and answers for the tests of the store, and a folder that goes with the test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/store.h"

namespace assay::store::testing {

class Folder {
 public:
  // On the disk; or in memory where the machine has /dev/shm, for tests that open thousands of files.
  explicit Folder(bool in_memory = false);
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// `n` likelihood samples in two subsets, four continuations each.
NewRun likelihood_run(const std::string& task, size_t n);
// `n` generations, every other one sampled with a seed.
NewRun generation_run(const std::string& task, size_t n);

// Gives each sample a prompt: a beginning of `head` bytes that its subset shares, and a part of its own. `texts` keeps
// them.
void add_prompts(NewRun& run, std::vector<std::string>& texts, size_t head = 400);

// An answer with a score that depends on run and position alone, so that what is read back can be checked.
NewResponse likelihood_answer(int64_t run, size_t position);
NewResponse generation_answer(int64_t run, size_t position);

// Answers `positions` of a run in steps of `step`.
void answer(Store& store, int64_t run, const std::vector<size_t>& positions, size_t step,
            const std::function<NewResponse(int64_t, size_t)>& make);

// The error that `action` throws; one with code kDone and no text if it throws none.
Error error_of(const std::function<void()>& action);

// `action` throws an error of this code whose one line contains `part`.
void expect_error(const std::function<void()>& action, ExitCode code, const std::string& part);

std::vector<size_t> range(size_t begin, size_t end);

// Reads everything that a command might; the number of samples.
size_t read_all(const std::filesystem::path& path, Store::Mode mode = Store::Mode::kRead);

// Runs `action` in a child process and returns its wait status; an exception ends the child with status 99.
int in_child(const std::function<void()>& action);

}  // namespace assay::store::testing
