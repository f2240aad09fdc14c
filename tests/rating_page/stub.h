// A rating server as the page sees it: its answers, its content policy and its files, with one rater and a list of
// pairs. It can misbehave on request, and keeps what it was sent.
#pragma once

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace assay::testing {

enum class Trouble {
  kNone,
  kLostReply,    // done, but the answer breaks off
  kUnavailable,  // 503 of something in between
  kTooFast,      // 429, Retry-After: 1
  kRevoked,      // 401
  kTooLarge,     // 413
};

// {category, prompt, left, right, note}, and perhaps the vote of before.
nlohmann::json a_pair(const std::string& prompt, const std::string& left, const std::string& right,
                      const std::string& note = "");

class RatingStub {
 public:
  explicit RatingStub(std::vector<nlohmann::json> pairs);
  ~RatingStub();
  RatingStub(const RatingStub&) = delete;
  RatingStub& operator=(const RatingStub&) = delete;

  std::string origin() const;
  std::string link() const { return origin() + "/#a-private-token"; }

  void trouble(Trouble trouble, int times);  // with the next votes or withdrawals
  void vote_elsewhere();                     // as another device of the rater would

  std::vector<nlohmann::json> votes() const;     // that count now
  std::vector<nlohmann::json> received() const;  // bodies of all votes sent, lost and refused ones too

 private:
  void session(const httplib::Request& request, httplib::Response& response);
  void vote(const httplib::Request& request, httplib::Response& response);
  void undo(const httplib::Request& request, httplib::Response& response);
  bool troubled(httplib::Response& response);
  nlohmann::json current() const;

  std::vector<nlohmann::json> pairs_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<nlohmann::json> votes_;
  std::vector<nlohmann::json> received_;
  std::string undo_key_;
  Trouble trouble_ = Trouble::kNone;
  int times_ = 0;
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace assay::testing
