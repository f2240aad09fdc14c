#include "scorers/code.h"

#include "base/error.h"
#include "base/hash.h"

namespace assay::scorers {
namespace {

const std::string& field_of(const datasets::Sample& sample, const char* key, const std::string& field) {
  const auto found = sample.fields.find(field);
  if (found == sample.fields.end() || found->second.empty()) {
    fail_input("sample {}: the scorer's key {} names the field {}, which the sample lacks; add it to [data.fields]",
               sample.id, key, field);
  }
  return found->second;
}

CodeSpec read_code_spec(SpecReader& spec) {
  CodeSpec read;
  read.prompt = spec.text_or("prompt", read.prompt);
  read.entry_point = spec.text_or("entry_point", read.entry_point);
  if (spec.has("cut")) {
    read.cut = spec.text("cut");
    if (read.cut->empty()) spec.wrong("cut", "a text that is not empty");
  }
  return read;
}

// PROTOCOLS.md §7, humaneval_instruct: "completion cut at the first ```".
std::string completion_of(const CodeSpec& spec, const std::string& text) {
  return spec.cut ? text.substr(0, text.find(*spec.cut)) : text;
}

}  // namespace

sandbox::GradeJob grade_job(const CodeSpec& spec, const Answer& answer) {
  sandbox::GradeJob job;
  // PROTOCOLS.md §7, humaneval_instruct: "program = {prompt} (raw) + it + test", whatever was asked.
  job.prompt = field_of(answer.sample, "prompt", spec.prompt);
  job.completion = completion_of(spec, generated(answer).text);
  job.test = answer.gold.text;
  job.entry_point = field_of(answer.sample, "entry_point", spec.entry_point);
  return job;
}

std::string whole_program(const sandbox::GradeJob& job) {
  // PROTOCOLS.md §5: "{prompt} + completion + ⏎ + {test} + ⏎check({entry_point})"; the gold holds the last two.
  return job.prompt + job.completion + "\n" + job.test;
}

Score score_grade(const sandbox::GradeJob& job, const sandbox::Grade& grade) {
  Score score;
  score.extracted["completion"] = job.completion;
  score.values["passed"] = grade.outcome == sandbox::Verdict::kPassed ? 1 : 0;
  score.execution =
      Execution{to_string(grade.outcome),      grade.grading, grade.cpu_ms, grade.wall_ms, grade.layers, grade.error,
                sha256_hex(whole_program(job))};
  return score;
}

Rule code_rule(SpecReader& spec) {
  Rule rule;
  rule.version = "code/2";
  rule.names = {{"passed", "pass@1", ""}};
  const CodeSpec read = read_code_spec(spec);
  rule.judge = [read](const Answer& answer) {
    Score score;
    score.extracted["completion"] = completion_of(read, generated(answer).text);
    return score;
  };
  rule.program = [read](const Answer& answer) { return grade_job(read, answer); };
  return rule;
}

}  // namespace assay::scorers
