// A certificate: one hash (the root) that stands for a run's manifest, its metrics and every sample, together with the
// hash of each of them, so that what was changed can be named. docs/certificates.md says exactly what is hashed, and
// what a certificate proves.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace assay::harness {

struct Certificate {
  std::string root;
  std::string task;
  std::string protocol;
  int64_t n = 0;       // lines of samples
  std::string scorer;  // the scoring that the scores come from; newer than the manifest's after `assay rescore`
  store::Json manifest;
  store::Json metrics;  // a list, as in `assay show --json`

  struct Leaf {
    std::string name;  // "certificate.task", "manifest.asked.shots", "metrics.0"
    std::string hash;
  };
  std::vector<Leaf> fields;          // of everything but the samples, as the file gives them
  std::vector<std::string> samples;  // of each line of the samples
};

// Salts the lines (of `export --stable`, without newlines), and makes the certificate of them. Error(kBadInput) for a
// run that is not done.
Certificate make_certificate(const store::Run& run, std::vector<std::string>& lines);

// The hashes that the certificate's content has, in the order of the root: certificate, manifest, metrics.
std::vector<Certificate::Leaf> field_leaves(const Certificate& certificate);
// The hash of one line of samples, without its newline.
std::string sample_leaf(std::string_view line);
// The root that the hashes give which the certificate lists.
std::string listed_root(const Certificate& certificate);

// The file. Reading: Error(kIo), or kBadInput naming the file and what is wrong with its form; not whether it is true.
std::string certificate_text(const Certificate& certificate);
Certificate read_certificate(const std::filesystem::path& path);

// "metric acc (macro)" of an entry of the metrics, for messages.
std::string metric_name(const store::Json& metric);

}  // namespace assay::harness
