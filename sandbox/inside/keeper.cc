#include "sandbox/inside/keeper.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sandbox/inside/processor_time.h"
#include "sandbox/inside/sys.h"

namespace assay::sandbox {
namespace {

// From the job's setup to init, and from init to the keeper.
struct Setup {
  Confinement confinement;
  int32_t error = 0;  // errno of what is no layer, or of executing the command
};
struct InitReport {
  bool last = false;  // the first one, at the job's start, tells the setup alone
  Report::Ending ending = Report::Ending::kNotHeld;
  int32_t status = 0;
  uint32_t files_full = 0;
  double cpu_seconds = 0;
  Setup setup;
};

// Plain numbers, not Fd: in the job itself nobody may close them on the way back to the interpreter.
struct RawPipe {
  int read = -1, write = -1;
};
bool make_raw_pipe(RawPipe& to) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return false;
  to = {fds[0], fds[1]};
  return true;
}

// Numbers from which on nothing of the job lies.
constexpr int kFirstMoved = 100;

bool move_up(int& fd) {
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kFirstMoved);
  if (moved >= 0) fd = moved;
  return moved >= 0;
}

void default_signals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}
double seconds(const rusage& used) {
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// A job with its descriptors out of the way of the numbers that they are to have, and nothing else open beside 0 to 2.
struct Moved {
  KeeperJob job;
  int fds[kMaxFds];
};
bool move_out(const KeeperJob& job, Moved& to) {
  to.job = job;
  bool ok = move_up(to.job.lifeline) && move_up(to.job.report);
  for (int i = 0; i < job.fd_count; ++i) {
    to.fds[i] = job.fds[i];
    ok = ok && move_up(to.fds[i]);
  }
  to.job.fds = to.fds;
  syscall(SYS_close_range, 3, kFirstMoved - 1, 0);
  return ok;
}

// Descriptors 0, 1, ... of the job; beside them only `kept` stays open.
bool take_descriptors(const KeeperJob& job, int kept) {
  for (int i = 0; i < job.fd_count; ++i) {
    if (dup2(job.fds[i], i) < 0) return false;
  }
  syscall(SYS_close_range, job.fd_count, kept - 1, 0);
  syscall(SYS_close_range, kept + 1, ~0u, 0);
  return true;
}

double processor_seconds(pid_t pid) {
  clockid_t clock;
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

[[noreturn]] void execute(const KeeperJob& job, Setup& setup, int setup_pipe) {
  if (job.command[0] == nullptr) _exit(0);  // a probe of the layers
  char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", home[] = "HOME=/tmp", tmp[] = "TMPDIR=/tmp",
       lang[] = "LANG=C.UTF-8";
  char* const environment[] = {path, home, tmp, lang, nullptr};
  execvpe(job.command[0], job.command, environment);
  setup.error = errno;
  write_all(setup_pipe, &setup, sizeof(setup));
  _exit(127);
}

// The job: returns only where there is no command and every layer is on.
void become_job(const KeeperJob& job, Setup setup, int setup_pipe) {
  default_signals();
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  errno = 0;
  bool ok = move_up(setup_pipe) && take_descriptors(job, setup_pipe);
  if (ok && setup.confinement.has(Layer::kTmp)) ok = chdir("/tmp") == 0;
  ok = ok && lock_down(setup.confinement, job.limits, job.filter);
  // Where others of the same id are to be seen, none may look into this process; executing something else lifts that.
  // Elsewhere init must, to know its time.
  if (!setup.confinement.has(Layer::kPidNamespace)) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!ok && setup.confinement.failed < 0) setup.error = errno;
  write_all(setup_pipe, &setup, sizeof(setup));
  if (!ok) _exit(127);
  if (job.command != nullptr) execute(job, setup, setup_pipe);
  close(setup_pipe);
}

// Where memory is short the kernel ends a job before the processes around it. Best effort: an old limit stays.
bool choose_for_killing() {
  write_file("/proc/self/oom_score_adj", "1000", 4);
  return true;
}

// What init hears of the setup: one message that the layers are on, and a second where the command cannot be executed;
// the end comes when it is executed, or closed by the job. False: the job was not held.
bool hear_setup(int pipe, Setup& setup) {
  if (!read_all(pipe, &setup, sizeof(setup)) || setup.confinement.failed >= 0 || setup.error != 0) return false;
  Setup second;
  if (read_all(pipe, &second, sizeof(second))) setup.error = second.error;
  return true;
}

// The end of a child, and the keeper's word that it is enough.
sigset_t awaited_signals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  return awaited;
}

