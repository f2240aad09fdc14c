#include "tests/support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {
namespace {

[[noreturn]] void become(const std::filesystem::path& program, const Launch& launch, const std::filesystem::path& out,
                         const std::filesystem::path& err) {
  if (!launch.folder.empty() && chdir(launch.folder.c_str()) != 0) _exit(126);
  for (const auto& [name, value] : launch.environment) setenv(name.c_str(), value.c_str(), 1);
  const auto redirect = [](const std::filesystem::path& path, int to, int flags) {
    const int fd = open(path.c_str(), flags, 0666);
    if (fd < 0 || dup2(fd, to) < 0) _exit(126);
    close(fd);
  };
  redirect("/dev/null", STDIN_FILENO, O_RDONLY);
  redirect(out, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  redirect(err, STDERR_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : launch.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

}  // namespace

Outcome run_program(const std::filesystem::path& program, const Launch& launch) {
  const TemporaryFolder folder;
  const std::filesystem::path absolute = std::filesystem::absolute(program);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become(absolute, launch, folder / "out", folder / "err");

  if (launch.kill_after > 0) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(launch.kill_after);
    siginfo_t info{};
    while (std::chrono::steady_clock::now() < end) {
      info.si_pid = 0;
      if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    kill(child, launch.signal_after != 0 ? launch.signal_after : SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = read_file(folder / "out");
  outcome.err = read_file(folder / "err");
  return outcome;
}

}  // namespace assay::testing
