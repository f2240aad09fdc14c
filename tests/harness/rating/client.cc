#include "tests/harness/rating/client.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "base/text.h"
#include "tests/support/loopback.h"

namespace assay::testing {

std::string Answer::header(const std::string& name) const {
  return header_of(head, name);
}

bool Client::connect() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port_));
  const timeval patience{10, 0};
  const int yes = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  close();
  return false;
}

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  pending_.clear();
}

bool Client::write(const std::string& bytes) {
  return socket_ >= 0 && send_all(socket_, bytes);
}

Answer Client::read() {
  std::array<char, 65536> bytes{};
  const auto more = [&] {
    const ssize_t count = socket_ < 0 ? 0 : ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count > 0) pending_.append(bytes.data(), static_cast<size_t>(count));
    return count > 0;
  };
  size_t end = 0;
  while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  Answer answer;
  answer.head = pending_.substr(0, end + 4);
  answer.status = std::atoi(answer.head.substr(9, 3).c_str());
  const size_t length = std::strtoull(answer.header("content-length").c_str(), nullptr, 10);
  while (pending_.size() < end + 4 + length) {
    if (!more()) return {};
  }
  answer.body = pending_.substr(end + 4, length);
  pending_.erase(0, end + 4 + length);
  if (python_lower(answer.header("connection")) == "close") close();
  return answer;
}

Answer Client::send(const std::string& bytes) {
  if (!connect()) return {};
  write(bytes);  // an answer may have come although not all was taken
  Answer answer = read();
  close();
  return answer;
}

Answer Client::ask(const std::string& request) {
  const bool kept = socket_ >= 0;
  if (!kept && !connect()) return {};
  Answer answer;
  if (write(request)) answer = read();
  if (answer.status == 0 && kept && connect() && write(request)) answer = read();
  if (answer.status == 0) close();
  return answer;
}

namespace {

std::string request_text(const std::string& line, std::map<std::string, std::string> headers,
                         const std::map<std::string, std::string>& changed, const std::string& body) {
  for (const auto& [name, value] : changed) headers[name] = value;
  std::string text = line + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) {
    if (!value.empty()) text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + "\r\n" + body;
}

}  // namespace

Answer Client::get(const std::string& path, const std::map<std::string, std::string>& headers) {
  return ask(
      request_text("GET " + path, {{"Host", fmt::format("127.0.0.1:{}", port_)}, {"Cookie", cookie_}}, headers, ""));
}

Answer Client::post(const std::string& path, const nlohmann::json& body,
                    const std::map<std::string, std::string>& headers) {
  return post_text(path, body.dump(), headers);
}

Answer Client::post_text(const std::string& path, const std::string& body,
                         const std::map<std::string, std::string>& headers) {
  return ask(request_text("POST " + path,
                          {{"Host", fmt::format("127.0.0.1:{}", port_)},
                           {"Cookie", cookie_},
                           {"Content-Type", "application/json"},
                           {"Content-Length", std::to_string(body.size())},
                           {"Origin", fmt::format("http://127.0.0.1:{}", port_)},
                           {"Sec-Fetch-Site", "same-origin"},
                           {"X-Assay", "1"}},
                          headers, body));
}

bool Client::log_in(const std::string& token) {
  const Answer answer = post("/api/session", {{"token", token}});
  const std::string cookie = answer.header("set-cookie");
  if (answer.status != 200) return false;
  cookie_ = cookie.substr(0, cookie.find(';'));
  return true;
}

Answer Client::vote(int64_t assignment, const std::string& key, int choice, const std::vector<std::string>& flags,
                    const std::string& comment) {
  return post("/api/vote", {{"assignment", assignment},
                            {"key", key},
                            {"choice", choice},
                            {"flags", flags},
                            {"comment", comment},
                            {"active_ms", 1200}});
}

std::string fresh_key() {
  static std::atomic<int> next{0};
  return fmt::format("key-{}-{}", ::getpid(), next++);
}

}  // namespace assay::testing
