// The half of `assay verify` that needs more than the files: the benchmark's data, to see that the samples are those of
// the task, and the model, to ask some of them again.
#pragma once

#include <string>
#include <vector>

#include "harness/certificate_check.h"
#include "harness/prepare.h"
#include "harness/recorded.h"
#include "harness/rerun.h"

namespace assay::harness {

// The certificate's task rendered from its manifest, with the samples that the certificate has. `asks` is in their
// order: asks[i] belongs to line i; nothing where the task has no such sample.
struct CertifiedTask {
  PreparedRun prepared;
  std::vector<std::optional<engine::Request>> asks;
};

// Renders it, and adds to `check` each line that is not what the task asks: prompt hash, continuations, gold, place in
// the data. Errors: kUnavailable without the data, or for what cannot be rendered from a manifest (a text of the
// user's, a chat template); kBadInput where the task file or the data here is another than the certificate's, naming
// both hashes.
CertifiedTask render_certified(const Certificate& certificate, const std::vector<SampleLine>& lines,
                               const Elsewhere& elsewhere, CertificateCheck& check);

// The `items` samples that the root and a seed choose (draw_samples with the key "ROOT:SEED").
std::vector<Rerun> choose_certified(const Certificate& certificate, const std::vector<SampleLine>& lines,
                                    const CertifiedTask& task, size_t items, uint64_t seed);

}  // namespace assay::harness
