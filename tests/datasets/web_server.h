// A web server in the test's own process that answers as it is told, wrongly too. It writes HTTP by hand, because
// what is tested is what happens when a server does not keep to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/loopback.h"

namespace assay::testing {

struct WebRequest {
  std::string path;
  int64_t range_begin = -1;  // of "Range: bytes=N-"; -1: none
  std::string if_range;
  int nth = 0;  // how often the path was asked for before
};

struct WebReply {
  int status = 200;
  std::string body;
  std::vector<std::string> headers;       // "Location: /x"; of an ETag the server compares If-Range with it
  bool ranges = true;                     // honours Range, as servers of files do
  bool says_length = true;                // else the end of the connection is the end of the body
  size_t cut_after = std::string::npos;   // bytes of the body that are sent
  enum { kClose, kStall } then = kClose;  // after what is sent; a stall lasts until the client gives up
  bool no_answer = false;                 // closes without a word
};

class WebServer {
 public:
  using Handler = std::function<WebReply(const WebRequest&)>;

  explicit WebServer(Handler handler);
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  ~WebServer();

  std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(listener_.port) + path;
  }
  std::vector<WebRequest> requests() const;

 private:
  void serve();
  void answer(int connection);

  Handler handler_;
  Listener listener_;
  std::atomic<bool> ends_{false};
  mutable std::mutex mutex_;
  std::vector<WebRequest> requests_;
  std::map<std::string, int> asked_;
  std::thread thread_;
};

// 200 with the file of that path ("/a/b.txt"), else 404.
WebServer::Handler serve_files(std::map<std::string, std::string> files);

}  // namespace assay::testing
