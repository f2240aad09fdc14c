// From the model's numbers and tokens to responses: the other end of encode_requests.h.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/encode_requests.h"
#include "engine/scheduler/scheduler.h"
#include "engine/tokenizer/tokenizer.h"

namespace assay::engine {

// What ends a generation besides its own stops and limit.
struct EndOfText {
  std::vector<TokenId> tokens;
  std::string text;  // written form, for requests that also stop at it
};

// Gathers what the scheduler hands out. Sums run in the order of the text, whatever the order of the steps. The
// requests must outlive it. Not thread-safe.
class Answers {
 public:
  // Answers those of `requests` that `which` names. `encoded` and `sequences`: of them, in that order, after
  // take_sequences (whose sequences may have been moved on).
  Answers(std::span<const Request> requests, std::vector<size_t> which, std::vector<EncodedRequest> encoded,
          const Sequences& sequences, Tokenizer tokenizer, EndOfText end);
  ~Answers();

  // For Scheduler::absorb; valid as long as this object.
  Scheduler::Sink sink();
  // Responses that were completed since the last call; they name their requests as `requests` does.
  std::vector<Response> take_finished();
  size_t request_of(const Scheduler::Owner& owner) const;

 private:
  struct Part {
    double logprob = 0;
    bool greedy = true;
    double behind = 0;
    int64_t tokens = 0;
  };
  struct Pending {
    EncodedRequest encoded;
    std::vector<Part> parts;
    size_t missing = 0;  // sequences
  };
  class Generation;

  void on_scored(size_t sequence, std::span<const LogProbability> results);
  bool on_token(size_t sequence, TokenId token);
  void finish_scored(size_t request);
  void finish(size_t request, decltype(Response::body) body);

  const Request& request(size_t i) const { return requests_[which_[i]]; }

  std::span<const Request> requests_;
  std::vector<size_t> which_;  // below, a request's number is its place in this list
  std::vector<Pending> pending_;
  std::vector<Sequences::Place> scored_places_;
  std::vector<size_t> generated_requests_;
  std::vector<std::unique_ptr<Generation>> generations_;  // while they run
  std::vector<Response> finished_;
  Tokenizer tokenizer_;
  EndOfText end_;
};

}  // namespace assay::engine
