// What the tests' web servers share: a socket on this machine, and the little of HTTP that they read themselves.
#pragma once

#include <string>
#include <string_view>

namespace assay::testing {

// Listens on a free port of 127.0.0.1, which the proxies of this machine are not asked about.
struct Listener {
  int socket = -1;
  int port = 0;
};
Listener listen_on_loopback(int backlog);  // throws std::runtime_error where there is no socket

// False where the client has had enough.
bool send_all(int connection, std::string_view bytes);

// Of the head of a request; `name` in lower case. Empty where it is not there.
std::string header_of(const std::string& head, const std::string& name);

}  // namespace assay::testing
