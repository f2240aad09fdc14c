#include "harness/rating/request_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/text.h"

namespace assay::harness {
namespace {

// What the routes look at. Range, Accept-Encoding, Expect and the like are not for this server.
constexpr std::array<std::string_view, 7> kHandedOn = {"host",   "content-type",   "content-length", "cookie",
                                                       "origin", "sec-fetch-site", "x-assay"};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

// "GET /x HTTP/1.1"; the version decides whether the connection stays.
bool parse_request_line(std::string_view line, RequestHead& head, int& status) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  status = 400;
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || (version != "HTTP/1.1" && version != "HTTP/1.0")) return false;
  if (target.size() > kLongestTarget) {
    status = 414;
    return false;
  }
  if (!target.starts_with('/') || !is_printable(target) || target.find(' ') != std::string_view::npos) return false;
  if (method != "GET" && method != "HEAD" && method != "POST") {
    status = 405;
    return false;
  }
  head.keep_alive = version == "HTTP/1.1";
  head.text = std::string(line) + "\r\n";
  return true;
}

using HeaderMap = std::map<std::string, std::string>;  // names in lower case

bool parse_headers(std::string_view bytes, HeaderMap& headers) {
  while (!bytes.empty()) {
    const size_t end = bytes.find("\r\n");
    const std::string_view line = bytes.substr(0, end);
    bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 2);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const std::string name = python_lower(line.substr(0, colon));
    const std::string_view value = python_strip(line.substr(colon + 1));
    const auto [place, is_new] = headers.try_emplace(name, value);
    if (is_new) continue;
    // Those that decide something stand once; a list may be cut in several lines.
    if (std::find(kHandedOn.begin(), kHandedOn.end(), name) != kHandedOn.end()) return false;
    place->second += "," + std::string(value);
  }
  return std::all_of(kHandedOn.begin(), kHandedOn.end(), [&](std::string_view name) {
    const auto found = headers.find(std::string(name));
    return found == headers.end() || is_printable(found->second);
  });
}

bool parse_length(const HeaderMap& headers, RequestHead& head, int& status) {
  status = 400;
  if (headers.contains("transfer-encoding")) return false;
  status = 415;
  if (headers.contains("content-encoding")) return false;
  const auto length = headers.find("content-length");
  if (length == headers.end()) return true;
  status = 400;
  const std::string& text = length->second;
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return false;
  status = 413;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), head.body_size);
  return error == std::errc() && end == text.data() + text.size() && head.body_size <= kLongestBody;
}

}  // namespace

std::optional<RequestHead> parse_head(std::string_view bytes, int& status) {
  status = 400;
  if (bytes.find('\0') != std::string_view::npos || !bytes.ends_with("\r\n\r\n")) return std::nullopt;
  RequestHead head;
  const size_t line = bytes.find("\r\n");
  if (!parse_request_line(bytes.substr(0, line), head, status)) return std::nullopt;
  HeaderMap headers;
  status = 400;
  std::string_view rest = bytes.substr(line + 2);
  if (!parse_headers(rest.substr(0, rest.size() - 2), headers)) return std::nullopt;
  if (!parse_length(headers, head, status)) return std::nullopt;
  for (const std::string_view name : kHandedOn) {
    const auto found = headers.find(std::string(name));
    if (found != headers.end()) head.text += fmt::format("{}: {}\r\n", name, found->second);
  }
  head.text += "\r\n";
  if (const auto connection = headers.find("connection"); connection != headers.end()) {
    const std::string wish = python_lower(connection->second);
    if (wish.find("close") != std::string::npos) head.keep_alive = false;
  }
  if (const auto forwarded = headers.find("x-forwarded-for"); forwarded != headers.end()) {
    head.forwarded_for = std::string(python_strip(split(forwarded->second, ',').back()));
  }
  return head;
}

}  // namespace assay::harness
