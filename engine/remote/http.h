// Many HTTP requests at once, by libcurl's multi interface. The part of the endpoint that speaks HTTP and nothing else.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/remote/secret.h"

namespace assay::engine {

struct HttpReply {
  enum class Failure {
    kNone,         // an answer came, whatever its status
    kUnreachable,  // no connection: name, address, route, refused
    kCertificate,  // not the server that the address names, for all that can be proved
    kTimeout,      // no connection, or no byte, for too long
    kBroken,       // the connection ended before the answer did
    kTooLarge,     // more than any answer has
  };
  size_t id = 0;
  Failure failure = Failure::kBroken;
  std::string why;  // libcurl's words; empty without a failure
  long status = 0;
  std::string body;
  std::string retry_after;  // header, as it came; empty: none
  std::string location;
};

struct HttpOptions {
  Secret key;
  double connect_seconds = 10;
  double stall_seconds = 300;  // without a byte in either direction
};

// Certificates are verified, by the authorities of the system or those of the file in SSL_CERT_FILE. Redirects are not
// followed. Proxies come from the environment (https_proxy). Not thread-safe.
class HttpPool {
 public:
  explicit HttpPool(const HttpOptions& options);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  // Sends a JSON body; the reply comes from wait() with this `id`.
  void post(size_t id, const std::string& url, std::string body);
  // Waits at most `milliseconds` for something to happen; what has ended, in the order in which it ended.
  std::vector<HttpReply> wait(int milliseconds);
  size_t in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::engine
