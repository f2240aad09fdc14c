#include "sandbox/inside/slot.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "sandbox/inside/limits_fields.h"

namespace assay::sandbox {
namespace {

constexpr size_t kFirstOwn = 3;  // behind id, kind and limits

std::string number(double value) {
  return std::to_string(value);
}

// The last line that is not empty.
std::string last_line(const std::string& text) {
  const size_t end = text.find_last_not_of("\r\n");
  if (end == std::string::npos) return "";
  const size_t before = text.rfind('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1,
                     end - (before == std::string::npos ? 0 : before + 1) + 1);
}

// Without a control group an allocation is refused, and the program says so itself, if it can.
bool ended_for_memory(const Report& report, const Limits& limits, const std::string& error_output) {
  return report.status != 0 &&
         (last_line(error_output).starts_with("MemoryError") || report.peak_kib >= limits.memory_mib * 1024 * 95 / 100);
}

std::string outcome_of(const Report& report, const Limits& limits, bool out_of_memory, bool too_much_output,
                       const std::string& error_output) {
  using Ending = Report::Ending;
  if (too_much_output) return "output";
  if (out_of_memory) return "memory";
  if (report.ending == Ending::kTimeout) return "timeout";
  const bool failed = report.ending == Ending::kSignalled || report.status != 0;
  if (failed && report.files_full != 0) return "files";
  if (report.ending == Ending::kExited) return ended_for_memory(report, limits, error_output) ? "memory" : "finished";
  switch (report.status) {
    case SIGSYS:
      return "forbidden";
    case SIGXCPU:
      return "timeout";
    case SIGXFSZ:
      return "files";
    case SIGKILL:
      // The kernel's own limit of processor time, where several processes used it.
      return report.cpu_seconds >= limits.cpu_seconds ? "timeout" : "crash";
    default:
      return "crash";
  }
}

Fields answer(const Slot& slot, const Fields& asked) {
  if (asked.size() < kFirstOwn) throw std::runtime_error("assay and assay-jail are of different versions");
  const Limits limits = limits_of(asked[2]);
  return asked[1] == "grade" ? grade(slot, limits, asked, kFirstOwn) : run_program(slot, limits, asked, kFirstOwn);
}

}  // namespace

bool Output::take(Fd& pipe, std::string& to) {
  char buffer[16384];
  const ssize_t got = read(pipe.get(), buffer, sizeof(buffer));
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) {
    pipe.reset();
    return true;
  }
  const size_t kept = std::min(left_, static_cast<size_t>(got));
  to.append(buffer, kept);
  left_ -= kept;
  return kept == static_cast<size_t>(got);
}

Fields run_program(const Slot& slot, const Limits& limits, const Fields& asked, size_t next) {
  const Fd input = bytes_in_memory(asked.at(next));
  const std::vector<std::string> command(asked.begin() + static_cast<ptrdiff_t>(next) + 1, asked.end());
  Pipe out, error;
  if (!make_pipe(out) || !make_pipe(error)) throw std::runtime_error("a job has no pipes");
  Running job =
      Running::program(*slot.policy, slot.group, limits, command, {input.get(), out.write.get(), error.write.get()});
  out.write.reset();
  error.write.reset();

  Output output(limits.output_kib);
  std::string out_text, error_text;
  bool too_much = false;
  // All three end at the latest when the job has, with everything that it started.
  for (bool reported = false; !reported || out.read.ok() || error.read.ok();) {
    pollfd events[3] = {
        {out.read.get(), POLLIN, 0}, {error.read.get(), POLLIN, 0}, {reported ? -1 : job.report_fd(), POLLIN, 0}};
    if (poll(events, 3, -1) < 0) continue;
    if (events[0].revents != 0) too_much |= !output.take(out.read, out_text);
    if (events[1].revents != 0) too_much |= !output.take(error.read, error_text);
    if (events[2].revents != 0) reported = true;
    if (too_much) job.give_up();
  }
  const Report report = job.finish();
  if (report.ending == Report::Ending::kNotFound) {
    return {"error", "cannot execute " + command.at(0) + " in the jail: " + strerror(report.error)};
  }
  const bool signalled = report.ending == Report::Ending::kSignalled;
  return {"program",
          outcome_of(report, limits, job.out_of_memory(), too_much, error_text),
          std::to_string(report.ending == Report::Ending::kExited ? report.status : 0),
          std::to_string(signalled ? report.status : 0),
          number(report.cpu_seconds * 1000),
          number(report.wall_seconds * 1000),
          layer_names(report.confinement.in_force),
          out_text,
          error_text};
}

void serve(const Slot& slot) {
  while (const std::optional<Fields> asked = receive_fields(slot.jobs)) {
    Fields answered = {asked->empty() ? "" : asked->front()};
    try {
      const Fields result = answer(slot, *asked);
      answered.insert(answered.end(), result.begin(), result.end());
    } catch (const std::exception& error) {
      answered.insert(answered.end(), {"error", error.what()});
    }
    send_fields(slot.jobs, answered);
  }
}

}  // namespace assay::sandbox
