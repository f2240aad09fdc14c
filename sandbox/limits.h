// What a job may use. Plain values, shared by the program and assay-jail.
#pragma once

#include <cstdint>

namespace assay::sandbox {

// PROTOCOLS.md §5: "3 s CPU, 30 s wall, 1 GiB, 64 KiB of output, recorded in the result." Processor time decides; wall
// time is a generous precaution, so that a verdict does not depend on how busy the machine is.
struct Limits {
  double cpu_seconds = 3;
  double wall_seconds = 30;
  int64_t memory_mib = 1024;
  int64_t files = 4096;     // files and folders in the job's own file system, which holds kFileSystemMib in all
  int64_t output_kib = 64;  // of standard output and error together
  int64_t processes = 32;   // and threads, at one time
};

inline constexpr int64_t kFileSystemMib = 16;

}  // namespace assay::sandbox
