#include "sandbox/self_test.h"

#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "sandbox/inside/layers.h"

namespace assay::sandbox {
namespace {

// A shell program and what must come of it.
struct Trial {
  Layer layer;
  const char* tried;
  std::string script;
  std::function<bool(const ProgramResult&)> holds;
};

Limits small_limits() {
  Limits limits;
  limits.cpu_seconds = 2;
  limits.wall_seconds = 10;
  limits.memory_mib = 64;
  return limits;
}

std::string own_namespace(const char* name) {
  char link[128];
  const ssize_t size = readlink(("/proc/self/ns/" + std::string(name)).c_str(), link, sizeof(link));
  return {link, static_cast<size_t>(std::max<ssize_t>(size, 0))};
}

Trial other_namespace(Layer layer, const char* name) {
  const std::string outside = own_namespace(name);
  return {layer, "its number differs from the one outside", "readlink /proc/self/ns/" + std::string(name),
          [outside](const ProgramResult& result) {
            const std::string inside(python_strip(result.out));
            return !inside.empty() && inside != outside;
          }};
}

std::function<bool(const ProgramResult&)> prints(const std::string& expected) {
  return [expected](const ProgramResult& result) { return python_strip(result.out) == expected; };
}

std::function<bool(const ProgramResult&)> ends_as(Outcome outcome) {
  return [outcome](const ProgramResult& result) { return result.outcome == outcome; };
}

std::vector<Trial> trials() {
  return {
      {Layer::kUnprivileged, "who owns /usr", "stat -c %u /usr",
       // The owner, root outside, is nobody whom the jail knows.
       prints("65534")},
      {Layer::kCgroup, "to use more memory than it may", "head -c 200m /dev/zero | tail", ends_as(Outcome::kMemory)},
      other_namespace(Layer::kUserNamespace, "user"),
      other_namespace(Layer::kMountNamespace, "mnt"),
      other_namespace(Layer::kIpcNamespace, "ipc"),
      other_namespace(Layer::kUtsNamespace, "uts"),
      other_namespace(Layer::kNetNamespace, "net"),
      other_namespace(Layer::kCgroupNamespace, "cgroup"),
      other_namespace(Layer::kPidNamespace, "pid"),
      {Layer::kRoot, "to see /etc and /home, and to write to /usr",
       "ls -d /etc/passwd /home /root 2>/dev/null; touch /usr/assay 2>/dev/null && echo written; echo end",
       prints("end")},
      {Layer::kTmp, "to write more files than it may", "i=0; while : >/tmp/$i; do i=$((i+1)); done",
       ends_as(Outcome::kFiles)},
      {Layer::kProc, "to find processes that are not its own, and /proc/sys",
       "ls -d /proc/sys 2>/dev/null; set -- /proc/[0-9]*; echo $(($# < 5))", prints("1")},
      {Layer::kResourceLimits, "to raise a limit", "ulimit -t unlimited 2>/dev/null && echo raised; ulimit -c",
       prints("0")},
      {Layer::kNoNewPrivileges, "what the kernel says of it", "sed -n 's/^NoNewPrivs:\\t//p' /proc/self/status",
       prints("1")},
      {Layer::kCapabilities, "what the kernel says of them",
       "sed -n 's/^Cap\\(Eff\\|Prm\\|Bnd\\|Amb\\):\\t//p' /proc/self/status | sort -u", prints("0000000000000000")},
      {Layer::kSeccomp, "to make a namespace", "exec unshare -U true", ends_as(Outcome::kForbidden)},
  };
}

std::string what_came(const ProgramResult& result) {
  std::string said(python_strip(result.out));
  if (said.empty()) said = python_strip(result.err);
  return to_string(result.outcome) + (said.empty() ? "" : ", " + printable(said));
}

}  // namespace

std::vector<LayerReport> self_test(const JailOptions& options) {
  Jail jail(options);
  const std::vector<Trial> all = trials();
  std::vector<std::future<ProgramResult>> results;
  for (const Trial& trial : all) {
    // A wide file limit would only take longer to meet.
    Limits limits = small_limits();
    limits.files = 64;
    results.push_back(jail.run({{"sh", "-c", trial.script}, "", limits}));
  }
  std::vector<LayerReport> reports;
  for (int i = 0; i < kLayers; ++i) {
    const auto layer = static_cast<Layer>(i);
    LayerReport report;
    report.name = layer_name(layer);
    report.in_force = std::find(jail.layers().begin(), jail.layers().end(), report.name) != jail.layers().end();
    const auto trial = std::find_if(all.begin(), all.end(), [&](const Trial& each) { return each.layer == layer; });
    if (trial != all.end()) {
      const ProgramResult result = results[static_cast<size_t>(trial - all.begin())].get();
      report.tested = report.in_force;
      report.passed = report.in_force && trial->holds(result);
      report.detail = std::string("tried ") + trial->tried + ": " + what_came(result);
    } else {
      report.detail = "nothing shows it while the other layers hold";
    }
    reports.push_back(report);
  }
  return reports;
}

}  // namespace assay::sandbox
