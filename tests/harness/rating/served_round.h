// A round that is served in the test's own process, on a free port of this machine.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "harness/rating/server.h"
#include "tests/harness/rating/client.h"
#include "tests/harness/rating/made_round.h"

namespace assay::testing {

class ServedRound {
 public:
  explicit ServedRound(const MadeShape& shape = {}, const harness::RoundRequest& request = {},
                       const harness::ServerLimits& limits = generous(),
                       const harness::ListenOptions& listen = {.listen = "127.0.0.1:0"})
      : made_(shape), opened_(made_.begin(request)), round_(opened_.round) {
    desk_ = std::make_unique<harness::Desk>(
        made_.database(),
        harness::DeskParts{opened_.round, opened_.rules, opened_.material, harness::HiddenTexts(made_.open()), {}});
    server_ = std::make_unique<harness::RatingServer>(*desk_, harness::read_exposure(listen), limits);
    thread_ = std::thread([this] { server_->serve(stop_); });
  }
  ~ServedRound() {
    stop_ = true;
    thread_.join();
  }
  ServedRound(const ServedRound&) = delete;
  ServedRound& operator=(const ServedRound&) = delete;

  // Tests ask faster than people.
  static harness::ServerLimits generous() {
    harness::ServerLimits limits;
    limits.requests_at_once = limits.requests_per_second = 1e9;
    limits.wrong_links_at_once = limits.wrong_links_per_second = 1e9;
    return limits;
  }

  int port() const { return server_->port(); }
  std::string origin() const { return server_->origin(); }
  const MadeRound& made() const { return made_; }
  const harness::OpenedRound& opened() const { return opened_; }
  const store::Round& round() const { return round_; }
  std::string add_rater(const std::string& name) const { return made_.add_rater(round_, name); }
  std::vector<store::Rating> ratings() const {
    return store::Ratings(made_.database(), store::Store::Mode::kRead).ratings(round_.id);
  }

 private:
  MadeRound made_;
  harness::OpenedRound opened_;
  store::Round round_;
  std::unique_ptr<harness::Desk> desk_;
  std::unique_ptr<harness::RatingServer> server_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace assay::testing
