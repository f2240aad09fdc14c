#include "sandbox/inside/interpreter.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "sandbox/inside/embedded.h"
#include "sandbox/inside/wire.h"
#include "sandbox/inside/zygote_order.h"

namespace assay::sandbox {
namespace {

constexpr int kStartMilliseconds = 20000;  // of an interpreter on a machine that is busy with other work
constexpr int kNewestMinor = 20;           // names looked for: python3.20 down to python3.8

// What the process says that could not become the interpreter.
[[noreturn]] void give_up(const Confinement& confinement) {
  if (confinement.failed >= 0) {
    dprintf(2, "layer %s cannot be put on: %s", layer_name(static_cast<Layer>(confinement.failed)),
            strerror(confinement.error));
  } else {
    dprintf(2, "%s", strerror(errno));
  }
  _exit(127);
}

// The interpreter's tree where it is not the system's: /opt/python/bin/python3 -> /opt/python.
std::string extra_tree(const std::string& python) {
  if (python.starts_with("/usr/") || python.starts_with("/bin/")) return "";
  const size_t name = python.rfind('/');
  const size_t folder = name == 0 || name == std::string::npos ? std::string::npos : python.rfind('/', name - 1);
  return folder == 0 || folder == std::string::npos ? "" : python.substr(0, folder);
}

// Layers of an interpreter that its jobs share. A job has its own of the others, and ends with them.
constexpr uint32_t kShared = bit(Layer::kUnprivileged) | bit(Layer::kCgroup) | bit(Layer::kUtsNamespace) |
                             bit(Layer::kNetNamespace) | bit(Layer::kCgroupNamespace) | bit(Layer::kRoot);

[[noreturn]] void become_interpreter(Policy policy, const std::string& python, Role role, const ControlGroup* group,
                                     int control, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  Confinement& held = policy.confinement;
  held.apply(Layer::kCgroup, [group] { return group != nullptr && group->join(); });
  const std::string tree = extra_tree(python);
  const RootView::File files[] = {
      {"/assay/zygote.py", zygote_script().data(), zygote_script().size()},
      {"/assay/zygote.so", zygote_library().data(), zygote_library().size()},
      {"/assay/filter", policy.filter.data(), policy.filter.size() * sizeof(sock_filter)},
  };
  RootView view;
  view.extra_tree = tree.empty() ? nullptr : tree.c_str();
  view.files = files;
  view.file_count = std::size(files);
  const int control_at = fcntl(control, F_DUPFD, 10), errors_at = fcntl(errors, F_DUPFD, 10);
  const int nothing = open("/dev/null", O_RDWR);
  for (int fd : {0, 1}) dup2(nothing, fd);
  dup2(errors_at, 2);
  if (dup2(control_at, kZygoteControl) < 0) give_up(held);
  // 0 inside, so that the interpreter keeps the rights that it needs to make the jails of jobs. Jobs are not 0.
  const bool ok = enter_user_namespace(held, 0) && enter_namespaces(held) && enter_root(held, view) &&
                  held.apply(Layer::kPidNamespace, [] { return unshare(CLONE_NEWPID) == 0; });
  if (!ok) give_up(held);
  const pid_t inner = fork();
  if (inner > 0) {
    int status = 0;
    syscall(SYS_close_range, 0, ~0u, 0);
    while (waitpid(inner, &status, 0) < 0 && errno == EINTR) {
    }
    _exit(0);
  }
  if (inner < 0) give_up(held);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  syscall(SYS_close_range, kZygoteControl + 1, ~0u, 0);
  mount_proc(held, true);
  std::string paths[std::size(files)];
  for (size_t i = 0; i < std::size(files); ++i) {
    // Without a root of its own (reduced mode) the interpreter reads them from memory.
    const int fd = held.has(Layer::kRoot)
                       ? -1
                       : bytes_in_memory({static_cast<const char*>(files[i].data), files[i].size}).release();
    if (fd >= 0) fcntl(fd, F_SETFD, 0);
    paths[i] = held.has(Layer::kRoot) ? files[i].path : "/proc/self/fd/" + std::to_string(fd);
  }
  char seed[] = "PYTHONHASHSEED=0", path[] = "PATH=/usr/bin:/bin", home[] = "HOME=/tmp", lang[] = "LANG=C.UTF-8";
  char* const environment[] = {seed, path, home, lang, nullptr};
  const std::string layers = std::to_string(held.in_force & kShared);
  const char* const words[] = {python.c_str(),
                               "-s",
                               "-S",
                               "-B",
                               "-X",
                               "utf8",
                               paths[0].c_str(),
                               role == Role::kJudge ? "judge" : "candidate",
                               paths[1].c_str(),
                               paths[2].c_str(),
                               layers.c_str(),
                               nullptr};
  execve(python.c_str(), const_cast<char* const*>(words), environment);
  give_up(held);
}

std::string last_line(int fd) {
  char text[1500];
  pollfd event = {fd, POLLIN, 0};
  const ssize_t got = poll(&event, 1, 1000) > 0 ? read(fd, text, sizeof(text)) : 0;
  std::string said(text, static_cast<size_t>(std::max<ssize_t>(got, 0)));
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  const size_t line = said.rfind('\n');
  return line == std::string::npos ? said : said.substr(line + 1);
}

}  // namespace

Starting start_interpreter(const Policy& policy, const std::string& python, Role role, const ControlGroup* group) {
  int ends[2];
  Pipe errors;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 || !make_pipe(errors)) {
    throw std::runtime_error(std::string("no socket for the interpreter: ") + strerror(errno));
  }
  Starting starting;
  starting.control.reset(ends[0]);
  const Fd inside(ends[1]);
  starting.launcher = fork();
  if (starting.launcher == 0) become_interpreter(policy, python, role, group, inside.get(), errors.write.get());
  if (starting.launcher < 0) {
    throw std::runtime_error(std::string("no process for the interpreter: ") + strerror(errno));
  }
  starting.errors = std::move(errors.read);
  return starting;
}

