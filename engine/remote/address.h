// The address of an endpoint as a person writes it: https://host/v1#model.
#pragma once

#include <string>
#include <string_view>

namespace assay::engine {

struct EndpointAddress {
  std::string base;   // "https://host:8000/v1": no user, query, fragment or final slash
  std::string host;   // "host"; of an IPv6 address without its brackets
  std::string model;  // behind the '#', as the server calls it
  bool encrypted = false;
  bool local = false;  // this machine: localhost, 127.*, ::1
};

// Whether --model names an endpoint: it begins with http:// or https://.
bool is_endpoint(std::string_view model);

// Error(kUsage) for an address that is none, lacks the model, or carries a user name, password or query: those would be
// written wherever the model's name is. The message does not repeat them.
EndpointAddress parse_endpoint(const std::string& text);

// Where a redirect leads, if that is the same scheme, host and port; else empty. `location` may be relative to `url`.
std::string redirect_on_same_host(const std::string& url, const std::string& location);

}  // namespace assay::engine
