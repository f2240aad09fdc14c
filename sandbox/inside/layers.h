// The layers that hold a job, and which of them are in force. docs/sandbox.md says what each one stops.
#pragma once

#include <cerrno>
#include <cstdint>

namespace assay::sandbox {

// In the order in which they are put on.
enum class Layer : uint32_t {
  kUnprivileged,  // an id without rights outside
  kCgroup,        // memory and number of processes, of all processes together
  kUserNamespace,
  kMountNamespace,
  kIpcNamespace,
  kUtsNamespace,
  kNetNamespace,
  kCgroupNamespace,
  kPidNamespace,
  kRoot,  // a root of its own: nothing but the system's programs, read-only
  kTmp,   // a private file system, bounded in bytes and files
  kProc,  // a /proc of its own processes alone
  kResourceLimits,
  kNoNewPrivileges,
  kCapabilities,  // none, and none to be had
  kLandlock,
  kSeccomp,
};
inline constexpr int kLayers = 17;

constexpr const char* layer_name(Layer layer) {
  constexpr const char* kNames[kLayers] = {
      "unprivileged", "cgroup", "userns", "mntns",   "ipcns",        "utsns",        "netns",    "cgroupns", "pidns",
      "root",         "tmpfs",  "proc",   "rlimits", "no_new_privs", "capabilities", "landlock", "seccomp"};
  return kNames[static_cast<uint32_t>(layer)];
}

constexpr uint32_t bit(Layer layer) {
  return 1u << static_cast<uint32_t>(layer);
}

// Layers that a kernel or a machine may lack although the jail holds: Landlock came with Linux 5.13, control groups
// need root or delegation, and a container may forbid a new /proc (there is none then). Every other one is required,
// unless the user asked for --sandbox reduced.
constexpr bool is_optional(Layer layer) {
  return layer == Layer::kCgroup || layer == Layer::kCgroupNamespace || layer == Layer::kProc ||
         layer == Layer::kLandlock;
}

// Which layers to put on, which are on, and the first that could not be.
struct Confinement {
  uint32_t reduced = 0;  // nonzero: a missing layer is passed over
  uint32_t without = 0;  // bits of layers to leave out: the test build's switch, else 0
  uint32_t in_force = 0;
  int32_t failed = -1;  // layer that stopped it
  int32_t error = 0;    // errno of that

  bool has(Layer layer) const { return (in_force & bit(layer)) != 0; }

  // put() puts the layer on and returns whether it did, with errno where it did not. False: give up.
  template <typename Put>
  bool apply(Layer layer, Put&& put) {
    if ((without & bit(layer)) != 0) return true;
    if (put()) {
      in_force |= bit(layer);
      return true;
    }
    if (is_optional(layer) || reduced != 0) return true;
    failed = static_cast<int32_t>(layer);
    error = errno;
    return false;
  }
};

}  // namespace assay::sandbox
