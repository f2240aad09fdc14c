// Machines that lack something: a sentence that names it, or less protection where that was asked for.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "tests/sandbox/jails.h"
#include "tests/sandbox/surroundings.h"

namespace assay::sandbox {
namespace {

// What `work` returns in a process of its own, or its Error as "CODE: SENTENCE".
std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    std::string said;
    try {
      said = work();
    } catch (const Error& error) {
      said = std::to_string(static_cast<int>(error.code())) + ": " + error.what();
    } catch (const std::exception& error) {
      said = std::string("not an Error: ") + error.what();
    }
    const ssize_t written = write(ends[1], said.data(), said.size());
    _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = read(ends[0], buffer, sizeof(buffer)); got > 0; got = read(ends[0], buffer, sizeof(buffer))) {
    said.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return said;
}

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + ": " + strerror(errno));
}

void put(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.flush();
  require(file.good(), path.c_str());
}

// What a program and a completion come to: "finished: OUT, passed; LAYERS".
std::string try_jail(const JailOptions& options) {
  Jail held(options);
  auto program = held.run(shell_program("echo hello"));
  auto grade = held.grade({"def f(x):\n    \"\"\"Twice.\"\"\"\n", "    return x * 2\n", "assert f(2) == 4", "f", {}});
  const ProgramResult result = program.get();
  const Grade graded = grade.get();
  return to_string(result.outcome) + ": " + std::string(python_strip(result.out)) + ", " + to_string(graded.outcome) +
         graded.error + "; " + join(result.layers, " ") + "; " + join(graded.layers, " ");
}

// As the profile of many containers has it: no namespaces and no mounts.
void forbid_namespaces() {
  constexpr uint32_t kNamespaces =
      CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 7, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 6, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setns, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kNamespaces, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  const sock_fprog program = {std::size(code), code};
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0, "seccomp");
}

class Machine : public ::testing::TestWithParam<As> {
 protected:
  JailOptions options() const { return jail().options(GetParam(), 2); }
};

TEST_P(Machine, NoProgram) {
  JailOptions none = options();
  none.program = "/nowhere/assay-jail";
  const std::string said = in_child([&] { return try_jail(none); });
  EXPECT_TRUE(said.starts_with("69: ")) << said;
  EXPECT_NE(said.find("/nowhere/assay-jail"), std::string::npos) << said;
}

TEST_P(Machine, SomethingElseAsProgram) {
  JailOptions other = options();
  for (const char* program : {"/bin/true", "/bin/cat"}) {
    other.program = program;
    const std::string said = in_child([&] { return try_jail(other); });
    EXPECT_TRUE(said.starts_with("69: ")) << said;
  }
}

