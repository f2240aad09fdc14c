#include "tests/support/loopback.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <stdexcept>

#include "base/text.h"

namespace assay::testing {

Listener listen_on_loopback(int backlog) {
  ::setenv("no_proxy", "127.0.0.1", 1);
  Listener listener;
  listener.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.socket, plain, size) != 0 || ::listen(listener.socket, backlog) != 0 ||
      ::getsockname(listener.socket, plain, &size) != 0) {
    throw std::runtime_error("no socket on this machine");
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

std::string header_of(const std::string& head, const std::string& name) {
  for (const std::string& line : split(head, '\n')) {
    if (python_lower(line).starts_with(name + ":")) return std::string(python_strip(line.substr(name.size() + 1)));
  }
  return "";
}

}  // namespace assay::testing
