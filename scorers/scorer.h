// From a response to a score. A scorer is pure: the same request and response give the same score, for ever; a change
// of rule is a new version. Rules and their sentences: PROTOCOLS.md. Immutable and thread-safe.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/sample.h"
#include "engine/request.h"

namespace assay::sandbox {
struct Grade;
struct GradeJob;
}  // namespace assay::sandbox

namespace assay::scorers {

// What became of a program that was executed to judge a response (INTERFACE.md, "execution").
struct Execution {
  std::string outcome;  // "passed", "failed", "timeout", ... (sandbox/jail.h, Verdict)
  std::string grading;  // "strict" or "fallback"
  double cpu_ms = 0;
  double wall_ms = 0;
  std::vector<std::string> layers;  // that held the program; "limits" in export
  std::string error;                // last lines; empty where it passed
  std::string code_sha256;          // of the whole program

  bool operator==(const Execution&) const = default;
};

struct Score {
  std::map<std::string, double> values;          // by score name: "acc", "acc_norm", or the filter's name
  std::map<std::string, std::string> extracted;  // by filter name; generation only
  std::optional<int> prediction;                 // likelihood only
  std::optional<Execution> execution = {};       // where a program was executed
};

class Scorer {
 public:
  // `spec` is a task's [protocol.NAME.scorer] table. Error(kBadInput) names `where`, the key and the nearest right one.
  static Scorer from_spec(const nlohmann::json& spec, const std::string& where);

  // "multiple_choice/1": the kind and the version of its rules, for the manifest.
  std::string version() const;
  // Names of the scores it gives, in report order, with metric name and filter: {"strict-match", "exact_match",
  // "strict-match"}; {"acc", "acc", ""}.
  struct ScoreName {
    std::string score;
    std::string metric;
    std::string filter;
  };
  const std::vector<ScoreName>& names() const;
  // Whether a verdict needs the program to be executed (HumanEval): scores are then empty without an execution.
  bool needs_execution() const;

  Score score(const datasets::Sample& sample, const datasets::Gold& gold, const engine::Request& request,
              const engine::Response& response) const;

  // The program whose execution decides (scorers/code.h); nothing where the sample's rule needs none. Error(kBadInput)
  // for a sample that lacks a part of it.
  std::optional<sandbox::GradeJob> program(const datasets::Sample& sample, const datasets::Gold& gold,
                                           const engine::Request& request, const engine::Response& response) const;
  // The score of a response whose program() was executed.
  Score score(const sandbox::GradeJob& program, const sandbox::Grade& grade) const;

  struct Impl;

 private:
  explicit Scorer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace assay::scorers
