#include "tests/datasets/web_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"

namespace assay::testing {
namespace {

// What the client sends up to the empty line; empty where it went away.
std::string read_head(int connection) {
  std::string head;
  char c = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::recv(connection, &c, 1, 0) != 1) return "";
    head += c;
  }
  return head;
}

WebRequest parse_head(const std::string& head) {
  WebRequest request;
  request.path = split(head, ' ').at(1);
  const std::string range = header_of(head, "range");
  if (range.starts_with("bytes=")) request.range_begin = std::stoll(range.substr(6));
  request.if_range = header_of(head, "if-range");
  return request;
}

// The part of a reply that a server of files adds: the range that was asked for.
void apply_range(const WebRequest& request, WebReply& reply) {
  if (!reply.ranges || request.range_begin < 0 || reply.status != 200) return;
  const auto etag = std::find_if(reply.headers.begin(), reply.headers.end(),
                                 [](const std::string& header) { return header.starts_with("ETag: "); });
  if (!request.if_range.empty() && (etag == reply.headers.end() || etag->substr(6) != request.if_range)) return;
  const auto size = static_cast<int64_t>(reply.body.size());
  const std::string total = std::to_string(size);
  if (request.range_begin >= size) {
    reply.status = 416;
    reply.body.clear();
    reply.headers.push_back("Content-Range: bytes */" + total);
    return;
  }
  reply.status = 206;
  reply.headers.push_back("Content-Range: bytes " + std::to_string(request.range_begin) + "-" +
                          std::to_string(size - 1) + "/" + total);
  reply.body.erase(0, static_cast<size_t>(request.range_begin));
}

}  // namespace

WebServer::WebServer(Handler handler) : handler_(std::move(handler)), listener_(listen_on_loopback(64)) {
  thread_ = std::thread([this] { serve(); });
}

WebServer::~WebServer() {
  ends_ = true;
  ::shutdown(listener_.socket, SHUT_RDWR);
  thread_.join();
  ::close(listener_.socket);
}

std::vector<WebRequest> WebServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void WebServer::serve() {
  while (!ends_) {
    const int connection = ::accept4(listener_.socket, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void WebServer::answer(int connection) {
  const std::string head = read_head(connection);
  if (head.empty()) return;
  WebRequest request = parse_head(head);
  {
    const std::lock_guard lock(mutex_);
    request.nth = asked_[request.path]++;
    requests_.push_back(request);
  }
  WebReply reply = handler_(request);
  if (reply.no_answer) return;
  apply_range(request, reply);
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " x\r\nConnection: close\r\n";
  for (const std::string& header : reply.headers) text += header + "\r\n";
  if (reply.says_length) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  send_all(connection, text + "\r\n");
  send_all(connection, std::string_view(reply.body).substr(0, reply.cut_after));
  while (reply.then == WebReply::kStall && !ends_) {
    pollfd waiting{connection, POLLIN | POLLRDHUP, 0};
    if (::poll(&waiting, 1, 20) != 0) break;
  }
  ::shutdown(connection, SHUT_WR);
}

WebServer::Handler serve_files(std::map<std::string, std::string> files) {
  return [files = std::move(files)](const WebRequest& request) {
    const auto found = files.find(request.path);
    WebReply reply;
    reply.status = found == files.end() ? 404 : 200;
    if (found != files.end()) reply.body = found->second;
    return reply;
  };
}

}  // namespace assay::testing
