// Published numbers beside a run of the same model and task. A number that was measured in the same way is compared
// with the run's interval; any other is shown with its setting, and never as equal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "datasets/published.h"
#include "reports/text_style.h"
#include "store/store.h"

namespace assay::reports {

// What of a run decides which numbers belong beside it.
struct Measured {
  std::string model;   // as it was named: a folder, a file, a Hugging Face name
  std::string system;  // the batch's tag `system`, which overrides the name; empty: none
  std::string task;
  std::string protocol;
  int shots = -1;      // -1: unknown
  int samples = 0;     // items asked
  int max_tokens = 0;  // of a greedy generation; 0: nothing is generated; -1: sampled, or unknown
  bool chat = false;
  std::vector<scorers::Metric> metrics;
};

// From manifest and metrics; what the manifest does not know stays as above.
Measured measured_by(const store::Run& run, const std::map<std::string, std::string>& tags);

struct Reference {
  datasets::PublishedNumber number;
  bool same_setting = false;
  std::optional<bool> agrees;  // same setting alone: the number lies in the run's 95 % interval
  std::string sentence;        // "agrees within the interval (64.62 .. 66.18)", "lies outside the interval (...)",
                               // "measured with another setting (5-shot; maj@1)"
};

// Those of the model's system and variant on the task, same settings first, then by date. A number published by a
// vendor without saying which variant stands beside both.
std::vector<Reference> references_for(const Measured& measured, const std::vector<datasets::PublishedNumber>& numbers);

// A line a number under a heading, each with its sentence below it; empty where there are none. `side`: whose they are,
// before the heading.
std::string references_text(const std::vector<Reference>& references, const TextStyle& style = {},
                            const std::string& side = "");
store::Json references_json(const std::vector<Reference>& references);

}  // namespace assay::reports
