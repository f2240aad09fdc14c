#include "harness/rating/server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/error.h"
#include "harness/rating/connections.h"
#include "harness/rating/request_text.h"
#include "harness/rating/wire.h"
#include "harness/rating/workers.h"

namespace assay::harness {
namespace {

constexpr int kRequestsOfAConnection = 200;
constexpr int kBacklog = 512;

std::string peer_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address.ss_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&address)->sin_addr);
  return inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

// A request that is here whole, and room for its answer, as httplib wants to see a connection.
class TextStream : public httplib::Stream {
 public:
  TextStream(std::string_view request, std::string client) : rest_(request), client_(std::move(client)) {}

  bool is_readable() const override { return !rest_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, size_t size) override {
    const size_t count = std::min(size, rest_.size());
    std::copy_n(rest_.data(), count, bytes);
    rest_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, size_t size) override {
    answer_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = client_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return 0; }

  const std::string& answer() const { return answer_; }

 private:
  std::string_view rest_;
  std::string client_;
  std::string answer_;
};

class Queue : public httplib::TaskQueue {
 public:
  explicit Queue(Workers& workers) : workers_(workers) {}
  void enqueue(std::function<void()> job) override { workers_.enqueue(std::move(job)); }
  void shutdown() override { workers_.finish(); }

 private:
  Workers& workers_;
};

HttpRequest to_request(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.target.substr(0, from.target.find('?'));  // not decoded: no name here needs it
  request.address = from.remote_addr;
  request.host = from.get_header_value("Host");
  request.origin = from.get_header_value("Origin");
  request.fetch_site = from.get_header_value("Sec-Fetch-Site");
  request.content_type = from.get_header_value("Content-Type");
  request.assay_header = from.get_header_value("X-Assay");
  request.cookie = from.get_header_value("Cookie");
  request.body = from.body;
  return request;
}

// An answer to what httplib never sees.
std::string refusal_text(int status) {
  const HttpReply reply = error_reply(status, "the request cannot be understood or is too large");
  std::string text =
      fmt::format("HTTP/1.1 {} Refused\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n", status,
                  reply.content_type, reply.body.size());
  if (status == 405) text += "Allow: GET, HEAD, POST\r\n";
  for (const auto& [name, value] : security_headers()) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + reply.body;
}

}  // namespace

struct RatingServer::Impl : public httplib::Server {
  Impl(Desk& desk, const Exposure& where, const ServerLimits& how)
      : exposure(where), limits(how), connections(how.connections), workers(how.connections + 100), desk_(desk) {}

  void bind();
  bool process_and_close_socket(socket_t socket) override;

  Exposure exposure;
  ServerLimits limits;
  Connections connections;
  Workers workers;
  std::unique_ptr<Routes> routes;
  int port = 0;

 private:
  void talk(Wire& wire, Connections::Visit& visit, const std::string& address);
  // The next request: its head, and head and body as bytes. False where the client has closed or was too slow; `status`
  // then is 0, or what to refuse it with.
  bool read_request(Wire& wire, std::string& pending, RequestHead& head, std::string& request, int& status);

  Desk& desk_;
};

void RatingServer::Impl::bind() {
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    // Not SO_REUSEPORT, httplib's own choice: another process could then take half of the connections.
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_tcp_nodelay(true);
  new_task_queue = [this] { return new Queue(workers); };
  const bool any = exposure.port == 0;
  port =
      any ? bind_to_any_port(exposure.address) : (bind_to_port(exposure.address, exposure.port) ? exposure.port : -1);
  if (port <= 0) {
    fail(ExitCode::kUnavailable, "--listen {}:{}: cannot be had; another program may have it, or it is no address here",
         exposure.address, exposure.port);
  }
  ::listen(svr_sock_, kBacklog);  // httplib asks for five
  routes = std::make_unique<Routes>(desk_, exposure, port, limits);
  httplib::Headers headers;
  for (const auto& [name, value] : security_headers()) headers.emplace(name, value);
  set_default_headers(headers);
  const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
    const HttpReply reply = routes->answer(to_request(request));
    response.status = reply.status;
    for (const auto& [name, value] : reply.headers) response.set_header(name, value);
    response.set_content(reply.body, reply.content_type);
  };
  set_pre_routing_handler([handle](const httplib::Request& request, httplib::Response& response) {
    if (request.method == "POST") return HandlerResponse::Unhandled;  // its body is read first
    handle(request, response);
    return HandlerResponse::Handled;
  });
  Post(".*", handle);
  set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
    const HttpReply reply = error_reply(500, "the server made a mistake; nothing was counted");
    response.status = reply.status;
    response.set_content(reply.body, reply.content_type);
  });
}