// A folder below another, which anybody may read.
class FolderBelow {
 public:
  explicit FolderBelow(const std::string& parent) {
    std::string pattern = parent + "/assay-test-XXXXXX";
    require(mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    path_ = pattern;
    std::filesystem::permissions(path_, std::filesystem::perms::all);
  }
  FolderBelow(const FolderBelow&) = delete;
  FolderBelow& operator=(const FolderBelow&) = delete;
  ~FolderBelow() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path program(const std::string& name, const std::string& content) const {
    put(path_ / name, content);
    std::filesystem::permissions(path_ / name, std::filesystem::perms::all);
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

TEST_P(Machine, PythonsThatAreNone) {
  const FolderBelow folder("/var/tmp");
  const std::filesystem::path shim = folder.program("python3", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
  const std::filesystem::path damaged = folder.program("damaged", "\177ELF and nothing more");
  const std::pair<std::filesystem::path, std::string> cases[] = {
      {"/nowhere/python3", "/nowhere/python3"}, {shim, "script"},      {damaged, damaged},
      {folder.path(), folder.path()},           {"/bin/true", "true"},
  };
  for (const auto& [python, named] : cases) {
    JailOptions with = options();
    with.python = python;
    const std::string said = in_child([&] { return try_jail(with); });
    EXPECT_TRUE(said.starts_with("69: ")) << python << ": " << said;
    EXPECT_NE(said.find(named), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    // Programs need no python.
    EXPECT_EQ(in_child([&] { return Jail(with).run(shell_program("echo hello")).get().out; }), "hello\n");
  }
}

TEST_P(Machine, APythonElsewhere) {
  const auto try_below = [&](const std::string& parent) {
    const FolderBelow folder(parent);
    std::filesystem::create_directories(folder.path() / "tree/bin");
    JailOptions with = options();
    with.python = folder.path() / "tree/bin/python3.copy";
    std::filesystem::copy_file(std::filesystem::canonical("/usr/bin/python3"), with.python);
    return in_child([&] { return try_jail(with); });
  };
  const std::string said = try_below("/var/tmp"), refused = try_below("/tmp");
  EXPECT_TRUE(said.starts_with("finished: hello, passed")) << said;
  // The jail's own /tmp covers that one.
  EXPECT_TRUE(refused.starts_with("69: ")) << refused;
  EXPECT_NE(refused.find("below /tmp"), std::string::npos) << refused;
}

TEST_P(Machine, NamespacesAreForbidden) {
  const Traces before = Traces::now();
  const std::string refused = in_child([&] {
    forbid_namespaces();
    return try_jail(options());
  });
  EXPECT_TRUE(refused.starts_with("69: ")) << refused;
  EXPECT_NE(refused.find("userns"), std::string::npos) << refused;
  EXPECT_NE(refused.find("allow them"), std::string::npos) << refused;
  EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
}

TEST_P(Machine, ReducedRunsWithWhatThereIs) {
  const Traces before = Traces::now();
  JailOptions reduced = options();
  reduced.reduced = true;
  const std::string said = in_child([&] {
    forbid_namespaces();
    return try_jail(reduced);
  });
  EXPECT_TRUE(said.starts_with("finished: hello, passed")) << said;
  const size_t graded = said.rfind(';');
  for (const char* layer : {"rlimits", "no_new_privs", "seccomp", "unprivileged"}) {
    EXPECT_LT(said.find(layer), graded) << layer << " of the program: " << said;
    EXPECT_NE(said.find(layer, graded), std::string::npos) << layer << " of the completion: " << said;
  }
  for (const char* layer : {"userns", "mntns", "pidns", "netns", "root", "tmpfs"}) {
    EXPECT_EQ(said.find(layer), std::string::npos) << said;
  }
  EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
}

// Without a process namespace to end, daemons must be found one by one.
TEST_P(Machine, ReducedLeavesNothing) {
  const Traces before = Traces::now();
  JailOptions reduced = options();
  reduced.reduced = true;
  const std::string said = in_child([&]() -> std::string {
    forbid_namespaces();
    Jail held(reduced);
    const Traces idle = Traces::now();
    Limits limits = tight_limits();
    limits.wall_seconds = 2;
    limits.processes = 200;  // of a user without a namespace all processes count, not only those of the job
    std::vector<std::future<ProgramResult>> results;
    results.push_back(
        held.run(shell_program("(setsid sleep 100 &) ; (setsid sh -c 'while :; do sleep 1; done' &)", limits)));
    results.push_back(held.run(shell_program("bomb() { bomb | bomb & }; bomb; sleep 1", limits)));
    results.push_back(held.run(python_program(
        "import os, time\nfor i in range(4):\n    os.fork()\n    os.setsid() if i else 0\ntime.sleep(100)", limits)));
    for (auto& result : results) result.get();
    return "left: " + join(Traces::left_since(idle, 1), "; ");
  });
  EXPECT_EQ(said, "left: ");
  EXPECT_EQ(join(Traces::left_since(before, 0), "\n"), "");
}

INSTANTIATE_TEST_SUITE_P(Ways, Machine, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

// The rest needs root to make such a machine.
class MachineOfRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can make such a machine";
  }
};

// In a user namespace of this process's ids, where no further one may be made.
std::string without_further_user_namespaces(const std::function<std::string()>& work) {
  int ready[2], mapped[2];
  require(pipe(ready) == 0 && pipe(mapped) == 0, "pipe");
  const pid_t outside = getpid();
  const pid_t mapper = fork();
  if (mapper == 0) {
    pid_t child = 0;
    if (read(ready[0], &child, sizeof(child)) == static_cast<ssize_t>(sizeof(child))) {
      put("/proc/" + std::to_string(child) + "/uid_map", "0 0 65536");
      put("/proc/" + std::to_string(child) + "/gid_map", "0 0 65536");
      if (write(mapped[1], "m", 1) != 1) _exit(1);
    }
    _exit(0);
  }
  const std::string said = in_child([&] {
    require(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
    const pid_t self = getpid();
    char byte = 0;
    require(write(ready[1], &self, sizeof(self)) == sizeof(self) && read(mapped[0], &byte, 1) == 1, "map");
    put("/proc/sys/user/max_user_namespaces", "0");
    return work();
  });
  EXPECT_EQ(getpid(), outside);
  for (const int fd : {ready[0], ready[1], mapped[0], mapped[1]}) close(fd);
  waitpid(mapper, nullptr, 0);
  return said;
}

TEST_F(MachineOfRoot, NoMoreUserNamespaces) {
  const Traces before = Traces::now();
  const JailOptions options = jail().options(As::kRoot, 2);
  const std::string refused = without_further_user_namespaces([&] { return try_jail(options); });
  EXPECT_TRUE(refused.starts_with("69: ")) << refused;
  EXPECT_NE(refused.find("userns"), std::string::npos) << refused;
  EXPECT_NE(refused.find("max_user_namespaces"), std::string::npos) << refused;
  JailOptions reduced = options;
  reduced.reduced = true;
  const std::string said = without_further_user_namespaces([&] { return try_jail(reduced); });
  EXPECT_TRUE(said.starts_with("finished: hello, passed")) << said;
  EXPECT_EQ(said.find("userns"), std::string::npos) << said;
  EXPECT_EQ(join(Traces::left_since(before, 1), "\n"), "");
}

TEST_F(MachineOfRoot, AReadOnlyTmp) {
  for (const As as : ways_to_run()) {
    const std::string said = in_child([&] {
      const JailOptions options = jail().options(as, 2);
      require(unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "unshare");
      require(mount("/tmp", "/tmp", nullptr, MS_BIND, nullptr) == 0, "bind");
      require(mount(nullptr, "/tmp", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0, "read-only");
      return try_jail(options);
    });
    EXPECT_TRUE(said.starts_with("finished: hello, passed")) << said;
  }
}

TEST_F(MachineOfRoot, NoControlGroups) {
  const std::string said = in_child([&] {
    const JailOptions options = jail().options(As::kRoot, 2);
    require(unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "unshare");
    require(umount2("/sys/fs/cgroup", MNT_DETACH) == 0, "umount");
    return try_jail(options);
  });
  EXPECT_TRUE(said.starts_with("finished: hello, passed")) << said;
  EXPECT_EQ(said.find("cgroup "), std::string::npos) << said;
}

// A container hides parts of /proc, and then the kernel allows no new one.
TEST_F(MachineOfRoot, ACoveredProc) {
  const std::string said = in_child([&] {
    const JailOptions options = jail().options(As::kUser, 2);
    require(unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "unshare");
    require(mount("none", "/proc/sys", "tmpfs", 0, "size=0") == 0, "cover");
    Jail held(options);
    const ProgramResult result = held.run(shell_program("ls /proc; echo end")).get();
    return to_string(result.outcome) + ": " + result.out + "; " + join(result.layers, " ") + "; " + try_jail(options);
  });
  EXPECT_TRUE(said.starts_with("finished: end\n;")) << said;
  EXPECT_EQ(said.find(" proc "), std::string::npos) << said;
  EXPECT_NE(said.find("finished: hello, passed"), std::string::npos) << said;
}

// Processor time decides, so verdicts are the same when others use the cores.
TEST_P(Machine, CoresAreBusy) {
  std::vector<pid_t> others;
  for (int i = 0; i < 8; ++i) {
    const pid_t pid = fork();
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) sched_getcpu();
    }
    others.push_back(pid);
  }
  {
    Jail held(options());
    Limits limits = tight_limits();
    limits.wall_seconds = 60;
    auto honest = held.run(python_program("import time\nwhile time.process_time() < 0.4: pass\nprint('done')", limits));
    auto endless = held.run(python_program("while True: pass", limits));
    auto grade = held.grade({"def f(x):\n    \"\"\"Later.\"\"\"\n",
                             "    import time\n    while time.process_time() < 0.4: pass\n    return x\n",
                             "assert f(1) == 1", "f", limits});
    EXPECT_EQ(honest.get().outcome, Outcome::kFinished);
    const ProgramResult stopped = endless.get();
    EXPECT_EQ(stopped.outcome, Outcome::kTimeout);
    EXPECT_NEAR(stopped.cpu_ms, 1000, 300);
    EXPECT_EQ(to_string(grade.get().outcome), "passed");
  }
  for (const pid_t pid : others) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

}  // namespace
}  // namespace assay::sandbox
