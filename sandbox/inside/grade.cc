// Strict grading: the completion in one process, the test in another, values between them as data. The slot between
// them reads neither the values nor the completion's output, only the verdict of the judge, on a pipe of its own.
#include <signal.h>

#include <algorithm>
#include <stdexcept>

#include "sandbox/inside/slot.h"

namespace assay::sandbox {
namespace {

constexpr size_t kVerdictBytes = 16384;
constexpr size_t kErrorBytes = 2000;

// The test may work as long as it needs to check answers that came in time, and must outlive the completion so as to
// hear of its end.
Limits limits_of_judge(const Limits& limits) {
  Limits more = limits;
  more.cpu_seconds = limits.cpu_seconds + 10;
  more.wall_seconds = limits.wall_seconds + 10;
  return more;
}

std::string tail(const std::string& text, size_t bytes) {
  return text.size() <= bytes ? text : text.substr(text.size() - bytes);
}

struct Findings {
  Report candidate;
  bool candidate_out_of_memory = false;
  bool candidate_ended_early = false;  // before the judge was done
  bool too_much_output = false;
  std::string verdict;  // a letter and the error: Passed, Failed, Unsupported, Memory
};

std::string outcome_of(const Findings& found, const Limits& limits) {
  using Ending = Report::Ending;
  if (found.too_much_output) return "output";
  if (!found.verdict.empty() && found.verdict[0] == 'P') return "passed";
  const Report& report = found.candidate;
  if (found.candidate_out_of_memory) return "memory";
  if (report.ending == Ending::kTimeout) return "timeout";
  if (report.ending == Ending::kSignalled) {
    if (report.status == SIGSYS) return "forbidden";
    const bool used_up =
        report.status == SIGXCPU || (report.status == SIGKILL && report.cpu_seconds >= limits.cpu_seconds);
    return used_up ? "timeout" : "crash";
  }
  if (found.verdict.empty()) return "no_verdict";
  switch (found.verdict[0]) {
    case 'M':
      return "memory";
    case 'U':
      return "unsupported";
    default:
      return "failed";
  }
}

}  // namespace

Fields grade(const Slot& slot, const Limits& limits, const Fields& asked, size_t next) {
  if (!slot.candidate || !slot.judge) throw std::runtime_error("this assay-jail was started without an interpreter");
  const std::string &prompt = asked.at(next), &completion = asked.at(next + 1), &test = asked.at(next + 2),
                    &entry_point = asked.at(next + 3);
  const Fd nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  Pipe calls, answers, output, verdict;
  if (!nothing.ok() || !make_pipe(calls) || !make_pipe(answers) || !make_pipe(output) || !make_pipe(verdict)) {
    throw std::runtime_error("a job has no pipes");
  }
  // What this process hands over: the completion's side is told nothing of the test.
  const Fd for_candidate = fields_in_memory({prompt, completion, entry_point});
  const Fd for_judge = fields_in_memory({prompt, test, entry_point});
  Running candidate = Running::fork_of(*slot.candidate, Role::kCandidate, *slot.policy, slot.group, limits,
                                       {nothing.get(), output.write.get(), output.write.get(), for_candidate.get(),
                                        calls.read.get(), answers.write.get()});
  Running judge = Running::fork_of(*slot.judge, Role::kJudge, *slot.policy, slot.judge_group, limits_of_judge(limits),
                                   {nothing.get(), nothing.get(), nothing.get(), for_judge.get(), answers.read.get(),
                                    calls.write.get(), verdict.write.get()});
  for (Fd* end : {&output.write, &calls.read, &calls.write, &answers.read, &answers.write, &verdict.write})
    end->reset();

  Output printed(limits.output_kib);
  Findings found;
  std::string output_text;
  bool candidate_done = false, judge_done = false;
  while (!candidate_done || !judge_done || output.read.ok() || verdict.read.ok()) {
    pollfd events[4] = {{output.read.get(), POLLIN, 0},
                        {verdict.read.get(), POLLIN, 0},
                        {candidate_done ? -1 : candidate.report_fd(), POLLIN, 0},
                        {judge_done ? -1 : judge.report_fd(), POLLIN, 0}};
    if (poll(events, 4, -1) < 0) continue;
    if (events[0].revents != 0 && !printed.take(output.read, output_text)) {
      found.too_much_output = true;
      candidate.give_up();
    }
    if (events[1].revents != 0) {
      char buffer[4096];
      const ssize_t got = read(verdict.read.get(), buffer, sizeof(buffer));
      if (got <= 0) {
        verdict.read.reset();
      } else {
        found.verdict.append(buffer, std::min(static_cast<size_t>(got), kVerdictBytes - found.verdict.size()));
      }
    }
    if (events[2].revents != 0) candidate_done = true;
    if (events[3].revents != 0) {
      judge_done = true;
      candidate.give_up();  // nobody will call it any more
    }
  }
  judge.finish();
  found.candidate = candidate.finish();
  found.candidate_out_of_memory = candidate.out_of_memory();
  const std::string outcome = outcome_of(found, limits);
  std::string error;
  if (outcome != "passed") {
    error = found.verdict.size() > 1 ? found.verdict.substr(1) : output_text;
  }
  return {"grade",
          outcome,
          std::to_string(found.candidate.cpu_seconds * 1000),
          std::to_string(found.candidate.wall_seconds * 1000),
          layer_names(found.candidate.confinement.in_force),
          tail(error, kErrorBytes)};
}

}  // namespace assay::sandbox
