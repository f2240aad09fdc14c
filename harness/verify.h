// `assay verify`: a certificate checked by somebody who need not trust whoever wrote it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "harness/certificate_rerun.h"
#include "harness/rerun_engine.h"

namespace assay::harness {

struct VerifyOptions {
  std::string certificate;
  std::string samples;  // empty: the certificate's name with .samples.jsonl
  std::string root;     // as published elsewhere; empty: only inner consistency can be checked
  // The model, to ask samples again; empty: none are.
  std::string model;
  std::string tokenizer;
  size_t items = 50;
  std::optional<uint64_t> seed;
  bool ignore_hash = false;
  bool data = false;  // compare the samples with the task's data, also without a model
  Elsewhere elsewhere;
  RerunMachine machine;
  int threads = 0;
};

struct Verification {
  Certificate certificate;
  size_t lines = 0;
  CertificateCheck check;
  bool root_given = false;
  struct Model {
    uint64_t seed = 0;
    std::vector<FactDifference> other;
    std::vector<FactDifference> machine;
    std::vector<FactDifference> build;
    std::string kernels;                // in use
    std::optional<double> tolerance;    // none: bits were compared
    std::optional<RerunResult> result;  // none where the model is another and that was not ignored
  };
  std::optional<Model> model;

  ExitCode exit_code() const;
};

// Errors: kUsage for options, kIo and kBadInput for files that are no certificate, and those of certificate_rerun.h and
// rerun_engine.h. Whatever is not as certified is in the result instead.
Verification verify(const VerifyOptions& options, const std::atomic<bool>& stop);

std::string verification_text(const Verification& verification);
store::Json verification_json(const Verification& verification);

}  // namespace assay::harness
