// From token sequences to steps: what two sequences share is computed once.
//
// All sequences of a run are known before the first step, so the prefix tree needs no nodes, no hashing and no
// eviction: sequences sorted by their token ids are the tree in depth-first order, and what a sequence shares with all
// before it is its longest common prefix with its predecessor. The walk keeps the pages of the predecessor and of the
// sequences that are still generating; a page shared whole is counted, a page shared up to its middle is copied.
//
//   plan:  sort, longest common prefixes (prefix_order.h), and for every wanted logit the sequence that computes its
//          position. The first token of a generation is wanted of the last position of its prompt, so that the samples
//          of one prompt draw from the same logits.
//   step:  one row for every generating sequence, then prompt tokens of the next sequences up to the budget
//
// A generation is admitted only when the pages of its longest possible end are free, so a run never gets stuck.
// What a response is does not depend on any of this: pages, copies and steps decide where and when a row is computed,
// never from what. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/model/model.h"

namespace assay::engine {

// Tokens whose log-probabilities are wanted: target t is scored by the logits at input position `position`.
struct ScoredSequence {
  struct Want {
    int position = 0;
    TokenId token = 0;
  };
  std::vector<TokenId> inputs;  // at least one token
  std::vector<Want> wants;      // at least one
};

struct GeneratedSequence {
  std::vector<TokenId> prompt;  // at least one token
  int max_tokens = 0;           // at least 1
  Sampling sampling;
};

struct SchedulerLimits {
  int step_tokens = 512;     // at least 1
  int64_t pages = 0;         // that the cache may have
  int max_generating = 256;  // sequences that generate at once; at most step_tokens of them do
};

class Scheduler {
 public:
  // Error(kUnavailable) with the numbers where a single sequence needs more pages than there are.
  Scheduler(std::vector<ScoredSequence> scored, std::vector<GeneratedSequence> generated, SchedulerLimits limits);
  ~Scheduler();

  // Exact costs, known before the first step.
  int64_t unshared_tokens() const;
  int64_t prompt_tokens() const;
  int64_t prompt_tokens_done() const;
  int64_t generated_tokens_done() const;
  int64_t generated_tokens_left() const;  // at most
  // The pages that this run uses: ids are below it. At most the limit, and where more would gain nothing, less.
  int64_t peak_pages() const;
  int64_t pages_in_use() const;

  bool done() const;

  // Next step; valid until the next call. Not to be called when done().
  const Step& next_step();

  // Takes the results of the step that next_step returned. `on_scored(sequence, results)` is called once all wants of a
  // scored sequence are known (in their order); `on_token(sequence, token)` for each generated token, and its answer
  // says whether the sequence goes on. A sequence that reached max_tokens ends by itself.
  struct Sink {
    std::function<void(size_t sequence, std::vector<LogProbability> results)> on_scored;
    std::function<bool(size_t sequence, TokenId token)> on_token;
  };
  void absorb(const StepResult& result, const Sink& sink);

  // For an error message: a sequence that computes row `row` of the current step.
  struct Owner {
    bool generated = false;
    size_t sequence = 0;
  };
  Owner owner_of_row(int row) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::engine
