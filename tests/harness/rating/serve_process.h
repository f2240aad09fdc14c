// `assay preference serve` as a process of its own, which can be killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace assay::testing {

class ServeProcess {
 public:
  // Starts it and reads what it prints until it listens, or ends.
  explicit ServeProcess(const std::vector<std::string>& arguments);
  ~ServeProcess();
  ServeProcess(const ServeProcess&) = delete;
  ServeProcess& operator=(const ServeProcess&) = delete;

  bool listens() const { return port_ > 0; }
  int port() const { return port_; }
  const std::string& output() const { return output_; }
  // The tokens of the links that were printed, by rater.
  const std::map<std::string, std::string>& tokens() const { return tokens_; }

  // What it holds in memory now, in kilobytes.
  int64_t resident_kb() const;

  // Sends a signal and waits for the end: the exit status, or minus the signal that ended it.
  int end(int signal);

 private:
  void read_start(int from);

  pid_t pid_ = -1;
  int port_ = 0;
  std::string output_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace assay::testing
