#include "tests/sandbox/surroundings.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "tests/sandbox/jails.h"

namespace assay::sandbox {
namespace fs = std::filesystem;
namespace {

struct Process {
  pid_t parent = 0;
  bool ended = false;
  std::string name;
};

std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> found;
  std::error_code gone;
  for (fs::directory_iterator each("/proc", gone), end; !gone && each != end; each.increment(gone)) {
    const std::string name = each->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(each->path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;
    const size_t open = line.find('('), close = line.rfind(") ");
    if (open == std::string::npos || close == std::string::npos) continue;
    Process process;
    process.name = line.substr(open + 1, close - open - 1);
    process.ended = line[close + 2] == 'Z' || line[close + 2] == 'X';
    process.parent = std::stoi(line.substr(close + 4));
    found[std::stoi(name)] = process;
  }
  return found;
}

std::map<pid_t, std::string> descendants() {
  const std::map<pid_t, Process> all = all_processes();
  std::map<pid_t, std::string> found;
  for (const auto& [pid, process] : all) {
    if (process.ended || pid == getpid()) continue;
    pid_t at = pid;
    for (int steps = 0; at > 1 && at != getpid() && steps < 100; ++steps) {
      const auto next = all.find(at);
      at = next == all.end() ? 0 : next->second.parent;
    }
    if (at == getpid()) found[pid] = process.name;
  }
  return found;
}

std::set<std::string> names_in(const fs::path& folder, const std::string& prefix) {
  std::set<std::string> found;
  std::error_code unreadable;
  for (fs::directory_iterator each(folder, unreadable), end; !unreadable && each != end; each.increment(unreadable)) {
    if (each->path().filename().string().starts_with(prefix)) found.insert(each->path());
  }
  return found;
}

// Groups are made below the group of this process. One whose maker is alive and no child of ours is somebody else's.
std::set<std::string> groups(const std::map<pid_t, std::string>& ours) {
  std::set<std::string> folders = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}, found;
  std::ifstream own("/proc/self/cgroup");
  for (std::string line; std::getline(own, line);) {
    const std::vector<std::string> fields = split(line, ':');
    if (fields.size() < 3) continue;
    for (const std::string& controller : {fields[1], std::string("unified"), std::string()}) {
      folders.insert("/sys/fs/cgroup/" + controller + fields[2]);
    }
  }
  for (const std::string& folder : folders) {
    for (const std::string& group : names_in(folder, "assay-jail-")) {
      const pid_t maker = std::atoi(group.substr(group.rfind('-') + 1).c_str());
      if (kill(maker, 0) != 0 || ours.contains(maker)) found.insert(fs::weakly_canonical(group));
    }
  }
  return found;
}

std::set<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

std::set<std::string> descriptors() {
  std::set<std::string> found;
  for (int fd = 0; fd < 4096; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) found.insert(std::to_string(fd));
  }
  return found;
}

template <typename Set>
void add_new(std::vector<std::string>& to, const char* what, const Set& before, const Set& after) {
  for (const auto& each : after) {
    if (!before.contains(each)) to.push_back(fmt::format("{} {}", what, each));
  }
}

std::vector<std::string> difference(const Traces& before, const Traces& after) {
  std::vector<std::string> left;
  for (const auto& [pid, name] : after.processes) {
    if (!before.processes.contains(pid)) left.push_back(fmt::format("process {} {}", pid, name));
  }
  add_new(left, "mount", before.mounts, after.mounts);
  add_new(left, "group", before.groups, after.groups);
  add_new(left, "descriptor", before.descriptors, after.descriptors);
  add_new(left, "file", before.marks, after.marks);
  return left;
}

constexpr const char* kContent = "nobody writes here\n";

std::string random_word() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

int listen_at(const sockaddr* address, socklen_t size) {
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, address, size) != 0 || listen(fd, 8) != 0) throw std::runtime_error("a test has no listener");
  return fd;
}

// The first byte of an abstract name is 0, and its last is followed by nothing.
int listen_at_name(std::string name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof(address.sun_path)));
  return listen_at(reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

}  // namespace

Traces Traces::now() {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  Traces traces;
  traces.processes = descendants();
  traces.mounts = lines_of("/proc/self/mountinfo");
  traces.groups = sandbox::groups(traces.processes);
  traces.descriptors = sandbox::descriptors();
  for (const char* folder : {"/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/usr", "/usr/bin", "/etc"}) {
    traces.marks.merge(names_in(folder, kMark));
  }
  return traces;
}

