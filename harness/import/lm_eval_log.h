// Per-sample logs of lm-evaluation-harness 0.4.x as its --log_samples writes them: samples_<task>_<time>.jsonl, and
// beside them results_<time>.json. Read into plain values; nothing here knows Assay's tasks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::harness {

// One document with everything that was asked and answered. Where several filters read one answer, each has a line of
// its own in the file and one entry in `scores` here.
struct LmEvalSample {
  int doc_id = 0;
  size_t line = 0;  // of the file, from 1
  store::Json doc;
  store::Json target;
  std::string prompt;  // where a likelihood has several contexts (winogrande): all, joined by a newline
  std::vector<std::string> continuations;  // likelihood
  std::vector<double> logprobs;
  std::vector<bool> greedy;
  store::Json generation;          // its arguments: until, do_sample, ...; null for a likelihood
  std::vector<std::string> texts;  // generation: one an answer
  std::map<std::string, std::map<std::string, double>> scores;  // by filter ("none"), by metric
};

struct LmEvalLog {
  std::filesystem::path path;
  std::string task;                   // as the file's name has it: mmlu_anatomy
  std::filesystem::path folder;       // of the file
  std::vector<LmEvalSample> samples;  // by doc_id
  store::Json results;                // of the results file; null where it is missing
  std::vector<std::string> left_out;  // metrics that are no number a sample, or not averaged by their mean
};

// Error(kBadInput) with one sentence, file and line: a file name of another form, an empty file, what is no JSON or cut
// short, a missing field, a log-probability or score that is no finite number, a document that is missing or occurs
// twice with one filter, perplexity logs (loglikelihood_rolling). Error(kIo) where the file cannot be read.
LmEvalLog read_lm_eval_log(const std::filesystem::path& path);

}  // namespace assay::harness
