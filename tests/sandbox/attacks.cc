#include "tests/sandbox/attacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/file.h"
#include "base/text.h"
#include "tests/sandbox/jails.h"

namespace assay::sandbox {
namespace fs = std::filesystem;
namespace {

// What python attacks begin with: each() tries something in a process of its own and prints what came of it.
constexpr const char* kPythonTools = R"(
import ctypes, errno, os, signal, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def raw(number, *arguments):
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
def attempt(name, function, *arguments):
    try:
        print(name, "DONE", function(*arguments))
    except OSError as error:
        print(name, "refused", errno.errorcode.get(error.errno, error.errno))
    except Exception as error:
        print(name, "refused", type(error).__name__)
    sys.stdout.flush()
def each(name, function, *arguments):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        attempt(name, function, *arguments)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        print(name, "killed by", os.WTERMSIG(status))
    sys.stdout.flush()
)";

constexpr const char* kPrompt = "def f(x):\n    \"\"\"Twice.\"\"\"\n";
constexpr const char* kTest =
    "def check(candidate):\n"
    "    secret = 'the' + '-test-' + 'word'\n"
    "    assert candidate(1) == 2\n"
    "    assert candidate('ab') == 'abab'\n"
    "    assert candidate([3, 1]) == [3, 1, 3, 1]\n"
    "    assert candidate(-7) == -14\n"
    "check(f)\n";

class Reader {
 public:
  explicit Reader(const fs::path& path) : path_(path), text_(read_file(path)) {}

  std::vector<Attack> read() {
    for (const std::string_view line : split_lines(text_)) {
      ++line_;
      take(std::string(line));
    }
    for (const Attack& attack : attacks_) {
      if (attack.ends.empty() || attack.program.empty())
        throw std::runtime_error(attack.where + ": ends or program is missing");
    }
    return attacks_;
  }

 private:
  [[noreturn]] void fail_here(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", path_.string(), line_, what));
  }

  void take(const std::string& line) {
    if (line.starts_with("|")) {
      if (section_ == nullptr) fail_here("a line of a program without a program");
      *section_ += line.substr(line.starts_with("| ") ? 2 : 1) + "\n";
      return;
    }
    section_ = nullptr;
    if (line.empty() || line[0] == '#') return;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) fail_here("neither a field nor a comment");
    const std::string key = line.substr(0, colon), value(python_strip(line.substr(colon + 1)));
    if (key == "case") {
      Attack& attack = attacks_.emplace_back();
      attack.name = value;
      attack.where = fmt::format("{}:{}", path_.filename().string(), line_);
      attack.limits = tight_limits();
      attack.prompt = kPrompt;
      attack.test = kTest;
    } else if (attacks_.empty()) {
      fail_here("a field before the first case");
    } else {
      set(attacks_.back(), key, value);
    }
  }

  void set(Attack& attack, const std::string& key, const std::string& value) {
    if (key == "run") {
      attack.how = value == "python" ? Attack::How::kPython : value == "sh" ? Attack::How::kShell : Attack::How::kGrade;
    } else if (key == "ends") {
      attack.ends = split(value, ' ');
    } else if (key == "ends without groups") {
      attack.ends_without_groups = split(value, ' ');
    } else if (key == "prints") {
      attack.prints.push_back(value);
    } else if (key == "never") {
      attack.never.push_back(value);
    } else if (key == "uses") {
      attack.most_cpu_seconds = std::stod(value);
    } else if (key == "limits") {
      for (const std::string& limit : split(value, ' ')) set_limit(attack.limits, limit);
    } else if (key == "program") {
      section_ = &attack.program;
    } else if (key == "prompt") {
      attack.prompt.clear();
      section_ = &attack.prompt;
    } else if (key == "test") {
      attack.test.clear();
      section_ = &attack.test;
    } else {
      fail_here("no field is called " + key);
    }
  }

  void set_limit(Limits& limits, const std::string& text) const {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const double value = equals == std::string::npos ? 0 : std::stod(text.substr(equals + 1));
    if (name == "cpu")
      limits.cpu_seconds = value;
    else if (name == "wall")
      limits.wall_seconds = value;
    else if (name == "memory")
      limits.memory_mib = static_cast<int64_t>(value);
    else if (name == "files")
      limits.files = static_cast<int64_t>(value);
    else if (name == "output")
      limits.output_kib = static_cast<int64_t>(value);
    else if (name == "processes")
      limits.processes = static_cast<int64_t>(value);
    else
      fail_here("no limit is called " + name);
  }

  fs::path path_;
  std::string text_;
  int line_ = 0;
  std::string* section_ = nullptr;
  std::vector<Attack> attacks_;
};

Happened happened(const ProgramResult& result) {
  return {to_string(result.outcome), result.layers, result.out + result.err, result.cpu_ms, result.wall_ms};
}

Happened happened(const Grade& grade) {
  return {to_string(grade.outcome), grade.layers, grade.error, grade.cpu_ms, grade.wall_ms};
}

template <typename Result>
std::future<Happened> deferred(std::future<Result> result) {
  return std::async(std::launch::deferred, [result = std::move(result)]() mutable { return happened(result.get()); });
}

}  // namespace

std::vector<Attack> read_attacks(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".case") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Attack> attacks;
  for (const fs::path& path : paths) {
    for (Attack& attack : Reader(path).read()) attacks.push_back(std::move(attack));
  }
  return attacks;
}

std::future<Happened> start(Jail& jail, const Attack& attack) {
  switch (attack.how) {
    case Attack::How::kPython:
      return deferred(jail.run(python_program(kPythonTools + attack.program, attack.limits)));
    case Attack::How::kShell:
      return deferred(jail.run(shell_program(attack.program, attack.limits)));
    default:
      return deferred(jail.grade({attack.prompt, attack.program, attack.test, "f", attack.limits}));
  }
}

}  // namespace assay::sandbox
