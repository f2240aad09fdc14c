// What a run took: tokens and programs of its own, and what the model took for its whole batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::reports {

// For all runs of a batch together, which share what they compute.
struct BatchCost {
  size_t sessions = 0;    // processes that computed for it
  size_t unfinished = 0;  // of them those that compute still, were killed or failed: what they did is in no other field
  std::vector<std::string> computed_by;  // "cpu avx512bf16 bf16, 8 threads", each once
  double load_seconds = 0;
  double seconds = 0;            // of computing, wall time, without loading
  int64_t prompt_tokens = 0;     // that were computed: what requests share counts once
  int64_t generated_tokens = 0;  // the same
  int64_t requests = 0;          // calls of an endpoint
  // Operations of the network's weights as a share of what the machine can do in that time (store::SessionWork), over
  // the sessions that looked at its limit; none: none did. Attention and the output matrix come on top.
  std::optional<double> peak_share;
};

struct RunCost {
  std::optional<int64_t> prompt_tokens;  // as asked, whatever was shared between requests; none: an answer lacks them
  std::optional<int64_t> generated_tokens;  // none where an answer lacks them, 0 where nothing is generated
  double program_cpu_seconds = 0;           // of the programs that were executed to judge answers
  double program_wall_seconds = 0;
  std::optional<BatchCost> batch = {};  // none: nothing is on record
};

RunCost cost_of(const std::vector<store::StoredSample>& samples, const std::vector<store::ComputeSession>& sessions);

store::Json cost_json(const RunCost& cost);
// "12 prompt tokens, 3 generated tokens, programs ran 1.2 s, its batch computed for 40.1 s"; "cost not known".
std::string cost_words(const RunCost& cost);

}  // namespace assay::reports
