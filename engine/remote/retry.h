// What a reply of the server means: an answer, a failure that another try may mend, or one that it will not.
#pragma once

#include <cstdint>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/remote/address.h"
#include "engine/remote/http.h"

namespace assay::engine {

struct Verdict {
  enum class Kind { kAnswer, kTryAgain, kRedirect, kGiveUp };
  Kind kind = Kind::kTryAgain;
  nlohmann::json answer;               // of kAnswer: an object
  std::string why;                     // of the others: what happened, and of kGiveUp also what to check
  std::optional<double> wait_seconds;  // the server's own wish (Retry-After)
  bool busy = false;                   // the server has too much to do, and said so (429)
  bool computed = true;                // tokens may have been computed, and charged
};

// 408, 429, 5xx, time-outs, broken connections, and a 200 whose body is not a JSON object: kTryAgain. 3xx: kRedirect.
// Other statuses, a certificate that does not verify, a spent quota: kGiveUp. `now`: for a date in Retry-After.
Verdict judge(const HttpReply& reply, const EndpointAddress& address, const Secret& key, std::time_t now);

// Seconds of a Retry-After header, a number or an HTTP date (RFC 9110 §10.2.3); none where it is neither.
std::optional<double> parse_retry_after(const std::string& text, std::time_t now);

// Seconds before the try after the `failures`-th failure in a row: 1, 2, 4, ... 60, of which `chance` (0 to 1) takes up
// to a half, so that requests that failed together do not come back together. Never less than `wish`, which chance
// lengthens by a tenth at most.
double back_off(int failures, std::optional<double> wish, double chance);

}  // namespace assay::engine
