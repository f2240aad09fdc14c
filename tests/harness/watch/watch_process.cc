#include "tests/harness/watch/watch_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/program.h"

namespace assay::testing {

namespace fs = std::filesystem;

WatchProcess::WatchProcess(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment) {
  const std::string program = fs::absolute(ASSAY_PROGRAM).string();
  arguments.insert(arguments.begin(), {program, "watch"});
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const fs::path out = streams_.write("out", "");
  const fs::path err = streams_.write("err", "");
  std::fflush(nullptr);  // or the child would print it, too
  pid_ = ::fork();
  if (pid_ != 0) return;
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (std::freopen("/dev/null", "r", stdin) == nullptr || std::freopen(out.c_str(), "w", stdout) == nullptr ||
      std::freopen(err.c_str(), "w", stderr) == nullptr) {
    ::_exit(126);
  }
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

WatchProcess::~WatchProcess() {
  end(SIGKILL);
}

std::string WatchProcess::out() const {
  return read_file(streams_ / "out");
}

std::string WatchProcess::err() const {
  return read_file(streams_ / "err");
}

size_t WatchProcess::count(const std::string& text) const {
  const std::string printed = out() + err();
  size_t times = 0;
  for (size_t at = printed.find(text); at != std::string::npos; at = printed.find(text, at + text.size())) ++times;
  return times;
}

void WatchProcess::await(const std::string& text, size_t times) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (count(text) < times) {
    const bool gone = has_ended();
    if (count(text) >= times) return;
    if (gone || std::chrono::steady_clock::now() > end) {
      FAIL() << "did not print '" << text << "' but:\n" << out() << err();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool WatchProcess::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

int WatchProcess::end(int signal) {
  if (pid_ > 0) {
    if (signal != 0) ::kill(pid_, signal);
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

fs::path late_checkpoint() {
  return fs::absolute("models/demo/late");
}

fs::path early_checkpoint() {
  return fs::absolute("models/demo/early");
}

void copy_part(const fs::path& checkpoint, const fs::path& to, const std::string& file) {
  copy_beginning(checkpoint, to, file, 1);
}

void copy_beginning(const fs::path& checkpoint, const fs::path& to, const std::string& file, double share) {
  fs::create_directories(to);
  const std::string bytes = read_file(checkpoint / file);
  const auto count = static_cast<std::streamsize>(share * static_cast<double>(bytes.size()));
  std::ofstream(to / file, std::ios::binary).write(bytes.data(), count);
}

void copy_rest(const fs::path& checkpoint, const fs::path& to, const std::string& file) {
  const std::string bytes = read_file(checkpoint / file);
  const size_t there = fs::file_size(to / file);
  std::ofstream(to / file, std::ios::binary | std::ios::app) << bytes.substr(there);
}

void copy_whole(const fs::path& checkpoint, const fs::path& to) {
  const fs::path written = to.parent_path() / ".writing";
  fs::create_directories(to.parent_path());
  fs::copy(checkpoint, written);
  fs::rename(written, to);
}

void add_other_ending(const fs::path& checkpoint, int number) {
  std::ofstream(checkpoint / "generation_config.json") << fmt::format("{{\"number\": {}}}\n", number);
}

}  // namespace assay::testing
