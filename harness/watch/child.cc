#include "harness/watch/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>
#include <thread>

namespace assay::harness {
namespace {

ExitCode guarded(const std::function<ExitCode(std::string&)>& work, std::string& text) {
  try {
    return work(text);
  } catch (const Error& error) {
    text = error.what();
    return error.code();
  } catch (const std::bad_alloc&) {
    text = "out of memory; try a smaller --memory or --step-tokens";
    return ExitCode::kUnavailable;
  } catch (const std::exception& error) {
    text = fmt::format("internal error: {}", error.what());
    return ExitCode::kInternal;
  }
}

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

[[noreturn]] void be_child(const std::function<ExitCode(std::string&)>& work, int to, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(static_cast<int>(ExitCode::kInterrupted));
  // Until the work asks for signals itself they end the child, which has nothing to lose yet.
  for (const int each : {SIGINT, SIGTERM, SIGALRM}) ::signal(each, SIG_DFL);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  std::string text;
  const ExitCode code = guarded(work, text);
  write_all(to, text);
  std::fflush(nullptr);
  ::_exit(static_cast<int>(code));
}

// What comes out of `from` until its other end is closed.
std::string read_until_closed(int from, const std::function<void()>& each_step) {
  std::string text;
  char buffer[4096];
  for (;;) {
    pollfd waiting{from, POLLIN, 0};
    each_step();
    if (::poll(&waiting, 1, 50) <= 0) continue;
    const ssize_t count = ::read(from, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

int await_process(int pid, const std::function<void()>& each_step) {
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid || (ended < 0 && errno != EINTR)) return status;
    each_step();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

ChildEnd in_child(const std::function<ExitCode(std::string& text)>& work, const StopRequest& stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(ExitCode::kIo, "no pipe to be had: {}", std::strerror(errno));
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    be_child(work, ends[1], parent);
  }
  const int problem = errno;
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    fail(ExitCode::kIo, "no process to be had: {}", std::strerror(problem));
  }
  // Asked again and again: the child may not have been ready for the first one, and more do no harm.
  auto asked = std::chrono::steady_clock::time_point();
  const auto pass_on_stop = [&] {
    const auto now = std::chrono::steady_clock::now();
    if (!stop.flag() || now - asked < std::chrono::seconds(1)) return;
    ::kill(child, SIGTERM);
    asked = now;
  };
  ChildEnd end;
  end.text = read_until_closed(ends[0], pass_on_stop);
  ::close(ends[0]);
  const int status = await_process(child, pass_on_stop);
  if (WIFEXITED(status)) {
    end.code = static_cast<ExitCode>(WEXITSTATUS(status));
  } else {
    end.code = ExitCode::kInternal;
    end.text = fmt::format("its process was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    if (WTERMSIG(status) == SIGKILL) end.text += ", as the system does where memory runs out";
  }
  return end;
}

}  // namespace assay::harness
