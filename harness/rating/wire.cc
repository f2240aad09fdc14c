#include "harness/rating/wire.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace assay::harness {

Deadline in_seconds(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

void Wire::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Wire::Wire(int socket, ssl_ctx_st* tls) : socket_(socket) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  if (tls != nullptr) {
    ssl_.reset(SSL_new(tls));
    if (ssl_) SSL_set_fd(ssl_.get(), socket_);
  }
}

Wire::~Wire() = default;

bool Wire::wait(short events, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd each{socket_, events, 0};
    const int ready = ::poll(&each, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Wire::try_again(int result, Deadline deadline) const {
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return wait(POLLIN, deadline);
  if (why == SSL_ERROR_WANT_WRITE) return wait(POLLOUT, deadline);
  return false;
}

bool Wire::handshake(Deadline deadline) {
  if (!ssl_) return true;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    if (result == 1) return true;
    if (!try_again(result, deadline)) return false;
  }
}

size_t Wire::read(char* bytes, size_t size, Deadline deadline) {
  for (;;) {
    if (ssl_) {
      ERR_clear_error();
      size_t count = 0;
      const int result = SSL_read_ex(ssl_.get(), bytes, size, &count);
      if (result == 1) return count;
      if (!try_again(result, deadline)) return 0;
      continue;
    }
    const ssize_t count = ::recv(socket_, bytes, size, 0);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait(POLLIN, deadline)) return 0;
  }
}

bool Wire::write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (ssl_) {
      ERR_clear_error();
      size_t count = 0;
      const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
      if (result == 1) {
        bytes.remove_prefix(count);
      } else if (!try_again(result, deadline)) {
        return false;
      }
      continue;
    }
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EINTR && ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait(POLLOUT, deadline))) {
      return false;
    }
  }
  return true;
}

void Wire::finish() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ::shutdown(socket_, SHUT_WR);
  const Deadline deadline = in_seconds(1);
  std::array<char, 4096> ignored{};
  for (size_t total = 0; total < (1 << 20);) {
    const ssize_t count = ::recv(socket_, ignored.data(), ignored.size(), 0);
    if (count == 0) return;
    if (count > 0) {
      total += static_cast<size_t>(count);
    } else if ((errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) || !wait(POLLIN, deadline)) {
      return;
    }
  }
}

}  // namespace assay::harness
