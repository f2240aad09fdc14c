// What the interpreter loads: it waits here for orders, and comes back out as a job. See zygote.py.
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>

#include "sandbox/inside/keeper.h"
#include "sandbox/inside/sys.h"
#include "sandbox/inside/zygote_order.h"

namespace assay::sandbox {
namespace {

// Loaded once, in the one thread of the interpreter, before the first job.
Filter filter;

bool load_filter(const char* path) {
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  struct stat state {};
  if (!file.ok() || fstat(file.get(), &state) != 0) return false;
  const auto size = static_cast<size_t>(state.st_size);
  void* code = malloc(size);
  if (code == nullptr || !read_all(file.get(), code, size)) return false;
  filter = {static_cast<sock_filter*>(code), static_cast<unsigned short>(size / sizeof(sock_filter))};
  return true;
}

// Returns in the job, and in the keeper after the job's end.
Where carry_out(const ZygoteOrder& order, const int* fds, int count) {
  KeeperJob job;
  job.limits = order.limits;
  job.confinement = order.confinement;
  job.filter = filter;
  job.fds = fds;
  job.fd_count = count - 2;
  job.lifeline = fds[count - 2];
  job.report = fds[count - 1];
  const Where where = order.in_own_jail != 0 ? keep_in_own_jail(job) : keep_job(job);
  if (where == Where::kKeeper) {
    close(job.lifeline);
    close(job.report);
  }
  return where;
}

}  // namespace
}  // namespace assay::sandbox

// Says that the interpreter is ready; `greeting`: its version and layers. Returns 0 where that cannot be said.
extern "C" __attribute__((visibility("default"))) int assay_ready(const char* greeting, const char* filter_path) {
  using namespace assay::sandbox;
  return load_filter(filter_path) && send_packet(kZygoteControl, greeting, strlen(greeting), nullptr, 0) ? 1 : 0;
}

// Waits for orders and keeps one job after another. Returns 1 in a job, 0 where nobody is left to give orders.
extern "C" __attribute__((visibility("default"))) int assay_next_job() {
  using namespace assay::sandbox;
  for (;;) {
    ZygoteOrder order;
    int fds[kMaxFds], count = 0;
    const ssize_t got = receive_packet(kZygoteControl, &order, sizeof(order), fds, count);
    if (got != sizeof(order) || count < 2) return 0;
    if (carry_out(order, fds, count) == Where::kJob) return 1;
  }
}
