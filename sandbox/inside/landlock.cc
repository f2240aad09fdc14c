#include "sandbox/inside/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "sandbox/inside/sys.h"

namespace assay::sandbox {
namespace {

// Debian 12's headers stop at version 2 of this interface, so what is newer is written down here
// (include/uapi/linux/landlock.h of Linux 6.12).
struct Ruleset {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;  // version 4
  uint64_t scoped;              // version 6
};
struct __attribute__((packed)) PathBeneath {
  uint64_t allowed_access;
  int32_t parent_fd;
};

constexpr uint64_t kExecute = 1 << 0, kWriteFile = 1 << 1, kReadFile = 1 << 2, kReadDir = 1 << 3;
constexpr uint64_t kMakeChar = 1 << 6, kMakeSock = 1 << 9, kMakeBlock = 1 << 11;
constexpr uint64_t kFsVersion1 = (1 << 13) - 1;  // up to MAKE_SYM
constexpr uint64_t kRefer = 1 << 13;             // version 2
constexpr uint64_t kTruncate = 1 << 14;          // version 3
constexpr uint64_t kIoctlDevice = 1 << 15;       // version 5
constexpr uint64_t kBindTcp = 1 << 0, kConnectTcp = 1 << 1;
constexpr uint64_t kAbstractSockets = 1 << 0, kSignals = 1 << 1;
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1, kPathBeneath = 1;

bool allow(int ruleset, const char* path, uint64_t access) {
  const Fd folder(open(path, O_PATH | O_CLOEXEC));
  if (!folder.ok()) return true;  // what is not there needs no permission
  const PathBeneath rule = {access, folder.get()};
  return syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) == 0;
}

}  // namespace

bool restrict_with_landlock() {
  const long version = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return false;
  Ruleset rules = {kFsVersion1, 0, 0};
  if (version >= 2) rules.handled_access_fs |= kRefer;
  if (version >= 3) rules.handled_access_fs |= kTruncate;
  if (version >= 4) rules.handled_access_net = kBindTcp | kConnectTcp;
  if (version >= 5) rules.handled_access_fs |= kIoctlDevice;
  if (version >= 6) rules.scoped = kAbstractSockets | kSignals;
  const size_t size = version >= 6 ? sizeof(rules) : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
  const Fd ruleset(static_cast<int>(syscall(kCreateRuleset, &rules, size, 0)));
  if (!ruleset.ok()) return false;
  const uint64_t reading = kExecute | kReadFile | kReadDir;
  const uint64_t own = rules.handled_access_fs & ~(kMakeChar | kMakeBlock | kMakeSock | kIoctlDevice);
  return allow(ruleset.get(), "/", reading) && allow(ruleset.get(), "/tmp", own) &&
         allow(ruleset.get(), "/dev", reading | kWriteFile) && syscall(kRestrictSelf, ruleset.get(), 0) == 0;
}

}  // namespace assay::sandbox
