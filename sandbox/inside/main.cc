// assay-jail: started by assay with an empty environment and one socket as standard input. See docs/sandbox.md.
//
//   assay-jail programs|python SLOTS [--reduced] [--python PATH]
//
// Its processes, each of which knows no more than it needs:
//   keeper of the control groups   only where it is started as root; knows no job, and removes the groups at the end
//   this process                   without any rights; starts the others before the first job is read, then only waits
//   interpreters                   wait to be forked; know no job
//   slots                          read jobs, one at a time each, with two interpreters each
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "sandbox/inside/filter.h"
#include "sandbox/inside/interpreter.h"
#include "sandbox/inside/slot.h"

namespace assay::sandbox {
namespace {

constexpr unsigned kNobody = 65534;

struct Arguments {
  bool python = false;
  int slots = 1;
  std::string interpreter;
  Confinement confinement;
};

Arguments parse(int count, char** words) {
  Arguments arguments;
  if (count < 3) throw std::runtime_error("assay-jail is started by assay");
  arguments.python = strcmp(words[1], "python") == 0;
  arguments.slots = std::max(1, atoi(words[2]));
  for (int i = 3; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--reduced") {
      arguments.confinement.reduced = 1;
    } else if (word == "--python" && i + 1 < count) {
      arguments.interpreter = words[++i];
#ifdef ASSAY_JAIL_TEST_SWITCHES
    } else if (word.starts_with("--without=")) {
      // Only in the tests' own build: leaves layers out, to show what each of them stops.
      const std::string name = word.substr(strlen("--without="));
      for (int layer = 0; layer < kLayers; ++layer) {
        if (name == layer_name(static_cast<Layer>(layer))) arguments.confinement.without |= 1u << layer;
      }
#endif
    } else {
      throw std::runtime_error("assay-jail does not know " + word);
    }
  }
  return arguments;
}

// Whether this process is root in a user namespace that knows nobody else: then root is an ordinary user outside.
bool is_somebody_else_outside() {
  unsigned inside = 0, outside = 0, count = 0;
  FILE* map = fopen("/proc/self/uid_map", "re");
  const bool known = map != nullptr && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3;
  if (map != nullptr) fclose(map);
  return known && outside != 0 && count == 1;
}

// For good: afterwards there is no id to go back to, and no capability is left.
void drop_rights(Confinement& confinement) {
  const bool ok = confinement.apply(Layer::kUnprivileged, [] {
    if (geteuid() != 0 || is_somebody_else_outside()) return true;
    return setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0 &&
           setresuid(kNobody, kNobody, kNobody) == 0 && setuid(0) != 0;
  });
  if (!ok) throw std::runtime_error(std::string("rights cannot be given up: ") + strerror(confinement.error));
}

// Forks: the child goes on, and this process, which keeps its rights, waits for its end and removes the groups.
void leave_groups_to_parent(ControlGroups& groups) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("no process: ") + strerror(errno));
  if (child == 0) return;
  syscall(SYS_close_range, 0, ~0u, 0);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  groups.remove();
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

// A slot's two interpreters take turns, so they are fastest on one processor: the n-th of those that we may use.
// Without effect where there are more slots than processors.
void stay_on_processor(size_t slot, size_t slots) {
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof(set), &set);
    return set;
  }();
  if (slots > static_cast<size_t>(CPU_COUNT(&allowed))) return;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &allowed) || slot-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    sched_setaffinity(0, sizeof(one), &one);
    return;
  }
}

// Two for each slot, started side by side.
void start_interpreters(const Policy& policy, const std::string& python, std::vector<Slot>& slots) {
  std::vector<Starting> candidates, judges;
  for (size_t i = 0; i < slots.size(); ++i) {
    stay_on_processor(i, slots.size());  // inherited by what is started now
    candidates.push_back(start_interpreter(policy, python, Role::kCandidate, slots[i].group));
    judges.push_back(start_interpreter(policy, python, Role::kJudge, slots[i].judge_group));
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].candidate = wait_until_ready(std::move(candidates[i]), python);
    slots[i].judge = wait_until_ready(std::move(judges[i]), python);
  }
}

