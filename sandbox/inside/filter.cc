#include "sandbox/inside/filter.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>

#include "sandbox/inside/sys.h"

namespace assay::sandbox {
namespace {

// Calls by name, since libseccomp of Debian 12 may know fewer than the kernel: what it does not know is passed by
// number below.
struct Rule {
  const char* call;
  uint32_t action;
};

constexpr uint32_t kKill = SCMP_ACT_KILL_PROCESS;
constexpr uint32_t kRefuse = SCMP_ACT_ERRNO(EPERM);
constexpr uint32_t kUnknown = SCMP_ACT_ERRNO(ENOSYS);

// Killed: nothing but an attack asks for these. Refused: an honest program may try, and goes on without. Unknown: an
// honest program falls back to an older call.
constexpr Rule kRules[] = {
    // Another process's memory, and the kernel's own machinery.
    {"ptrace", kKill},
    {"process_vm_readv", kKill},
    {"process_vm_writev", kKill},
    {"process_madvise", kKill},
    {"pidfd_getfd", kKill},
    {"kcmp", kKill},
    {"bpf", kKill},
    {"userfaultfd", kKill},
    {"perf_event_open", kKill},
    {"keyctl", kKill},
    {"add_key", kKill},
    {"request_key", kKill},
    {"kexec_load", kKill},
    {"kexec_file_load", kKill},
    {"init_module", kKill},
    {"finit_module", kKill},
    {"delete_module", kKill},
    {"reboot", kKill},
    {"lookup_dcookie", kKill},
    {"iopl", kKill},
    {"ioperm", kKill},
    {"modify_ldt", kKill},
    {"acct", kKill},
    {"swapon", kKill},
    {"swapoff", kKill},
    {"quotactl", kKill},
    {"quotactl_fd", kKill},
    {"nfsservctl", kKill},
    {"open_by_handle_at", kKill},
    {"vhangup", kKill},
    {"syslog", kKill},
    {"settimeofday", kKill},
    {"clock_settime", kKill},
    {"clock_adjtime", kKill},
    {"adjtimex", kKill},
    {"fanotify_init", kKill},
    // Mounts and namespaces.
    {"mount", kKill},
    {"umount2", kKill},
    {"pivot_root", kKill},
    {"chroot", kKill},
    {"unshare", kKill},
    {"setns", kKill},
    {"fsopen", kKill},
    {"fsconfig", kKill},
    {"fsmount", kKill},
    {"fspick", kKill},
    {"open_tree", kKill},
    {"move_mount", kKill},
    {"mount_setattr", kKill},
    {"sethostname", kKill},
    {"setdomainname", kKill},
    // Names and talk across processes, and memory that no limit of files or address space sees.
    {"socket", kRefuse},
    {"socketpair", kRefuse},
    {"connect", kRefuse},
    {"bind", kRefuse},
    {"listen", kRefuse},
    {"accept", kRefuse},
    {"accept4", kRefuse},
    {"shmget", kRefuse},
    {"shmat", kRefuse},
    {"shmctl", kRefuse},
    {"semget", kRefuse},
    {"semop", kRefuse},
    {"semtimedop", kRefuse},
    {"semctl", kRefuse},
    {"msgget", kRefuse},
    {"msgsnd", kRefuse},
    {"msgrcv", kRefuse},
    {"msgctl", kRefuse},
    {"mq_open", kRefuse},
    {"mq_unlink", kRefuse},
    {"memfd_create", kRefuse},
    {"memfd_secret", kRefuse},
    {"mknod", kRefuse},
    {"mknodat", kRefuse},
    {"name_to_handle_at", kRefuse},
    {"io_uring_setup", kUnknown},
    {"io_uring_enter", kUnknown},
    {"io_uring_register", kUnknown},
    // Its flags lie in memory, where no filter can read them.
    {"clone3", kUnknown},
};

// Newer than libseccomp 2.5.4; the same numbers on every architecture.
constexpr int kMapShadowStack = 453, kOpenTreeAttr = 467;

constexpr uint32_t kNamespaces[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,    CLONE_NEWNET,
                                    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWTIME};

void check(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string("libseccomp cannot add a rule for ") + what);
}

}  // namespace

std::vector<sock_filter> build_filter() {
  const std::unique_ptr<void, void (*)(void*)> context(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (!context) throw std::runtime_error("libseccomp cannot make a filter");
  check(seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, kKill), "other architectures");
  // A sorted tree of comparisons: some hundred rules would else be asked one by one at each call.
  check(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "a tree");
  for (const Rule& rule : kRules) {
    const int number = seccomp_syscall_resolve_name(rule.call);
    if (number == __NR_SCMP_ERROR) continue;  // this architecture never had it
    check(seccomp_rule_add(context.get(), rule.action, number, 0), rule.call);
  }
  for (const uint32_t flag : kNamespaces) {
    check(seccomp_rule_add(context.get(), kKill, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)), "clone");
  }
  // Limits of other processes: process 1 of the job has the same id.
  check(seccomp_rule_add(context.get(), kRefuse, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0)), "prlimit64");
  for (const int number : {kMapShadowStack, kOpenTreeAttr}) {
    check(seccomp_rule_add(context.get(), kUnknown, number, 0), "a new call");
  }
  // Typing into the terminal of whoever started the program; the upper half of the argument is ignored by the kernel.
  for (const uint64_t request : {uint64_t{TIOCSTI}, uint64_t{TIOCLINUX}}) {
    check(
        seccomp_rule_add(context.get(), kRefuse, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, request)),
        "ioctl");
  }

  const Fd file(memfd_create("filter", MFD_CLOEXEC));
  check(file.ok() ? seccomp_export_bpf(context.get(), file.get()) : -1, "the kernel");
  const off_t size = lseek(file.get(), 0, SEEK_END);
  std::vector<sock_filter> code(static_cast<size_t>(size) / sizeof(sock_filter));
  if (lseek(file.get(), 0, SEEK_SET) != 0 || !read_all(file.get(), code.data(), static_cast<size_t>(size))) {
    throw std::runtime_error("the filter of libseccomp cannot be read back");
  }
  return code;
}

}  // namespace assay::sandbox
