// Ctrl-C, SIGTERM and a time limit as one flag that the run loop looks at between steps.
#pragma once

#include <atomic>
#include <string>

namespace assay::harness {

// While it lives, SIGINT and SIGTERM set the flag instead of ending the process; a second SIGINT ends it at once (what
// is stored is stored). `seconds` > 0 sets the flag when that much time has passed. One at a time.
class StopRequest {
 public:
  explicit StopRequest(double seconds = 0);
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  const std::atomic<bool>& flag() const;
  // "Ctrl-C", "SIGTERM", "the time limit", or empty while nothing asked for a stop.
  std::string reason() const;
};

}  // namespace assay::harness