bool RatingServer::Impl::process_and_close_socket(socket_t socket) {
  {
    const std::string address = peer_address(socket);
    Connections::Visit visit(connections, socket, address);
    try {
      Wire wire(socket, exposure.tls.get());
      visit.waits(true);
      if (wire.handshake(in_seconds(limits.request_seconds))) talk(wire, visit, address);
    } catch (const std::exception&) {
      // Out of memory, most likely: this connection ends, and the others go on.
    }
  }
  ::close(socket);
  return true;
}

bool RatingServer::Impl::read_request(Wire& wire, std::string& pending, RequestHead& head, std::string& request,
                                      int& status) {
  std::array<char, 4096> bytes{};
  status = 0;
  Deadline deadline = in_seconds(pending.empty() ? limits.idle_seconds : limits.request_seconds);
  bool begun = !pending.empty();
  const auto more = [&] {
    const size_t count = wire.read(bytes.data(), bytes.size(), deadline);
    if (count > 0 && !begun) deadline = in_seconds(limits.request_seconds);
    begun = begun || count > 0;
    pending.append(bytes.data(), count);
    return count > 0;
  };
  size_t end = 0;
  while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
    if (pending.size() > kLongestHead) {
      status = 431;
      return false;
    }
    if (!more()) return false;
  }
  status = end > kLongestHead ? 431 : 0;
  std::optional<RequestHead> parsed;
  if (status == 0) parsed = parse_head(std::string_view(pending).substr(0, end + 4), status);
  if (!parsed) return false;
  head = std::move(*parsed);
  while (pending.size() < end + 4 + head.body_size) {
    if (!more()) return false;
  }
  request = head.text + pending.substr(end + 4, head.body_size);
  pending.erase(0, end + 4 + head.body_size);
  status = 0;
  return true;
}

void RatingServer::Impl::talk(Wire& wire, Connections::Visit& visit, const std::string& address) {
  std::string pending;
  for (int served = 1; served <= kRequestsOfAConnection; ++served) {
    RequestHead head;
    std::string request;
    int status = 0;
    visit.waits(true);
    const bool whole = read_request(wire, pending, head, request, status);
    if (!whole && status == 0) return;
    visit.works();
    const bool last = !whole || !head.keep_alive || served == kRequestsOfAConnection || connections.closing();
    std::string answer;
    if (whole) {
      const bool known = exposure.proxied && !head.forwarded_for.empty();
      TextStream stream(request, known ? head.forwarded_for : address);
      bool closed = false;
      process_request(stream, last, closed, nullptr);
      answer = stream.answer();
    } else {
      answer = refusal_text(status);
    }
    visit.waits(false);
    if (!wire.write(answer, in_seconds(limits.answer_seconds))) return;
    if (last) return wire.finish();
  }
}

RatingServer::RatingServer(Desk& desk, const Exposure& exposure, const ServerLimits& limits)
    : impl_(std::make_unique<Impl>(desk, exposure, limits)) {
  impl_->bind();
}

RatingServer::~RatingServer() = default;

int RatingServer::port() const {
  return impl_->port;
}

std::string RatingServer::origin() const {
  return impl_->exposure.origin(impl_->port);
}

void RatingServer::serve(const std::atomic<bool>& stop) {
  std::atomic<bool> ended{false};
  std::thread watcher([&] {
    using std::chrono::milliseconds;
    while (!stop && !ended) std::this_thread::sleep_for(milliseconds(50));
    while (!impl_->is_running() && !ended) std::this_thread::sleep_for(milliseconds(5));
    impl_->stop();
    impl_->connections.close(false);
    for (int i = 0; i < 40 && impl_->connections.count() > 0; ++i) std::this_thread::sleep_for(milliseconds(50));
    impl_->connections.close(true);
  });
  impl_->listen_after_bind();
  ended = true;
  watcher.join();
}

}  // namespace assay::harness
