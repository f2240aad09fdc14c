// One connection of a client: bytes in and out, plain or TLS, each with a moment by which it must be done. Not
// thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace assay::harness {

using Deadline = std::chrono::steady_clock::time_point;
Deadline in_seconds(double seconds);

class Wire {
 public:
  // `socket` is borrowed and made non-blocking. `tls`: null for a plain connection.
  Wire(int socket, ssl_ctx_st* tls);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Agrees on keys; true at once without TLS.
  bool handshake(Deadline deadline);
  // At least one byte; 0 where the client has closed, failed or was too slow.
  size_t read(char* bytes, size_t size, Deadline deadline);
  // False where not all of it went out.
  bool write(std::string_view bytes, Deadline deadline);
  // Says that nothing follows, and reads what the client still sends until it closes, at most a second: else the system
  // would throw away what was written last.
  void finish();

 private:
  bool wait(short events, Deadline deadline) const;
  // After a call of TLS that returned `result`: true when it is worth trying again.
  bool try_again(int result, Deadline deadline) const;

  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };
  int socket_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
};

}  // namespace assay::harness
