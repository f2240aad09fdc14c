// `assay watch` as a process of its own, whose lines a test waits for, and checkpoints as a trainer writes them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace assay::testing {

class WatchProcess {
 public:
  explicit WatchProcess(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment = {});
  ~WatchProcess();
  WatchProcess(const WatchProcess&) = delete;
  WatchProcess& operator=(const WatchProcess&) = delete;

  std::string out() const;  // so far
  std::string err() const;

  // Waits until `text` stands in what it printed (on either stream) `times` times. Fails the test, showing what was
  // printed, where the process ends first or a minute passes.
  void await(const std::string& text, size_t times = 1);
  // How often `text` was printed.
  size_t count(const std::string& text) const;

  // Sends a signal (0: none) and waits for the end: the exit status, or minus the signal that ended it.
  int end(int signal);

 private:
  bool has_ended();

  TemporaryFolder streams_;
  pid_t pid_ = -1;
  int status_ = 0;
};

// The demo's two checkpoints.
std::filesystem::path late_checkpoint();
std::filesystem::path early_checkpoint();

// Copies one file of a checkpoint.
void copy_part(const std::filesystem::path& checkpoint, const std::filesystem::path& to, const std::string& file);
// The first `share` of it, and later the rest at its end.
void copy_beginning(const std::filesystem::path& checkpoint, const std::filesystem::path& to, const std::string& file,
                    double share);
void copy_rest(const std::filesystem::path& checkpoint, const std::filesystem::path& to, const std::string& file);
// All of it, into a folder beside `to` that then gets its name.
void copy_whole(const std::filesystem::path& checkpoint, const std::filesystem::path& to);
// Other files beside the same weights: answers may differ, so it is another checkpoint.
void add_other_ending(const std::filesystem::path& checkpoint, int number);

}  // namespace assay::testing
