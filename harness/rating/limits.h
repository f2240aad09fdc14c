// How often something may be done: a bucket of tokens for each key (an address, a session). Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace assay::harness {

class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // `burst` at once, and `per_second` in the long run. Of more than `most_keys` the oldest are forgotten.
  RateLimit(double burst, double per_second, size_t most_keys = 10000);

  // 0: go on, and one is taken. Else the seconds until one is there.
  double take(const std::string& key, Clock::time_point now = Clock::now());
  // The same without taking one.
  double wait(const std::string& key, Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  Bucket& bucket(const std::string& key, Clock::time_point now);
  void forget_oldest();
  double seconds_until_one(const Bucket& bucket) const;

  const double burst_;
  const double per_second_;
  const size_t most_keys_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

// An address as a key: of IPv6 its first 64 bits, which belong to one house.
std::string address_key(const std::string& address);

}  // namespace assay::harness
