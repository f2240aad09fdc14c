// The machine around a jail, as a test can see it: what an attack must not reach, and what a jail must not leave.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace assay::sandbox {

// An attack that reaches a folder outside leaves a file with this name in it.
inline constexpr const char* kMark = "assay-escape";

// What there is now. Processes are the descendants of this one, orphans included: the first Traces makes this process
// the one to which they fall. Processes that have ended and only wait to be reaped are not counted.
struct Traces {
  std::map<pid_t, std::string> processes;  // and what they are
  std::set<std::string> mounts;
  std::set<std::string> groups;  // folders of control groups
  std::set<std::string> descriptors;
  std::set<std::string> marks;  // files that are called kMark

  static Traces now();
  // What has come since `before`, a line each; looked at again for at most `seconds` until there is nothing.
  static std::vector<std::string> left_since(const Traces& before, double seconds);
};

// Things outside that attacks are aimed at: files that anybody may write, a process of each id that a jail runs under,
// listeners, shared memory, a secret in a file and one in the environment, and 50 open descriptors.
class Surroundings {
 public:
  Surroundings();
  ~Surroundings();
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  // For the text of an attack: @FILE@, @FOLDER@, @PORT@, @SOCKET@ (abstract), @PATH_SOCKET@, @PIDS@, @SHM@, @SELF@.
  std::string aim(const std::string& text) const;
  // A secret of which `text` holds a piece; empty: none.
  std::string leak_in(const std::string& text) const;
  // Processes that have come since `before` and hold one of the 50 descriptors or a listener, a line each.
  std::vector<std::string> inherited_since(const Traces& before) const;
  // What is no longer as it was, a line each.
  std::vector<std::string> harm();

 private:
  testing::TemporaryFolder folder_;
  std::vector<std::string> secrets_;
  std::vector<pid_t> processes_;
  std::vector<int> listeners_;
  std::vector<int> descriptors_;
  int port_ = 0;
  int shared_memory_ = -1;
};

}  // namespace assay::sandbox
