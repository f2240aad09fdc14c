// Whether a certificate and its samples belong together, from the files alone: hashes, then scores and metrics computed
// again. Everything that is wrong is a sentence of its own, naming the field, metric or sample.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/certificate.h"
#include "harness/sample_line.h"
#include "scorers/metrics.h"
#include "scorers/scorer.h"

namespace assay::harness {

struct CertificateCheck {
  std::vector<std::string> checked;      // what was looked at
  std::vector<std::string> not_checked;  // and what not, and why
  std::vector<std::string> mismatches;
};

// How a task is scored and averaged, without its data.
struct TaskScoring {
  scorers::Scorer scorer;
  scorers::Averaging averaging;
};

// The scoring of the certificate's task, from the built-in tasks and `tasks_dirs`. Nothing where there is no such task,
// or its file or scorer is another than the certificate's: `why` says which.
std::optional<TaskScoring> scoring_of(const Certificate& certificate, const std::vector<std::string>& tasks_dirs,
                                      std::string& why);

// The lines that can be read, in the file's order; those that cannot are mismatches.
std::vector<SampleLine> read_sample_lines(const std::vector<std::string_view>& lines, CertificateCheck& check);

// Hashes of fields and lines against those listed, and those listed against the root. A line whose hash is not listed
// is told as changed where the hash of its place is not found either, with what looks changed (`scoring` where there is
// one), else as additional.
void check_hashes(const Certificate& certificate, const std::vector<std::string_view>& lines,
                  const std::optional<TaskScoring>& scoring, CertificateCheck& check);

// What the certificate says in two places: task, protocol, number of samples; no answer twice.
void check_agreement(const Certificate& certificate, const std::vector<SampleLine>& lines, CertificateCheck& check);

// Scores from responses, and metrics from scores.
void check_scores(const std::vector<SampleLine>& lines, const TaskScoring& scoring, CertificateCheck& check);
void check_metrics(const Certificate& certificate, const std::vector<SampleLine>& lines, const TaskScoring& scoring,
                   CertificateCheck& check);

// What of a line's score does not follow from its response and gold: "scores" or "prediction" (or "extracted"), with
// both values; empty where all follows. Nothing where the score cannot be computed from the line: it needs an execution
// or the text that was asked for.
std::optional<std::string> score_difference(const SampleLine& line, const scorers::Scorer& scorer);

}  // namespace assay::harness
