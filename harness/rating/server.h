// The rating server on the network: connections, their time limits, TLS. What is answered is for routes.h to say.
//
// cpp-httplib accepts connections and parses requests; before it sees one, the whole request has come in within its
// time and by strict rules (request_text.h), so that nobody slow or odd holds more than a thread that can be taken
// away.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "harness/rating/routes.h"

namespace assay::harness {

class RatingServer {
 public:
  // Binds. Error(kUnavailable) where the address cannot be had. `desk` must outlive it.
  RatingServer(Desk& desk, const Exposure& exposure, const ServerLimits& limits = {});
  ~RatingServer();

  int port() const;
  // For links: origin() + "/#" + token.
  std::string origin() const;
  // Serves until `stop` is set; answers what was asked until then.
  void serve(const std::atomic<bool>& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::harness
