// Numbers that others published, with their sources: datasets/published/published.csv, compiled into the program. A
// plain value, so that reports may show it (docs/architecture.md names this door).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

struct PublishedNumber {
  std::string system;   // "Llama 3 8B"
  std::string variant;  // pretrained, instruct, vendor (as the vendor offers it; no split is known)
  std::string task;     // mmlu, arc_challenge, agieval_en, gsm8k, humaneval, ...
  std::string metric;   // accuracy, accuracy_macro, accuracy_micro, exact_match, f1, pass@1, ...
  double value = 0;     // 0 to 100
  std::string printed;  // the value's digits as the source has them: "63.0"
  std::string unit;     // percent, or f1_x100
  std::string shots;    // as printed: "5", "3-5", "variable"; empty where the source does not say
  std::string setting;  // chain of thought, maj@k, subset, scoring form
  std::string reported_by;
  std::string source;
  std::string source_date;  // "2024-04-18", or without the day
  std::string confidence;   // primary (read in the publisher's own repository), copy, memory (recalled only)
  std::string notes;
};

// Error(kBadInput) with file and line: other columns, a value outside 0 to 100, another variant, unit or confidence, an
// empty field that must not be empty.
std::vector<PublishedNumber> parse_published(std::string_view text, const std::string& file);

// The rows of the program's own table that may be shown: those that are recalled only (memory) are not among them.
std::vector<PublishedNumber> published_numbers();

}  // namespace assay::datasets