std::vector<std::string> Traces::left_since(const Traces& before, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    std::vector<std::string> left = difference(before, now());
    if (left.empty() || std::chrono::steady_clock::now() >= end) return left;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Surroundings::Surroundings() : secrets_{random_word(), random_word()} {
  chmod(folder_.path().c_str(), 0777);
  for (const char* name : {"file", "victim"}) {
    chmod(folder_.write(name, kContent + secrets_[0] + "\n").c_str(), 0666);
  }
  setenv("ASSAY_TEST_KEY", secrets_[1].c_str(), 1);
  for (const unsigned id : {65534u, Installed::kUser}) {
    const pid_t pid = fork();
    if (pid == 0) {
      if (geteuid() == 0 && (setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0)) _exit(1);
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of id would lift it
      for (;;) pause();
    }
    processes_.push_back(pid);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listeners_.push_back(listen_at(reinterpret_cast<sockaddr*>(&address), sizeof(address)));
  socklen_t size = sizeof(address);
  getsockname(listeners_[0], reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listeners_.push_back(listen_at_name('\0' + folder_.path().string()));
  listeners_.push_back(listen_at_name((folder_ / "socket").string()));
  chmod((folder_ / "socket").c_str(), 0777);
  shared_memory_ = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0666);
  if (shared_memory_ >= 0) {
    char* at = static_cast<char*>(shmat(shared_memory_, nullptr, 0));
    strcpy(at, kContent);
    shmdt(at);
  }
  // Every other one is inherited by whatever this process executes.
  for (int i = 0; i < 50; ++i) {
    descriptors_.push_back(open((folder_ / "file").c_str(), O_RDWR | (i % 2 == 0 ? O_CLOEXEC : 0)));
  }
}

Surroundings::~Surroundings() {
  for (const int fd : descriptors_) close(fd);
  for (const int fd : listeners_) close(fd);
  for (const pid_t pid : processes_) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  if (shared_memory_ >= 0) shmctl(shared_memory_, IPC_RMID, nullptr);
  unsetenv("ASSAY_TEST_KEY");
}

std::string Surroundings::aim(const std::string& text) const {
  std::string aimed = text;
  const std::pair<const char*, std::string> names[] = {
      {"@FILE@", folder_ / "file"},
      {"@FOLDER@", folder_.path()},
      {"@PORT@", std::to_string(port_)},
      {"@SOCKET@", folder_.path()},
      {"@PATH_SOCKET@", folder_ / "socket"},
      {"@PIDS@", fmt::format("{}, {}", processes_[0], processes_[1])},
      {"@SHM@", std::to_string(shared_memory_)},
      {"@SELF@", std::to_string(getpid())},
  };
  for (const auto& [name, value] : names) aimed = replace_all(aimed, name, value);
  return aimed;
}

std::string Surroundings::leak_in(const std::string& text) const {
  for (const std::string& secret : secrets_) {
    // Half of one is enough to betray it.
    if (text.find(secret.substr(0, secret.size() / 2)) != std::string::npos) return secret;
  }
  return "";
}

std::vector<std::string> Surroundings::inherited_since(const Traces& before) const {
  std::vector<std::string> inherited;
  const Traces traces = Traces::now();
  for (const auto& [pid, name] : traces.processes) {
    if (before.processes.contains(pid)) continue;
    std::error_code gone;
    const std::string folder = fmt::format("/proc/{}/fd", pid);
    for (fs::directory_iterator each(folder, gone), end; !gone && each != end; each.increment(gone)) {
      const std::string target = fs::read_symlink(each->path(), gone);
      bool ours = target.starts_with(folder_.path().string());
      for (const int fd : listeners_) ours |= target == fs::read_symlink(fmt::format("/proc/self/fd/{}", fd)).string();
      if (ours) inherited.push_back(fmt::format("process {} {}: {}", pid, name, target));
    }
  }
  return inherited;
}

std::vector<std::string> Surroundings::harm() {
  std::vector<std::string> harmed;
  for (const char* name : {"file", "victim"}) {
    const fs::path path = folder_ / name;
    if (!fs::exists(path) || read_file(path) != kContent + secrets_[0] + "\n")
      harmed.push_back(path.string() + " changed");
  }
  size_t entries = 0;
  for ([[maybe_unused]] const auto& each : fs::directory_iterator(folder_.path())) ++entries;
  if (entries != 3) harmed.push_back(fmt::format("{} has {} entries", folder_.path().string(), entries));
  for (const pid_t pid : processes_) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0) {
      harmed.push_back(fmt::format("process {} was killed or stopped", pid));
    }
  }
  for (const int fd : listeners_) {
    pollfd event = {fd, POLLIN, 0};
    if (poll(&event, 1, 0) != 0) harmed.push_back("somebody connected to a socket");
  }
  if (shared_memory_ >= 0) {
    void* at = shmat(shared_memory_, nullptr, SHM_RDONLY);
    if (at == reinterpret_cast<void*>(-1)) {
      harmed.push_back("shared memory was removed");
    } else {
      if (strcmp(static_cast<char*>(at), kContent) != 0) harmed.push_back("shared memory was written to");
      shmdt(at);
    }
  }
  for (const int fd : descriptors_) {
    if (lseek(fd, 0, SEEK_CUR) != 0) harmed.push_back(fmt::format("descriptor {} was used", fd));
  }
  return harmed;
}

}  // namespace assay::sandbox
