#include "sandbox/inside/processor_time.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sandbox/inside/sys.h"

namespace assay::sandbox {
namespace {

// proc(5), "/proc/pid/stat": fields 14 to 17 are utime, stime, cutime and cstime. The name before them may hold
// anything.
double seconds_of(long pid) {
  char path[64], text[1024];
  snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t size = file.ok() ? read(file.get(), text, sizeof(text) - 1) : 0;
  if (size <= 0) return 0;
  text[size] = '\0';
  const char* at = strrchr(text, ')');
  if (at == nullptr) return 0;
  for (int field = 2; field < 14; ++field) {
    at = strchr(at + 1, ' ');
    if (at == nullptr) return 0;
  }
  double ticks = 0;
  for (int i = 0; i < 4; ++i) {
    char* end = nullptr;
    ticks += static_cast<double>(strtoll(at, &end, 10));
    at = end;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double processor_seconds_of_others() {
  const Fd folder(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) return 0;
  const long self = getpid();
  double sum = 0;
  alignas(dirent64) char entries[4096];
  for (;;) {
    // Not readdir(3), which allocates.
    const long size = syscall(SYS_getdents64, folder.get(), entries, sizeof(entries));
    if (size <= 0) return sum;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      at += entry->d_reclen;
      const long pid = atol(entry->d_name);  // 0 where it is no number
      if (pid > 0 && pid != self) sum += seconds_of(pid);
    }
  }
}

}  // namespace assay::sandbox
