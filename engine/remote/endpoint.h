// An OpenAI-compatible server as a model: a whole plan of requests goes in at once, responses come back as they finish,
// in any order.
//
// What Assay promises of its own engine holds here only as far as the server keeps it: an answer may depend on the
// server's load. Every answer is checked for what can be checked: that it is of the model that was asked, that
// log-probabilities are of the tokens of the text that was sent.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "engine/engine.h"
#include "engine/remote/address.h"
#include "engine/remote/budget.h"
#include "engine/remote/secret.h"

namespace assay::engine {

struct EndpointOptions {
  EndpointAddress address;
  Secret key;
  int concurrency = 64;
  double request_timeout = 300;  // seconds without a byte
  BudgetLimits budget;
  bool hidden = false;  // prompts are hidden: no error quotes one, nor the server, which may
  nlohmann::json fields = nlohmann::json::object();  // further fields of every request
  double back_off = 1;                               // scales the waiting between two tries
};

// What is known of the model, from the server's own words.
struct EndpointFacts {
  std::string answered_as;         // `model` of its answers
  std::string system_fingerprint;  // empty: not told
};

struct EndpointStatus {
  size_t requests = 0;  // of the engine's kind: a likelihood with four options is one
  size_t answered = 0;
  size_t in_flight = 0;
  size_t tries_again = 0;
};

// What the plan needs and the server lacks, in words; empty: nothing.
struct ProbeResult {
  std::string no_logprobs;    // of prompts, for likelihoods
  std::string no_continuing;  // of an answer that a dialogue begins
};

enum class EndpointEnd { kDone, kStopped, kBudgetSpent };

// Not thread-safe.
class Endpoint {
 public:
  // Connects to nothing yet. Error(kUsage) for a key that would go unencrypted to another machine.
  explicit Endpoint(const EndpointOptions& options);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Small requests of each kind that is in the plan, so that a wrong key, name or kind shows before anything else:
  // fills facts(). Error(kUnavailable) where the server refuses or does not answer.
  ProbeResult probe(std::span<const Request> requests, const RunCallbacks& callbacks);

  // on_responses is called with what has come since the last call; on_step several times a second, with nothing in it
  // (status() says more). The ends before the last are resumable: what was handed out stays valid. Error(kUnavailable)
  // where the server refuses or fails, kBadInput where an answer is not what was asked for.
  EndpointEnd run(std::span<const Request> requests, const RunCallbacks& callbacks);

  const EndpointFacts& facts() const;
  EndpointStatus status() const;
  const Ledger& ledger() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::engine
