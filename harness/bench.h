// The engine's speed on this machine, beside the limits that the machine has.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assay::harness {

struct BenchOptions {
  std::string model;  // empty: limits and matrix products alone
  std::string dtype = "auto";
  std::string kernels = "auto";
  int threads = 0;
};

// One measurement as a share of its limit: arithmetic where many rows share the weights, reading where one does.
struct BenchRow {
  std::string what;
  double value = 0;
  std::string unit;
  double share = 0;  // of the limit; NaN where there is none
};

struct BenchResult {
  std::string kernels;
  std::string dtype;
  int threads = 0;
  double peak_gflops = 0;         // register-only multiply-adds
  double read_gb_per_second = 0;  // from memory
  std::vector<BenchRow> rows;
  // With a model: 512 prompt tokens with the logits of the last; one sequence, 96 tokens after 8.
  std::optional<double> prompt_tokens_per_second;
  std::optional<double> generation_tokens_per_second;
};

// Takes ten seconds or more, and memory for matrices of four times the last-level cache, at most 2 GiB: on a machine
// whose cache is larger than a quarter of that, reading weights for one row is given without a share.
BenchResult run_bench(const BenchOptions& options);

}  // namespace assay::harness