Interpreter wait_until_ready(Starting starting, const std::string& python) {
  pollfd event = {starting.control.get(), POLLIN, 0};
  char said[64] = {};  // "3.11.2 1234": version and layers
  int fds[kMaxFds], count = 0;
  ssize_t got = -1;
  if (poll(&event, 1, kStartMilliseconds) > 0) {
    got = receive_packet(starting.control.get(), said, sizeof(said) - 1, fds, count);
  }
  const char* space = strchr(said, ' ');
  if (got <= 0 || space == nullptr) {
    const std::string complaint = last_line(starting.errors.get());
    kill(starting.launcher, SIGKILL);
    throw std::runtime_error(python + ": " + (complaint.empty() ? "it does not start" : complaint));
  }
  Interpreter interpreter;
  interpreter.control = std::move(starting.control);
  interpreter.version = std::string(said, static_cast<size_t>(space - said));
  interpreter.layers = static_cast<uint32_t>(strtoul(space + 1, nullptr, 10));
  return interpreter;
}

std::vector<std::string> find_pythons(const std::string& asked, std::string& passed_over) {
  std::vector<std::string> names;
  if (!asked.empty()) {
    names.push_back(asked);
  } else {
    for (const char* folder : {"/usr/local/bin", "/usr/bin", "/bin"}) {
      names.push_back(std::string(folder) + "/python3");
      for (int minor = kNewestMinor; minor >= 8; --minor) {
        names.push_back(std::string(folder) + "/python3." + std::to_string(minor));
      }
    }
  }
  std::vector<std::string> found;
  for (const std::string& name : names) {
    char resolved[PATH_MAX];
    if (realpath(name.c_str(), resolved) == nullptr) continue;
    char magic[4] = {};
    const Fd file(open(resolved, O_RDONLY | O_CLOEXEC));
    if (!file.ok() || !read_all(file.get(), magic, sizeof(magic)) || memcmp(magic, "\177ELF", 4) != 0) {
      passed_over +=
          (passed_over.empty() ? "" : ", ") + name + " is no program but a script, of a version manager perhaps";
      continue;
    }
    if (std::string_view(resolved).starts_with("/tmp/")) {
      passed_over += (passed_over.empty() ? "" : ", ") + name + " is below /tmp, which is another folder in the jail";
      continue;
    }
    if (std::find(found.begin(), found.end(), resolved) == found.end()) found.emplace_back(resolved);
  }
  return found;
}

}  // namespace assay::sandbox
