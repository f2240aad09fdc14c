#include "sandbox/inside/confine.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "sandbox/inside/landlock.h"
#include "sandbox/inside/sys.h"

namespace assay::sandbox {
namespace {

constexpr const char* kNewRoot = "/tmp";  // mounted over, in a mount namespace of its own

bool write_map(const char* path, unsigned inside, unsigned outside) {
  char line[64];
  const int size = snprintf(line, sizeof(line), "%u %u 1\n", inside, outside);
  return write_file(path, line, static_cast<size_t>(size));
}

bool write_maps(const Ids& outside, unsigned inside_id) {
  return write_map("/proc/self/uid_map", inside_id, outside.user) && write_file("/proc/self/setgroups", "deny", 4) &&
         write_map("/proc/self/gid_map", inside_id, outside.group);
}

bool unshare_mounts() {
  // Nothing that is mounted here is seen outside.
  return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool set_mount_flags(const char* path, uint64_t flags) {
  mount_attr attributes{};
  attributes.attr_set = flags;
  return mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof(attributes)) == 0;
}

bool make_folders(char* path) {
  for (char* slash = strchr(path + 1, '/'); slash != nullptr; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
    *slash = '/';
    if (!made) return false;
  }
  return mkdir(path, 0755) == 0 || errno == EEXIST;
}

// The folder of the old root at the same path in the new one, read-only.
bool bind_tree(const char* path) {
  char target[512];
  if (snprintf(target, sizeof(target), "%s%s", kNewRoot, path) >= static_cast<int>(sizeof(target))) {
    errno = ENAMETOOLONG;
    return false;
  }
  return make_folders(target) && mount(path, target, nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
         set_mount_flags(target, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

// /bin, /lib and their like: links into /usr on a merged system, folders of their own elsewhere.
bool show_system_folder(const char* path) {
  char link[256], target[512];
  const ssize_t size = readlink(path, link, sizeof(link) - 1);
  if (size < 0) return access(path, F_OK) != 0 || bind_tree(path);
  link[size] = '\0';
  snprintf(target, sizeof(target), "%s%s", kNewRoot, path);
  return symlink(link, target) == 0;
}

bool bind_device(const char* name) {
  char from[64], to[64];
  snprintf(from, sizeof(from), "/dev/%s", name);
  snprintf(to, sizeof(to), "%s/dev/%s", kNewRoot, name);
  const Fd file(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
  return file.ok() && mount(from, to, nullptr, MS_BIND, nullptr) == 0 &&
         set_mount_flags(to, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

bool write_files(const RootView& view) {
  for (size_t i = 0; i < view.file_count; ++i) {
    char path[256];
    snprintf(path, sizeof(path), "%s%s", kNewRoot, view.files[i].path);
    const Fd file(open(path, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0444));
    if (!file.ok() || !write_all(file.get(), view.files[i].data, view.files[i].size)) return false;
  }
  return true;
}

bool fill_root(const RootView& view) {
  for (const char* folder : {"/tmp/proc", "/tmp/dev", "/tmp/tmp", "/tmp/assay"}) {
    if (mkdir(folder, 0755) != 0) return false;
  }
  if (!bind_tree("/usr") || (view.extra_tree != nullptr && !bind_tree(view.extra_tree))) return false;
  for (const char* folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    if (!show_system_folder(folder)) return false;
  }
  for (const char* device : {"null", "zero", "full", "random", "urandom"}) {
    if (!bind_device(device)) return false;
  }
  // The kernel lets a namespace mount a /proc of its own only where it sees a whole one; mount_proc() covers this one.
  if (mount("/proc", "/tmp/proc", nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
  return symlink("/proc/self/fd", "/tmp/dev/fd") == 0 && write_files(view);
}

bool replace_root(const RootView& view) {
  if (mount("jail", kNewRoot, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,nr_inodes=512,mode=0755") != 0) return false;
  if (!fill_root(view)) return false;
  if (mount(nullptr, kNewRoot, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0) {
    return false;
  }
  // The old root comes to lie over the new one, and is taken away from there (pivot_root(2), "pivot_root(".", ".")").
  return chdir(kNewRoot) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
         chdir("/") == 0;
}

bool set_limit(__rlimit_resource resource, rlim_t value) {
  // An inherited limit may already be lower.
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return false;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value) value = now.rlim_max;
  const rlimit limit = {value, value};
  return setrlimit(resource, &limit) == 0;
}

bool set_limits(const Limits& limits, bool memory_is_bounded) {
  constexpr rlim_t kMib = 1 << 20;
  // Too little for any, and the one value with which the kernel does not start the machine's own program for cores
  // either, which would read what the job has prepared (core(5), "Piping core dumps to a program").
  constexpr rlim_t kNoCore = 1;
  // Address space is a poor measure of memory: with a control group it is a second line only.
  const auto memory = static_cast<rlim_t>(limits.memory_mib) * kMib * (memory_is_bounded ? 4 : 1);
  return set_limit(RLIMIT_AS, memory) &&
         // Who watches the job ends it at the exact time; this is for one that starts others to use the time.
         set_limit(RLIMIT_CPU, static_cast<rlim_t>(std::ceil(limits.cpu_seconds)) + 1) &&
         set_limit(RLIMIT_FSIZE, static_cast<rlim_t>(kFileSystemMib) * kMib) && set_limit(RLIMIT_NOFILE, 128) &&
         set_limit(RLIMIT_NPROC, static_cast<rlim_t>(limits.processes)) && set_limit(RLIMIT_CORE, kNoCore) &&
         set_limit(RLIMIT_MEMLOCK, 0) && set_limit(RLIMIT_MSGQUEUE, 0) && set_limit(RLIMIT_SIGPENDING, 256) &&
         set_limit(RLIMIT_NICE, 0) && set_limit(RLIMIT_RTPRIO, 0);
}

bool give_up_capabilities() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    // Refused to those who have no capabilities in this namespace, which then have none to lose either.
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) return false;
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
  constexpr unsigned long kLocked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  if (prctl(PR_SET_SECUREBITS, kLocked, 0, 0, 0) != 0 && errno != EPERM) return false;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

bool install_filter(const Filter& filter) {
  const sock_fprog program = {filter.size, const_cast<sock_filter*>(filter.code)};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace

bool map_ids(Confinement& confinement, const Ids& outside, unsigned inside_id) {
  if (!confinement.has(Layer::kUserNamespace)) return true;
  return confinement.apply(Layer::kUserNamespace, [&] { return write_maps(outside, inside_id); });
}

bool enter_user_namespace(Confinement& confinement, unsigned inside_id) {
  const Ids outside = {geteuid(), getegid()};
  return confinement.apply(Layer::kUserNamespace, [&] {
    // Who has dropped its rights may else not write its own map.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return unshare(CLONE_NEWUSER) == 0 && write_maps(outside, inside_id);
  });
}

bool enter_namespaces(Confinement& confinement) {
  const auto enter = [&](Layer layer, int flag) {
    return confinement.has(layer) || confinement.apply(layer, [flag] { return unshare(flag) == 0; });
  };
  return confinement.apply(Layer::kMountNamespace, unshare_mounts) && enter(Layer::kIpcNamespace, CLONE_NEWIPC) &&
         (confinement.has(Layer::kUtsNamespace) ||
          confinement.apply(Layer::kUtsNamespace,
                            [] { return unshare(CLONE_NEWUTS) == 0 && sethostname("jail", 4) == 0; })) &&
         enter(Layer::kNetNamespace, CLONE_NEWNET) && enter(Layer::kCgroupNamespace, CLONE_NEWCGROUP);
}

bool enter_root(Confinement& confinement, const RootView& view) {
  if (!confinement.has(Layer::kMountNamespace)) return true;
  return confinement.apply(Layer::kRoot, [&] { return replace_root(view); });
}

bool mount_tmp(Confinement& confinement, const Limits& limits) {
  if (!confinement.has(Layer::kMountNamespace)) return true;
  return confinement.apply(Layer::kTmp, [&] {
    char options[96];
    // One inode is the root of the file system.
    snprintf(options, sizeof(options), "size=%lldm,nr_inodes=%lld,mode=0700", static_cast<long long>(kFileSystemMib),
             static_cast<long long>(limits.files) + 1);
    return mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
  });
}

bool mount_proc(Confinement& confinement, bool full) {
  if (!confinement.has(Layer::kMountNamespace) || !confinement.has(Layer::kPidNamespace)) return true;
  return confinement.apply(Layer::kProc, [&] {
    constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (full) return mount("proc", "/proc", "proc", kFlags, nullptr) == 0;
    if (mount("proc", "/proc", "proc", kFlags | MS_RDONLY, "subset=pid,hidepid=invisible") == 0) return true;
    if (mount("proc", "/proc", "proc", kFlags | MS_RDONLY, nullptr) == 0) return true;
    // Better none than the one of the processes outside.
    const int error = errno;
    mount("none", "/proc", "tmpfs", kFlags | MS_RDONLY, "size=0,nr_inodes=1,mode=0555");
    errno = error;
    return false;
  });
}

bool lock_down(Confinement& confinement, const Limits& limits, const Filter& filter) {
  return confinement.apply(Layer::kResourceLimits,
                           [&] { return set_limits(limits, confinement.has(Layer::kCgroup)); }) &&
         confinement.apply(Layer::kNoNewPrivileges, [] { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }) &&
         confinement.apply(Layer::kLandlock, restrict_with_landlock) &&
         confinement.apply(Layer::kSeccomp, [&] { return install_filter(filter); }) &&
         confinement.apply(Layer::kCapabilities, give_up_capabilities);
}

}  // namespace assay::sandbox
