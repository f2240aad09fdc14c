#include "tests/harness/rating/serve_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <regex>
#include <stdexcept>

extern char** environ;

namespace assay::testing {

ServeProcess::ServeProcess(const std::vector<std::string>& arguments) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<char*> words;
  std::string program = ASSAY_PROGRAM;
  words.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (failed == 0) read_start(pipe[0]);
  ::close(pipe[0]);
  if (failed != 0) throw std::runtime_error("cannot start the program");
}

void ServeProcess::read_start(int from) {
  std::array<char, 4096> bytes{};
  while (output_.find("listening at") == std::string::npos || !output_.ends_with('\n')) {
    const ssize_t count = ::read(from, bytes.data(), bytes.size());
    if (count <= 0) return;
    output_.append(bytes.data(), static_cast<size_t>(count));
  }
  static const std::regex kLink(R"(  (\S+)  https?://\S+/#(\S+)\n)");
  for (std::sregex_iterator link(output_.begin(), output_.end(), kLink), end; link != end; ++link) {
    tokens_[(*link)[1]] = (*link)[2];
  }
  std::smatch found;
  if (std::regex_search(output_, found, std::regex(R"(listening at https?://\S+:(\d+);)"))) port_ = std::stoi(found[1]);
}

int64_t ServeProcess::resident_kb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

int ServeProcess::end(int signal) {
  if (pid_ < 0) return 0;
  if (signal != 0) ::kill(pid_, signal);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

ServeProcess::~ServeProcess() {
  end(SIGKILL);
}

}  // namespace assay::testing
