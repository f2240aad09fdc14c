// What is answered to which request: the interface between server and page, without sockets. Thread-safe.
//
//   GET  /              the page            GET  /assets/NAME   its files, and /assets/fonts/NAME
//   POST /api/session   a link becomes a session        POST /api/leave   and ends
//   GET  /api/item      what is to be rated now         POST /api/vote, /api/undo
//
// A refusal says why in one sentence and nothing about what else there is: 401 without a session, 403 for what another
// site or a broken page sent, 404, 405, 409 where another pair is the open one, 421 under a foreign name, 429 for too
// much, 503 where the database could not be written.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/rating/desk.h"
#include "harness/rating/exposure.h"
#include "harness/rating/limits.h"

namespace assay::harness {

struct ServerLimits {
  double requests_at_once = 60;  // of a session
  double requests_per_second = 20;
  double wrong_links_at_once = 10;  // of an address
  double wrong_links_per_second = 0.2;
  size_t connections = 400;
  double request_seconds = 10;  // from a request's first byte to its last
  double idle_seconds = 5;      // between two requests of a connection
  double answer_seconds = 30;   // until the client has taken the answer
};

struct HttpRequest {
  std::string method;
  std::string path;                                                          // without what follows '?'
  std::string address;                                                       // of the client, or of the proxy's client
  std::string host, origin, fetch_site, content_type, assay_header, cookie;  // headers; empty: not there
  std::string body;
};

struct HttpReply {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside security_headers()
};

// Of every answer: scripts and styles from here alone, no frames, no forms, nothing kept, no names given away.
const std::vector<std::pair<std::string, std::string>>& security_headers();

// {"error": sentence}
HttpReply error_reply(int status, const std::string& sentence);

class Routes {
 public:
  Routes(Desk& desk, Exposure exposure, int port, const ServerLimits& limits);
  HttpReply answer(const HttpRequest& request);

 private:
  HttpReply dispatch(const HttpRequest& request);
  HttpReply static_file(const HttpRequest& request) const;
  HttpReply log_in(const HttpRequest& request);
  HttpReply with_session(const HttpRequest& request);
  HttpReply for_rater(const HttpRequest& request, int64_t rater);
  std::string cookie(const std::string& value, bool ends) const;
  // Empty, or why a POST is not from our own page.
  std::string foreign(const HttpRequest& request) const;

  Desk& desk_;
  const Exposure exposure_;
  const int port_;
  const std::string secret_;
  const std::string cookie_name_;
  RateLimit requests_;
  RateLimit wrong_links_;
};

}  // namespace assay::harness
