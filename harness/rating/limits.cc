#include "harness/rating/limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <vector>

namespace assay::harness {

RateLimit::RateLimit(double burst, double per_second, size_t most_keys)
    : burst_(burst), per_second_(per_second), most_keys_(most_keys) {}

RateLimit::Bucket& RateLimit::bucket(const std::string& key, Clock::time_point now) {
  if (!buckets_.contains(key) && buckets_.size() >= most_keys_) forget_oldest();
  const auto [place, is_new] = buckets_.try_emplace(key, Bucket{burst_, now});
  Bucket& found = place->second;
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - found.filled).count());
  found.tokens = std::min(burst_, found.tokens + seconds * per_second_);
  found.filled = now;
  return found;
}

// A tenth of them at once, so that a flood of new keys does not look at every bucket each time.
void RateLimit::forget_oldest() {
  std::vector<std::pair<Clock::time_point, std::string>> ages;
  for (const auto& [key, each] : buckets_) ages.emplace_back(each.filled, key);
  const auto tenth = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10 + 1);
  std::partial_sort(ages.begin(), std::min(tenth, ages.end()), ages.end());
  for (auto each = ages.begin(); each != std::min(tenth, ages.end()); ++each) buckets_.erase(each->second);
}

double RateLimit::seconds_until_one(const Bucket& bucket) const {
  return bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / per_second_;
}

double RateLimit::take(const std::string& key, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  Bucket& found = bucket(key, now);
  const double seconds = seconds_until_one(found);
  if (seconds == 0) found.tokens -= 1;
  return seconds;
}

double RateLimit::wait(const std::string& key, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  return seconds_until_one(bucket(key, now));
}

std::string address_key(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  const bool mapped = std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char byte) { return byte == 0; });
  if (mapped) return address;  // ::1, ::ffff:192.0.2.1
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace assay::harness
