// What each layer stops. For every layer there is an attack, and the layers that would stop it too (its masks):
//   all on                        contained
//   only the layer off            contained by the masks; not contained where there are none
//   only the masks off            contained: by this layer alone
//   the masks and the layer off   the attack succeeds
// A jail that can leave layers out is a build of its own, for this test.
#include "sandbox/inside/layers.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "tests/sandbox/attacks.h"
#include "tests/sandbox/jails.h"
#include "tests/sandbox/surroundings.h"

namespace assay::sandbox {
namespace fs = std::filesystem;
namespace {

struct Row {
  Layer layer;
  const char* attack;
  std::vector<Layer> masks;
  Attack::How how;
  // Says REACHED, or passes as a completion, or leaves @OUTSIDE@ (which does not exist before), where it succeeds.
  const char* program;
  bool reduced = false;  // without the layer others cannot be put on either
};

using How = Attack::How;

const Row kRows[] = {
    {Layer::kUnprivileged,
     "to read a file that only root may read",
     {Layer::kRoot},
     How::kShell,
     "cat @PRIVATE@ >/dev/null && echo REACHED"},
    {Layer::kCgroup,
     "384 MiB in twelve processes, where 96 are allowed",
     {},
     How::kPython,
     "ends = os.pipe()\n"
     "for i in range(12):\n"
     "    if os.fork() == 0:\n"
     "        held = bytearray(b'x') * (32 << 20)\n"
     "        os.write(ends[1], b'x')\n"
     "        time.sleep(5)\n"
     "        os._exit(0)\n"
     "os.close(ends[1])\n"
     "held = b''\n"
     "while len(held) < 12:\n"
     "    held += os.read(ends[0], 12) or exit('killed')\n"
     "print('REACHED')\n"},
    {Layer::kUserNamespace,
     "a program that makes who runs it root",
     {Layer::kRoot, Layer::kNoNewPrivileges},
     How::kShell,
     "[ \"$(@SETUID@ -u)\" = 0 ] && echo REACHED",
     true},
    {Layer::kMountNamespace, "a file in /tmp that is seen outside", {}, How::kShell, "echo here >@OUTSIDE@"},
    {Layer::kIpcNamespace,
     "shared memory of others",
     {Layer::kSeccomp},
     How::kPython,
     "libc.shmat.restype = ctypes.c_long\n"
     "if libc.shmat(@SHM@, None, 0o10000) != -1:\n"
     "    print('REACHED')\n"},
    {Layer::kUtsNamespace,
     "the name of the machine",
     {},
     How::kPython,
     "print('REACHED' if os.uname().nodename == '@HOST@' else os.uname().nodename)\n"},
    {Layer::kNetNamespace,
     "a server on this machine",
     {Layer::kSeccomp, Layer::kLandlock},
     How::kPython,
     "import socket\n"
     "socket.create_connection(('127.0.0.1', @PORT@), 2)\n"
     "print('REACHED')\n"},
    {Layer::kCgroupNamespace,
     "the names of the control groups outside",
     {},
     How::kPython,
     "text = open('/proc/self/cgroup').read()\n"
     "print(text, 'REACHED' if any(not line.endswith(':/') for line in text.split()) else '')\n"},
    {Layer::kPidNamespace,
     "a signal to a process outside",
     {Layer::kLandlock},
     How::kPython,
     "for pid in (@PIDS@):\n"
     "    try:\n"
     "        os.kill(pid, signal.SIGCONT)\n"
     "        print('REACHED')\n"
     "    except OSError as error:\n"
     "        print(error)\n"},
    {Layer::kRoot,
     "to read a file that everybody may read",
     {},
     How::kShell,
     "cat /etc/passwd >/dev/null && echo REACHED"},
    {Layer::kTmp, "a file in /tmp that is seen outside", {Layer::kRoot}, How::kShell, "echo here >@OUTSIDE@"},
    {Layer::kProc,
     "the list of the processes outside",
     {},
     How::kPython,
     "print('REACHED' if os.path.exists('/proc/@SELF@/cmdline') and len(os.listdir('/proc')) > 20 else '')\n"},
    {Layer::kResourceLimits,
     "a thousand open files",
     {},
     How::kPython,
     "held = [os.open('/dev/null', os.O_RDONLY) for i in range(1000)]\n"
     "print('REACHED')\n"},
    {Layer::kNoNewPrivileges,
     "a program that makes who runs it root",
     {Layer::kRoot, Layer::kUserNamespace},
     How::kShell,
     "[ \"$(@SETUID@ -u)\" = 0 ] && echo REACHED",
     true},
    {Layer::kCapabilities,
     "to mount something",
     {Layer::kSeccomp, Layer::kLandlock},
     How::kGrade,
     "    import ctypes\n"
     "    if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0:\n"
     "        return x * 2\n"},
    {Layer::kLandlock,
     "to write to a file that everybody may write to",
     {Layer::kRoot},
     How::kShell,
     "echo here >>@PUBLIC@ && echo REACHED"},
    {Layer::kSeccomp,
     "a user namespace of its own, with all rights in it",
     {},
     How::kPython,
     "raw(272, 0x10000000)\n"
     "print('REACHED')\n"},
};

// Files outside of /tmp, which every job sees as its own.
class Outside {
 public:
  Outside() {
    std::string pattern = "/var/tmp/assay-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    chmod(folder_.c_str(), 0755);
    for (const auto& [name, mode] : {std::pair("private", 0600u), std::pair("public", 0666u)}) {
      fs::copy_file("/etc/hostname", folder_ / name);
      chmod((folder_ / name).c_str(), mode);
    }
    fs::copy_file("/usr/bin/id", folder_ / "setuid");
    chmod((folder_ / "setuid").c_str(), 04755);
  }
  ~Outside() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(seen(), ignored);
  }
  fs::path seen() const { return std::string("/tmp/") + kMark + "-" + std::to_string(getpid()); }
  std::string aim(std::string text) const {
    char host[256] = {};
    gethostname(host, sizeof(host) - 1);
    text = replace_all(text, "@PRIVATE@", (folder_ / "private").string());
    text = replace_all(text, "@PUBLIC@", (folder_ / "public").string());
    text = replace_all(text, "@SETUID@", (folder_ / "setuid").string());
    text = replace_all(text, "@OUTSIDE@", seen().string());
    return replace_all(text, "@HOST@", host);
  }