// Reaps until the job itself has ended or used up its time. Whatever it leaves behind ends with this process.
void watch(const KeeperJob& job, pid_t pid, InitReport& report) {
  const sigset_t awaited = awaited_signals();
  bool given_up = false;
  constexpr double kTicks = 0.02;  // by which the kernel's two ways of counting differ
  double last_seen = 0, vanished = 0;
  for (;;) {
    int status = 0;
    rusage used{};
    for (pid_t ended = wait4(-1, &status, WNOHANG, &used); ended > 0; ended = wait4(-1, &status, WNOHANG, &used)) {
      report.cpu_seconds += seconds(used);
      if (ended != pid) continue;
      const bool exited = WIFEXITED(status);
      report.ending = exited ? Report::Ending::kExited : Report::Ending::kSignalled;
      report.status = exited ? WEXITSTATUS(status) : WTERMSIG(status);
      // One that was about to end by itself when it was killed says how.
      if (given_up && !exited && report.status == SIGKILL) report.ending = Report::Ending::kGivenUp;
      return;
    }
    // Of all processes: one that has others use the time uses it. Those that have ended are in report.cpu_seconds, but
    // for those whose end was ignored (SIGCHLD, signal(7)): their time vanishes, so what had been seen of it is kept.
    const double others = report.setup.confinement.has(Layer::kProc) ? processor_seconds_of_others() : 0;
    const double seen = report.cpu_seconds + std::max(processor_seconds(pid), others);
    if (seen < last_seen - kTicks) vanished += last_seen - seen;
    last_seen = seen;
    const double left = job.limits.cpu_seconds - seen - vanished;
    if (left <= 0) {
      report.ending = Report::Ending::kTimeout;
      report.cpu_seconds = seen + vanished;
      return;
    }
    // Several threads use time faster than the clock.
    const double nap = std::clamp(left / 4, 0.002, 0.05);
    const timespec wait = {0, static_cast<long>(nap * 1e9)};
    siginfo_t sender{};
    // Only who is outside of the pid namespace has no number in it; sigqueue(3) could claim that.
    if (sigtimedwait(&awaited, &sender, &wait) == SIGTERM && sender.si_code == SI_USER &&
        (sender.si_pid == 0 || !report.setup.confinement.has(Layer::kPidNamespace))) {
      given_up = true;
      kill(pid, SIGKILL);
    }
  }
}

bool file_system_is_full() {
  struct statfs state {};
  return statfs("/tmp", &state) == 0 && (state.f_bfree == 0 || state.f_ffree == 0);
}

// Process 1 of the job. Returns in the job, and only there.
void become_init(const KeeperJob& outer, const Confinement& confinement, const Ids& outside, int report_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // The keeper may have died before that was said; then nobody reads the pipe.
  pollfd keeper = {report_pipe, 0, 0};
  if (poll(&keeper, 1, 0) > 0) _exit(0);
  default_signals();
  // Blocked before the fork, so that none is missed.
  const sigset_t awaited = awaited_signals();
  sigprocmask(SIG_BLOCK, &awaited, nullptr);

  Moved moved;
  const KeeperJob& job = moved.job;
  InitReport report;
  report.setup.confinement = confinement;
  Confinement& held = report.setup.confinement;
  RawPipe setup;
  const bool ok = move_up(report_pipe) && move_out(outer, moved) && map_ids(held, outside, job.inside_id) &&
                  enter_namespaces(held) && (job.root == nullptr || enter_root(held, *job.root)) &&
                  mount_tmp(held, job.limits) && choose_for_killing() && mount_proc(held, false) &&
                  make_raw_pipe(setup);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const pid_t pid = ok ? fork() : -1;
  if (pid == 0) {
    become_job(job, report.setup, setup.write);
    return;
  }
  if (pid > 0) {
    close(setup.write);
    // A reader of the job's pipes waits for the job's end, not for this process's.
    for (int i = 0; i < job.fd_count; ++i) close(job.fds[i]);
    const bool was_held = hear_setup(setup.read, report.setup);
    write_all(report_pipe, &report, sizeof(report));  // in case that this process is killed, with the job
    watch(job, pid, report);
    if (!was_held) report.ending = Report::Ending::kNotHeld;
    if (was_held && report.setup.error != 0) report.ending = Report::Ending::kNotFound;
    report.files_full = held.has(Layer::kTmp) && file_system_is_full() ? 1 : 0;
  } else if (held.failed < 0) {
    report.setup.error = errno;
  }
  report.last = true;
  write_all(report_pipe, &report, sizeof(report));
  _exit(0);
}

