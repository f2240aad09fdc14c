#include "sandbox/jail.h"

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/inside/limits_fields.h"
#include "sandbox/worker.h"

namespace assay::sandbox {
namespace {

Outcome outcome_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Outcome::kOutput); ++i) {
    if (to_string(static_cast<Outcome>(i)) == name) return static_cast<Outcome>(i);
  }
  fail(ExitCode::kInternal, "assay-jail answers with an outcome {}", name);
}

Verdict verdict_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Verdict::kNoVerdict); ++i) {
    if (to_string(static_cast<Verdict>(i)) == name) return static_cast<Verdict>(i);
  }
  fail(ExitCode::kInternal, "assay-jail answers with a verdict {}", name);
}

void check(const Fields& fields, const std::string& kind, size_t size) {
  if (fields.size() == 2 && fields[0] == "error") fail(ExitCode::kUnavailable, "{}", fields[1]);
  if (fields.size() != size || fields[0] != kind) {
    fail(ExitCode::kInternal, "assay and assay-jail are of different versions");
  }
}

ProgramResult program_result(const Fields& fields) {
  check(fields, "program", 9);
  ProgramResult result;
  result.outcome = outcome_named(fields[1]);
  result.exit = std::stoi(fields[2]);
  result.signal = std::stoi(fields[3]);
  result.cpu_ms = std::stod(fields[4]);
  result.wall_ms = std::stod(fields[5]);
  result.layers = split(fields[6], ' ');
  result.out = fields[7];
  result.err = fields[8];
  return result;
}

Grade grade_result(const Fields& fields) {
  check(fields, "grade", 6);
  Grade grade;
  grade.outcome = verdict_named(fields[1]);
  grade.cpu_ms = std::stod(fields[2]);
  grade.wall_ms = std::stod(fields[3]);
  grade.layers = split(fields[4], ' ');
  grade.error = fields[5];
  return grade;
}

void check_limits(const Limits& limits) {
  const auto positive = [](double value, const char* name) {
    if (!(value > 0) || value > 1e9) fail(ExitCode::kUsage, "the limit {} is {}; it must be above 0", name, value);
  };
  positive(limits.cpu_seconds, "cpu");
  positive(limits.wall_seconds, "wall");
  positive(static_cast<double>(limits.memory_mib), "memory");
  positive(static_cast<double>(limits.files), "files");
  positive(static_cast<double>(limits.output_kib), "output");
  positive(static_cast<double>(limits.processes), "processes");
}

template <typename Result>
std::future<Result> ask(Worker& worker, Fields asked, Result (*read)(const Fields&)) {
  const auto promise = std::make_shared<std::promise<Result>>();
  std::future<Result> future = promise->get_future();
  worker.ask(std::move(asked), [promise, read](const Fields& fields) {
    try {
      promise->set_value(read(fields));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  });
  return future;
}

}  // namespace

struct Jail::Impl {
  JailOptions options;
  Worker programs;
  std::mutex mutex;
  std::unique_ptr<Worker> python;  // once it is there it stays

  explicit Impl(const JailOptions& given) : options(given), programs(given, Worker::Kind::kPrograms) {}

  Worker& warm_python() {
    const std::lock_guard lock(mutex);
    if (!python) python = std::make_unique<Worker>(options, Worker::Kind::kPython);
    return *python;
  }
};

Jail::Jail(const JailOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Jail::~Jail() = default;

const std::vector<std::string>& Jail::layers() const {
  return impl_->programs.layers();
}

std::future<ProgramResult> Jail::run(const Program& program) {
  check_limits(program.limits);
  if (program.command.empty()) fail(ExitCode::kUsage, "no program is named to run in the jail");
  Fields asked = {"program", limits_field(program.limits), program.input};
  asked.insert(asked.end(), program.command.begin(), program.command.end());
  return ask(impl_->programs, std::move(asked), program_result);
}

std::future<Grade> Jail::grade(const GradeJob& job) {
  check_limits(job.limits);
  return ask(impl_->warm_python(),
             {"grade", limits_field(job.limits), job.prompt, job.completion, job.test, job.entry_point}, grade_result);
}

void Jail::warm() {
  impl_->warm_python();
}

const std::string& Jail::python() const {
  static const std::string kNone;
  const std::lock_guard lock(impl_->mutex);
  return impl_->python ? impl_->python->python() : kNone;
}

}  // namespace assay::sandbox
