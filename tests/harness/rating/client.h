// A browser of the tests: HTTP by hand over one connection, so that it can do what no browser does.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::testing {

struct Answer {
  int status = 0;  // 0: no answer
  std::string head;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  // Of the head, whatever its case; empty where it is not there.
  std::string header(const std::string& name) const;
};

class Client {
 public:
  explicit Client(int port) : port_(port) {}
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends the bytes as they are, on a new connection, and reads one answer.
  Answer send(const std::string& bytes);

  // As the page does: with the session's cookie and the headers that a POST needs, again on a new connection where the
  // server has closed the one before. `headers` replace those of the same name; an empty value leaves one out.
  Answer get(const std::string& path, const std::map<std::string, std::string>& headers = {});
  Answer post(const std::string& path, const nlohmann::json& body,
              const std::map<std::string, std::string>& headers = {});
  Answer post_text(const std::string& path, const std::string& body,
                   const std::map<std::string, std::string>& headers = {});

  // Opens a rater's link; false where it does not open.
  bool log_in(const std::string& token);
  Answer item() { return get("/api/item"); }
  Answer vote(int64_t assignment, const std::string& key, int choice, const std::vector<std::string>& flags = {},
              const std::string& comment = "");
  Answer undo(const std::string& key) { return post("/api/undo", {{"key", key}}); }

  const std::string& cookie() const { return cookie_; }
  void set_cookie(const std::string& cookie) { cookie_ = cookie; }
  bool connect();
  bool write(const std::string& bytes);
  // One answer; status 0 where none came within ten seconds.
  Answer read();
  void close();

 private:
  Answer ask(const std::string& request);

  int port_;
  int socket_ = -1;
  std::string pending_;
  std::string cookie_;
};

// A key as the page makes it, different each time in this process.
std::string fresh_key();

}  // namespace assay::testing