// Forks into new user and pid namespaces, which must come first and together: the one gives the right to the other. A
// bare system call, because there is no other way to do it in one step; in the child it is the same as fork(2) but for
// what the C library does at a fork, which that child has no use for.
pid_t fork_into_namespaces(Confinement& held) {
  const Layer layers[] = {Layer::kUserNamespace, Layer::kPidNamespace};
  const unsigned long flags[] = {CLONE_NEWUSER, CLONE_NEWPID};
  // Both; in reduced mode also without the first (for those who have the right already), or without any.
  for (size_t from = 0; from <= 2; ++from) {
    unsigned long wanted = 0;
    uint32_t bits = 0;
    for (size_t i = from; i < 2; ++i) {
      if ((held.without & bit(layers[i])) != 0) continue;
      wanted |= flags[i];
      bits |= bit(layers[i]);
    }
    const auto pid = static_cast<pid_t>(syscall(SYS_clone, wanted | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    if (pid >= 0) {
      held.in_force |= bits;
      return pid;
    }
    if (held.reduced == 0) break;
  }
  held.failed = static_cast<int32_t>(Layer::kUserNamespace);
  held.error = errno;
  return -1;
}

// Ends init, which first ends the job and says what came of it; one that does not within a second is killed.
void end_init(pid_t init) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, init, 0)));
  kill(init, SIGTERM);
  pollfd event = {handle.get(), POLLIN, 0};
  poll(&event, 1, 1000);
  kill(init, SIGKILL);
}

// Waits for init, for the end of the lifeline and for wall time. Returns what came; kExited for init.
Report::Ending wait_for_init(const KeeperJob& job, pid_t init, double begin) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, init, 0)));
  for (;;) {
    const double left = begin + job.limits.wall_seconds - monotonic_seconds();
    if (left <= 0) return Report::Ending::kTimeout;
    pollfd events[2] = {{handle.get(), POLLIN, 0}, {job.lifeline, POLLIN, 0}};
    if (poll(events, 2, static_cast<int>(std::min(left * 1000 + 1, 1e6))) < 0) continue;
    if (events[0].revents != 0) return Report::Ending::kExited;
    if (events[1].revents != 0) return Report::Ending::kGivenUp;
  }
}

// Without a pid namespace of the job: this process is the reaper of its orphans, so whatever is left is its child. One
// pass may miss what is being forked; nothing is left when there are no children.
void end_descendants() {
  for (;;) {
    char path[64], list[4096];
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", static_cast<int>(getpid()));
    const Fd file(open(path, O_RDONLY | O_CLOEXEC));
    const ssize_t size = file.ok() ? read(file.get(), list, sizeof(list) - 1) : 0;
    if (size <= 0) return;
    list[size] = '\0';
    char* at = list;
    for (long pid = strtol(at, &at, 10); pid > 0; pid = strtol(at, &at, 10)) {
      kill(static_cast<pid_t>(pid), SIGKILL);
      waitpid(static_cast<pid_t>(pid), nullptr, 0);
    }
  }
}

