// Many calls to one server: so many in flight, failures tried again, costs counted before they are caused.
#pragma once

#include <atomic>
#include <cstddef>
#include <ctime>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/remote/address.h"
#include "engine/remote/budget.h"
#include "engine/remote/calls.h"
#include "engine/remote/http.h"
#include "engine/remote/retry.h"

namespace assay::engine {

struct DispatchOptions {
  size_t concurrency = 64;
  int tries = 10;             // of one call, before the run gives up
  double back_off = 1;        // scales the waiting between two tries (tests make it short)
  double longest_wait = 600;  // seconds that a server may ask for; more ends the run, resumably
  bool quotes_server = true;  // else an error does not say what the server wrote of it
  double drain_seconds = 10;  // answers in flight are waited for so long when the run ends early
};

enum class DispatchEnd { kDone, kStopped, kBudgetSpent };

// What a round of calls is about. All are called from dispatch() itself, never two at once.
struct Work {
  size_t count = 0;
  std::function<Call(size_t)> make;  // the i-th call; asked again for each try
  // A whole JSON object came for the i-th call. An Error ends the round.
  std::function<void(size_t, const nlohmann::json&)> take;
  // The server refused the i-th call for good, with this status; true where that is an answer, too. May be empty.
  std::function<bool(size_t, long)> refused = nullptr;
  std::function<void()> pass;  // after each look at the network, at least five times a second
  const std::atomic<bool>* stop = nullptr;
};

// One server. Not thread-safe.
class Dispatcher {
 public:
  Dispatcher(EndpointAddress address, const HttpOptions& http, const BudgetLimits& limits, DispatchOptions options);

  // Every call once, in their order as far as the server lets it; answers come in any order. Error(kUnavailable) where
  // the server refuses a call or a call failed too often; answers that are in flight then are still taken. A call that
  // waits to be tried again keeps its place among the `concurrency` ones, so that a busy server gets less to do.
  DispatchEnd run(const Work& work);

  const Ledger& ledger() const { return ledger_; }
  size_t tries_again() const { return tries_again_; }
  size_t in_flight() const { return sent_.size(); }
  void set_tries(int tries) { options_.tries = tries; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Task {
    std::string url;  // empty: the address; after a redirect where that led
    int redirects = 0;
    int failures = 0;         // in a row
    size_t answers_then = 0;  // of the server, at the last failure
    Cost worst;
    Clock::time_point due;
  };

  bool send_what_may_be(const Work& work);
  bool send(const Work& work, size_t call, Task task);
  void handle(const Work& work, HttpReply reply);
  void try_again(size_t call, Task task, const Verdict& verdict);
  void redirect(size_t call, Task task, const HttpReply& reply);
  int milliseconds_to_wait() const;

  EndpointAddress address_;
  Secret key_;
  HttpPool pool_;
  Ledger ledger_;
  DispatchOptions options_;
  std::map<size_t, Task> sent_;
  std::map<size_t, Task> waiting_;
  size_t next_ = 0;
  size_t answers_ = 0;
  size_t tries_again_ = 0;
  uint64_t chance_seed_;
};

}  // namespace assay::engine
