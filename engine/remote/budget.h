// What an endpoint may cost: requests, tokens and money, counted before a request is sent, so that no limit is ever
// exceeded.
#pragma once

#include <cstdint>
#include <string>

namespace assay::engine {

struct Cost {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
};

struct BudgetLimits {
  int64_t requests = 0;  // 0: no limit, as of the other two
  int64_t tokens = 0;    // of prompts and answers together
  double money = 0;
  double price_in = 0;  // of a million prompt tokens
  double price_out = 0;
};

// Not thread-safe.
class Ledger {
 public:
  explicit Ledger(const BudgetLimits& limits) : limits_(limits) {}

  // Sets one request and its tokens aside; false, and nothing is set aside, where a limit would not hold if the request
  // cost `worst`. A server that once counted more than the worst is expected to do so again.
  bool reserve(const Cost& worst);
  // The server's own count of a request for which `worst` was set aside.
  void settle(const Cost& worst, const Cost& actual);
  // No count came back: the worst is taken for spent.
  void settle_unknown(const Cost& worst);
  // The server refused before it computed anything: the request counts, its tokens do not.
  void settle_refused(const Cost& worst);

  int64_t requests() const { return requests_; }
  Cost spent() const { return spent_; }
  double money() const { return price_of(spent_); }
  // "1,200 requests, 340,512 prompt and 4,100 generated tokens, 0.0213 at the prices given"; "at most" where a count
  // did not come back.
  std::string text() const;
  // Which limit refused the last reservation, as its option: "--max-money 5".
  const std::string& spent_limit() const { return spent_limit_; }

 private:
  double price_of(const Cost& cost) const;
  void release(const Cost& worst);

  BudgetLimits limits_;
  int64_t requests_ = 0;
  Cost spent_;
  Cost reserved_;
  Cost surplus_;  // the most that a request cost beyond its worst
  int64_t in_flight_ = 0;
  bool uncertain_ = false;
  std::string spent_limit_;
};

}  // namespace assay::engine
