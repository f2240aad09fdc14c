#include "harness/watch/regression_command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "harness/watch/child.h"

namespace assay::harness {
namespace {

constexpr std::array<std::string_view, 3> kSecrets = {"ASSAY_API_KEY", "OPENAI_API_KEY", "ASSAY_PASSPHRASE"};
constexpr std::chrono::seconds kGrace(5);  // between SIGTERM and SIGKILL

std::vector<std::string> environment_with(const std::map<std::string, std::string>& facts) {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const std::string name(variable.substr(0, variable.find('=')));
    const bool secret = std::find(kSecrets.begin(), kSecrets.end(), name) != kSecrets.end();
    if (!secret && !facts.contains(name)) variables.emplace_back(variable);
  }
  for (const auto& [name, value] : facts) variables.push_back(name + "=" + value);
  return variables;
}

// Between fork and exec.
[[noreturn]] void become_shell(const char* command, char* const* environment) {
  ::setpgid(0, 0);
  for (const int each : {SIGINT, SIGTERM, SIGALRM}) ::signal(each, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  const char* const words[] = {"sh", "-c", command, nullptr};
  ::execve("/bin/sh", const_cast<char* const*>(words), environment);
  ::_exit(127);
}

}  // namespace

std::string run_regression_command(const std::string& command, const std::map<std::string, std::string>& facts,
                                   double seconds) {
  std::vector<std::string> variables = environment_with(facts);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::fflush(nullptr);
  const pid_t shell = ::fork();
  if (shell == 0) become_shell(command.c_str(), environment.data());
  if (shell < 0) return fmt::format("no process to be had: {}", std::strerror(errno));
  ::setpgid(shell, shell);  // whichever of the two is first

  const auto begin = std::chrono::steady_clock::now();
  bool late = false;
  const int status = await_process(shell, [&] {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (passed.count() <= seconds) return;
    ::kill(-shell, passed.count() > seconds + kGrace.count() ? SIGKILL : SIGTERM);
    late = true;
  });
  if (late) {
    ::kill(-shell, SIGKILL);  // what it left behind
    return fmt::format("ended after {:g} s", seconds);
  }
  return WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status)) : fmt::format("signal {}", WTERMSIG(status));
}

}  // namespace assay::harness
