// Stored answers computed again: which samples, and what is not as it was. What `assay replay` and the second half of
// `assay verify` share.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace assay::harness {

// Which `wanted` of `n` samples are computed again, as ascending indices: those with the smallest lottery numbers,
// where the number of index i is SHA-256("KEY:i") in hexadecimal. All of them where there are no more. The same key
// gives the same samples, a larger `wanted` a superset, and nobody chooses the samples without choosing the key.
std::vector<size_t> draw_samples(size_t n, size_t wanted, const std::string& key);

struct Rerun {
  std::string name;  // of the sample, for messages
  engine::Request request;
  // As recorded. What is not known of an answer from elsewhere (prompt_tokens = -1, no greedy flags, no token ids) is
  // not compared.
  engine::Response recorded;
  std::optional<int64_t> tokens = {};  // generated, where the ids themselves are not known
  bool end_known = true;               // whether GenerateResponse::finish is
};

// What became of a generated text that is not the recorded one (rerun_texts.h).
enum class TextVerdict {
  kFailed,     // must be equal, or is not what this model says
  kNearTie,    // accounted for by tokens that are all but equally likely
  kUndecided,  // cannot be told
};

struct RerunDifference {
  size_t rerun = 0;    // index of the sample among those that were computed again
  std::string sample;  // its name
  std::string what;    // "logprobs[2]", "text"
  std::string recorded;
  std::string now;
  bool failed = true;  // false: allowed by the tolerance
  std::optional<TextVerdict> text = {};
};

// Counts over all samples. Of one without an answer (a NaN) every recorded log-probability counts as different.
struct RerunResult {
  size_t samples = 0;
  size_t logprobs = 0;  // compared
  size_t logprobs_differ = 0;
  size_t logprobs_failed = 0;  // of those that differ: by more than the tolerance; without one, all
  double largest = 0;          // difference of two log-probabilities
  size_t texts = 0;
  size_t texts_differ = 0;    // in text, token ids, or the reason of their end
  size_t flags_differ = 0;    // greedy flags
  size_t lengths_differ = 0;  // numbers of prompt tokens and of scored tokens
  std::vector<size_t> unanswered;
  std::string stopped;  // why there are unanswered ones: the engine's own sentence (a NaN)
  bool interrupted = false;
  std::vector<RerunDifference> differences;  // in the order of the samples

  bool all_equal() const {
    return logprobs_differ + texts_differ + flags_differ + lengths_differ + unanswered.size() == 0;
  }
  size_t texts_that(TextVerdict verdict) const;
  bool failed() const;
  bool undecided() const { return !failed() && texts_that(TextVerdict::kUndecided) > 0; }
};

// Compares one answer with the recorded one and adds to `result`. Without a tolerance everything must be equal, numbers
// bit by bit. With one, log-probabilities may differ by it (that of a whole text by it for each scored token), greedy
// flags may differ, since two tokens may be all but equally likely, and a text that differs is kUndecided at first.
void compare_answer(size_t rerun, const Rerun& sample, const engine::Response& now, std::optional<double> tolerance,
                    RerunResult& result);

// Asks the engine for all of them at once, compares each answer, and judges the texts that differ (rerun_texts.h). A
// model that gives a NaN leaves samples unanswered: the result says so. Other errors are the engine's.
RerunResult rerun(engine::Engine& engine, const std::vector<Rerun>& samples, std::optional<double> tolerance,
                  const std::atomic<bool>& stop);

}  // namespace assay::harness