// With the first interpreter that can be used.
void start_some_interpreters(const Policy& policy, const std::string& asked, std::vector<Slot>& slots) {
  std::string tried;
  for (const std::string& python : find_pythons(asked, tried)) {
    try {
      return start_interpreters(policy, python, slots);
    } catch (const std::runtime_error& error) {
      if (!tried.empty()) tried += "; ";
      tried += error.what();
    }
  }
  if (tried.empty()) tried = asked.empty() ? "none is in /usr/local/bin, /usr/bin or /bin" : asked + " is not there";
  throw std::runtime_error("no python 3.8 or newer can be used in the jail (" + tried +
                           "); install the package python3");
}

// Every layer of a real job is put on once, with nothing to run. The names of those that were.
std::string probe(const Policy& policy, ControlGroup* group) {
  const Fd nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  Running job = Running::program(policy, group, Limits{}, {}, {nothing.get(), nothing.get(), nothing.get()});
  return layer_names(job.finish().confinement.in_force);
}

struct Child {
  pid_t pid = -1;
  Fd handle;  // pidfd
};

// Forks a process for each slot, which serves and ends; this one goes on without their interpreters.
std::vector<Child> start_slots(std::vector<Slot>& slots) {
  std::vector<Child> children;
  for (size_t i = 0; i < slots.size(); ++i) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error(std::string("no process: ") + strerror(errno));
    if (pid > 0) {
      children.push_back({pid, Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))});
      continue;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) _exit(1);
    if (slots[i].candidate) stay_on_processor(i, slots.size());
    for (size_t other = 0; other < slots.size(); ++other) {
      if (other != i) slots[other] = {};
    }
    try {
      serve(slots[i]);
    } catch (const std::exception&) {
      _exit(1);  // assay is gone, and nobody is left to be told
    }
    _exit(0);
  }
  slots.clear();
  return children;
}

std::vector<Child> set_up(const Arguments& arguments, int jobs) {
  Policy policy;
  policy.confinement = arguments.confinement;
  ControlGroups groups;
  if ((policy.confinement.without & bit(Layer::kCgroup)) == 0) groups = ControlGroups::make(2 * arguments.slots);
  if (!groups.empty()) leave_groups_to_parent(groups);
  drop_rights(policy.confinement);
  // Not where assay itself is the parent: the end of its socket says that it is gone, and the signal would already come
  // when the thread ends that started this process.
  if (!groups.empty()) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  policy.filter = build_filter();
  const std::string layers = probe(policy, groups.empty() ? nullptr : &groups.groups()[0]);
  std::vector<Slot> slots(static_cast<size_t>(arguments.slots));
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].policy = &policy;
    slots[i].jobs = jobs;
    if (groups.empty()) continue;
    slots[i].group = &groups.groups()[2 * i];
    slots[i].judge_group = &groups.groups()[2 * i + 1];
  }
  if (arguments.python) start_some_interpreters(policy, arguments.interpreter, slots);
  const std::string version = arguments.python ? slots[0].candidate->version : "";
  // Keepers whose slot is killed become children of this process, which waits for them: who waits for its end then
  // knows that every job is gone.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  std::vector<Child> children = start_slots(slots);
  send_fields(jobs, {"ready", layers, version});
  return children;
}

// Until assay hangs up, or a slot ends, which none does before. Jobs are not waited for: with their slot they end.
void wait_for_end(const std::vector<Child>& slots, int jobs) {
  std::vector<pollfd> events = {{jobs, 0, 0}};
  for (const Child& slot : slots) events.push_back({slot.handle.get(), POLLIN, 0});
  while (poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
  }
  for (const Child& slot : slots) kill(slot.pid, SIGKILL);
}

int run(int count, char** words) {
  const int jobs = fcntl(0, F_DUPFD_CLOEXEC, 3);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd : {0, 1}) dup2(nothing, fd);
  setsid();  // an interrupt typed at the terminal is for assay, which then ends the conversation
  try {
    wait_for_end(set_up(parse(count, words), jobs), jobs);
  } catch (const std::exception& error) {
    send_fields(jobs, {"error", error.what()});
    return 1;
  }
  // The interpreters end when nobody is left to give them orders.
  while (wait(nullptr) > 0 || errno == EINTR) {
  }
  return 0;
}

}  // namespace
}  // namespace assay::sandbox

int main(int count, char** words) {
  // First of all: nothing that assay had open is open here.
  syscall(SYS_close_range, 3, ~0u, 0);
  return assay::sandbox::run(count, words);
}
