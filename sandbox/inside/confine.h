// The layers themselves, as functions over a Confinement. Called in a process of one thread that will become a job or
// keep one; each changes that process for good. False: a required layer failed, and the Confinement says which.
#pragma once

#include <linux/filter.h>

#include <cstddef>

#include "sandbox/inside/layers.h"
#include "sandbox/limits.h"

namespace assay::sandbox {

// A system-call filter as the kernel takes it.
struct Filter {
  const sock_filter* code = nullptr;
  unsigned short size = 0;  // instructions
};

// What a root of its own shows beside the system's programs.
struct RootView {
  const char* extra_tree = nullptr;  // a folder, at the same path, read-only; null: none
  // Small files in /assay of the new root, read-only.
  struct File {
    const char* path;  // "/assay/zygote.so"
    const void* data;
    size_t size;
  };
  const File* files = nullptr;
  size_t file_count = 0;
};

// Who a process is, outside of its user namespace.
struct Ids {
  unsigned user, group;
};

// In a user namespace that this process was forked into, or makes now with unshare: it is `inside_id` there, and nobody
// else is anybody. Nothing without such a namespace.
bool map_ids(Confinement& confinement, const Ids& outside, unsigned inside_id);
bool enter_user_namespace(Confinement& confinement, unsigned inside_id);

// Mount, ipc, uts, net and cgroup namespaces, but for those that are in force.
bool enter_namespaces(Confinement& confinement);

// A root on a tmpfs with /usr and what belongs to it bound read-only, /dev with null, zero, full, random and urandom,
// and empty /tmp and /proc. Needs a mount namespace of its own, else it does nothing. The working directory is / after.
bool enter_root(Confinement& confinement, const RootView& view);

// An empty /tmp of kFileSystemMib and limits.files.
bool mount_tmp(Confinement& confinement, const Limits& limits);

// A /proc of this pid namespace; `full`: with the files that are not about processes, which a later one inside needs to
// be allowed.
bool mount_proc(Confinement& confinement, bool full);

// What is left to do in the job itself: resource limits, no new privileges, Landlock, the filter, and last all
// capabilities, of this process and of whatever it executes.
bool lock_down(Confinement& confinement, const Limits& limits, const Filter& filter);

}  // namespace assay::sandbox
