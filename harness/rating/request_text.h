// A request as bytes: read by strict rules before anything else sees it, and handed on with the headers that somebody
// here needs. What is ambiguous (two lengths, folded lines, chunks) is refused instead of understood.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::harness {

inline constexpr size_t kLongestHead = 16 << 10;
inline constexpr size_t kLongestTarget = 2 << 10;
inline constexpr size_t kLongestBody = 64 << 10;

struct RequestHead {
  std::string text;           // request line and headers, with the empty line: as it is to be handed on
  size_t body_size = 0;       // that follow
  bool keep_alive = true;     // the client wants to ask again on this connection
  std::string forwarded_for;  // what X-Forwarded-For ends with: who asked the proxy next to us
};

// `bytes`: up to and with the empty line. Nothing where it is refused, with `status` of HTTP.
std::optional<RequestHead> parse_head(std::string_view bytes, int& status);

}  // namespace assay::harness
