// Certificates of a small run, to be tampered with.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/certificate.h"
#include "tests/harness/small_run.h"

namespace assay::testing {

// A certificate with its samples, as a forger would have them before him.
struct Forgery {
  harness::Certificate certificate;
  std::vector<std::string> lines;

  // Changes one line: the text as JSON, keys in their order.
  void edit_line(size_t i, const std::function<void(nlohmann::ordered_json&)>& change);
  // New hashes and a new root for what is there now.
  void certify_anew();
};

// A small run and the certificates of its two runs.
class Certified {
 public:
  explicit Certified(const std::filesystem::path& shared_model);

  const SmallRun& run() const { return run_; }
  // "words" or "stories".
  std::filesystem::path certificate(const std::string& task) const { return run_ / (task + ".json"); }
  Forgery read(const std::string& task) const;
  // Writes it under another name and verifies that.
  Outcome verify(const Forgery& forgery, std::vector<std::string> more = {}) const;

 private:
  SmallRun run_;
};

}  // namespace assay::testing
