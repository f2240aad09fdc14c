#include "sandbox/inside/launch.h"

#include <sys/wait.h>

#include <cstring>
#include <stdexcept>

#include "sandbox/inside/zygote_order.h"

namespace assay::sandbox {
namespace {

[[noreturn]] void fail_with(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + strerror(error));
}

}  // namespace

Running::Running(ControlGroup* group, const Limits& limits) : group_(group) {
  if (group_ == nullptr) return;
  group_->set_limits(limits);
  kills_before_ = group_->kills();
}

Running Running::program(const Policy& policy, ControlGroup* group, const Limits& limits,
                         const std::vector<std::string>& command, const std::vector<int>& fds) {
  Running running(group, limits);
  Pipe lifeline, report;
  if (!make_pipe(lifeline) || !make_pipe(report)) fail_with("a job cannot be started", errno);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  running.keeper_ = fork();
  if (running.keeper_ < 0) fail_with("a job cannot be started", errno);
  if (running.keeper_ == 0) {
    lifeline.write.reset();
    const RootView root;
    KeeperJob job;
    job.limits = limits;
    job.confinement = policy.confinement;
    job.filter = {policy.filter.data(), static_cast<unsigned short>(policy.filter.size())};
    job.root = &root;
    job.command = words.data();
    job.fds = fds.data();
    job.fd_count = static_cast<int>(fds.size());
    job.lifeline = lifeline.read.get();
    job.report = report.write.get();
    job.confinement.apply(Layer::kCgroup, [group] { return group != nullptr && group->join(); });
    keep_job(job);
    _exit(0);
  }
  running.lifeline_ = std::move(lifeline.write);
  running.report_ = std::move(report.read);
  return running;
}

Running Running::fork_of(const Interpreter& interpreter, Role role, const Policy& policy, ControlGroup* group,
                         const Limits& limits, const std::vector<int>& fds) {
  Running running(group, limits);
  Pipe lifeline, report;
  if (!make_pipe(lifeline) || !make_pipe(report)) fail_with("a job cannot be started", errno);
  ZygoteOrder order;
  order.limits = limits;
  order.confinement = policy.confinement;
  order.confinement.in_force |= interpreter.layers;
  order.in_own_jail = role == Role::kJudge ? 1 : 0;
  std::vector<int> all = fds;
  all.push_back(lifeline.read.get());
  all.push_back(report.write.get());
  if (!send_packet(interpreter.control.get(), &order, sizeof(order), all.data(), static_cast<int>(all.size()))) {
    fail_with("the interpreter is gone", errno);
  }
  running.lifeline_ = std::move(lifeline.write);
  running.report_ = std::move(report.read);
  return running;
}

Running::~Running() {
  give_up();
  if (keeper_ > 0 && report_.ok()) waitpid(keeper_, nullptr, 0);
}

Report Running::finish() {
  Report report;
  const bool told = read_all(report_.get(), &report, sizeof(report));
  report_.reset();
  if (keeper_ > 0) waitpid(keeper_, nullptr, 0);
  if (!told) throw std::runtime_error("the process that keeps a job died before it could report");
  if (report.ending == Report::Ending::kNotHeld) {
    const int32_t layer = report.confinement.failed;
    if (layer >= 0) {
      fail_with(std::string("layer ") + layer_name(static_cast<Layer>(layer)) + " cannot be put on",
                report.confinement.error);
    }
    fail_with("a job cannot be started", report.error);
  }
  out_of_memory_ = group_ != nullptr && group_->kills() > kills_before_;
  return report;
}

std::string layer_names(uint32_t bits) {
  std::string names;
  for (int i = 0; i < kLayers; ++i) {
    const auto layer = static_cast<Layer>(i);
    if ((bits & bit(layer)) == 0) continue;
    if (!names.empty()) names += ' ';
    names += layer_name(layer);
  }
  return names;
}

}  // namespace assay::sandbox