 private:
  fs::path folder_;
};

// What a row cannot be tried without, or empty.
std::string lacking(const Row& row, As as, const std::vector<std::string>& in_force) {
  if (std::find(in_force.begin(), in_force.end(), layer_name(row.layer)) == in_force.end()) return "not in force here";
  if (as == As::kRoot) return "";
  if (row.layer == Layer::kUnprivileged) return "a user has no rights to give up";
  if (geteuid() != 0 && std::string(row.program).find("@SETUID@") != std::string::npos) {
    return "only root can make a program that makes who runs it root";
  }
  if (row.layer == Layer::kCgroupNamespace) {
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
      if (!line.ends_with(":/")) return "";
    }
    return "this process is in no control group that has a name";
  }
  return "";
}

enum class Result { kContained, kReached, kNotStarted };
std::string to_text(Result result) {
  return result == Result::kContained ? "contained" : result == Result::kReached ? "REACHED" : "not started";
}

class Layers : public ::testing::TestWithParam<As> {
 protected:
  // What an attack comes to without these layers; `said` is for messages.
  Result without(const Row& row, const std::vector<Layer>& layers, std::string& said) const {
    JailOptions options = jail_with_switches().options(GetParam(), 1);
    options.reduced = row.reduced;
    for (const Layer layer : layers) options.switches.push_back(std::string("--without=") + layer_name(layer));
    Attack attack;
    attack.how = row.how;
    attack.program = outside_.aim(surroundings_.aim(row.program));
    attack.prompt = "def f(x):\n    \"\"\"Twice.\"\"\"\n";
    attack.test = "assert f(2) == 4\n";
    attack.limits = tight_limits();
    attack.limits.memory_mib = 96;
    // Without a user namespace every process of the id counts, not those of the job alone.
    if (row.reduced) attack.limits.processes = 4096;
    fs::remove(outside_.seen());
    try {
      Jail held(options);
      const Happened happened = start(held, attack).get();
      said = happened.outcome + ": " + happened.said + " (" + join(happened.layers, " ") + ")";
      const bool reached = happened.said.find("REACHED") != std::string::npos || happened.outcome == "passed" ||
                           fs::exists(outside_.seen());
      return reached ? Result::kReached : Result::kContained;
    } catch (const Error& error) {
      said = error.what();
      return Result::kNotStarted;
    }
  }

  Surroundings surroundings_;
  Outside outside_;
};

TEST_P(Layers, EachStopsSomethingAlone) {
  const std::vector<std::string> in_force = [&] {
    Jail held(jail_with_switches().options(GetParam(), 1));
    return held.layers();
  }();
  std::vector<int> rows_of(kLayers, 0);
  printf("layers as %s\n%-13s %-51s %-22s %-10s %-11s %-11s %s\n", to_string(GetParam()).c_str(), "layer", "attack",
         "masks", "all on", "layer off", "masks off", "both off");
  for (const Row& row : kRows) {
    const std::string name = layer_name(row.layer);
    SCOPED_TRACE(name + ": " + row.attack);
    ++rows_of[static_cast<size_t>(row.layer)];
    if (const std::string lack = lacking(row, GetParam(), in_force); !lack.empty()) {
      printf("%-13s skipped: %s\n", name.c_str(), lack.c_str());
      continue;
    }
    std::vector<Layer> both = row.masks;
    both.push_back(row.layer);
    std::string masks, said[4];
    for (const Layer mask : row.masks) masks += std::string(masks.empty() ? "" : ", ") + layer_name(mask);
    const Result all = without(row, {}, said[0]), alone = without(row, {row.layer}, said[1]),
                 masks_off = without(row, row.masks, said[2]), none = without(row, both, said[3]);
    printf("%-13s %-51s %-22s %-10s %-11s %-11s %s\n", name.c_str(), row.attack, masks.empty() ? "-" : masks.c_str(),
           to_text(all).c_str(), to_text(alone).c_str(), to_text(masks_off).c_str(), to_text(none).c_str());
    EXPECT_EQ(to_text(all), to_text(Result::kContained)) << said[0];
    EXPECT_EQ(to_text(alone), to_text(row.masks.empty() ? Result::kReached : Result::kContained)) << said[1];
    EXPECT_EQ(to_text(masks_off), to_text(Result::kContained)) << said[2];
    EXPECT_EQ(to_text(none), to_text(Result::kReached)) << said[3];
  }
  for (int i = 0; i < kLayers; ++i) {
    EXPECT_GE(rows_of[static_cast<size_t>(i)], 1) << layer_name(static_cast<Layer>(i)) << " has no attack";
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, Layers, ::testing::ValuesIn(ways_to_run()),
                         [](const auto& way) { return to_string(way.param); });

}  // namespace
}  // namespace assay::sandbox