// What init has told, or what its silence says: `came`, or that the kernel killed it for memory. What init saw comes
// first: the caller may give up because the job's pipes close.
void fill_report(const RawPipe& pipe, Report::Ending came, Report& report) {
  InitReport inside;
  for (InitReport next; read_all(pipe.read, &next, sizeof(next));) {
    inside = next;
    report.confinement = inside.setup.confinement;
  }
  if (!inside.last) {
    report.ending = came == Report::Ending::kExited ? Report::Ending::kSignalled : came;
    report.status = SIGKILL;
    return;
  }
  const bool given_up = inside.ending == Report::Ending::kGivenUp && came != Report::Ending::kExited;
  report.ending = given_up ? came : inside.ending;
  report.status = inside.status;
  report.error = inside.setup.error;
  report.cpu_seconds = inside.cpu_seconds;
  report.files_full = inside.files_full;
}

// Until the job ends, the caller gives up, or time is used up. Returns what came; kExited for the job's end.
Report::Ending watch_fork(const KeeperJob& job, pid_t pid, double begin) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  for (;;) {
    const double cpu_left = job.limits.cpu_seconds - processor_seconds(pid);
    const double left = std::min(cpu_left, begin + job.limits.wall_seconds - monotonic_seconds());
    if (left <= 0) return Report::Ending::kTimeout;
    pollfd events[2] = {{handle.get(), POLLIN, 0}, {job.lifeline, POLLIN, 0}};
    if (poll(events, 2, static_cast<int>(std::min(left * 1000 + 1, 1e6))) < 0) continue;
    if (events[0].revents != 0) return Report::Ending::kExited;
    if (events[1].revents != 0) return Report::Ending::kGivenUp;
  }
}

}  // namespace

Where keep_job(const KeeperJob& job) {
  const double begin = monotonic_seconds();
  Report report;
  RawPipe pipe;
  Confinement& held = report.confinement;
  held = job.confinement;
  const Ids outside = {geteuid(), getegid()};
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else who has dropped its rights may not write the map of its child's ids
  const pid_t init = make_raw_pipe(pipe) ? fork_into_namespaces(held) : -1;
  if (init == 0) {
    close(pipe.read);
    become_init(job, held, outside, pipe.write);
    return Where::kJob;
  }
  const int error = errno;
  close(pipe.write);
  for (int i = 0; i < job.fd_count; ++i) close(job.fds[i]);
  if (init > 0) {
    const Report::Ending came = wait_for_init(job, init, begin);
    if (came != Report::Ending::kExited) end_init(init);
    rusage used{};
    while (wait4(init, nullptr, 0, &used) < 0 && errno == EINTR) {
    }
    if (!held.has(Layer::kPidNamespace)) end_descendants();
    fill_report(pipe, came, report);
    report.cpu_seconds = std::max(report.cpu_seconds, seconds(used));
    report.peak_kib = used.ru_maxrss;
  } else {
    report.error = error;
  }
  close(pipe.read);
  report.wall_seconds = monotonic_seconds() - begin;
  write_all(job.report, &report, sizeof(report));
  return Where::kKeeper;
}

Where keep_in_own_jail(const KeeperJob& job) {
  const double begin = monotonic_seconds();
  RawPipe pipe;
  Setup setup;
  setup.confinement = job.confinement;
  const pid_t pid = make_raw_pipe(pipe) ? fork() : -1;
  if (pid == 0) {
    close(pipe.read);
    Moved moved;
    if (!move_up(pipe.write) || !move_out(job, moved)) _exit(127);
    become_job(moved.job, setup, pipe.write);
    return Where::kJob;
  }
  Report report;
  report.error = errno;
  close(pipe.write);
  for (int i = 0; i < job.fd_count; ++i) close(job.fds[i]);
  if (pid > 0) {
    const bool was_held = hear_setup(pipe.read, setup);
    const Report::Ending came = was_held ? watch_fork(job, pid, begin) : Report::Ending::kNotHeld;
    if (came != Report::Ending::kExited) kill(pid, SIGKILL);
    rusage used{};
    int status = 0;
    while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR) {
    }
    end_descendants();
    report.ending = came;
    if (came == Report::Ending::kExited && WIFSIGNALED(status)) report.ending = Report::Ending::kSignalled;
    report.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    report.error = setup.error;
    report.cpu_seconds = seconds(used);
  }
  report.confinement = setup.confinement;
  close(pipe.read);
  report.wall_seconds = monotonic_seconds() - begin;
  write_all(job.report, &report, sizeof(report));
  return Where::kKeeper;
}

}  // namespace assay::sandbox
