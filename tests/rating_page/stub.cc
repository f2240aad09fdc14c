#include "tests/rating_page/stub.h"

#include <fmt/format.h>
#include <httplib.h>

#include <filesystem>
#include <stdexcept>

#include "base/file.h"

namespace assay::testing {
namespace {

using nlohmann::json;

constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'";
constexpr const char* kJson = "application/json";
constexpr int kFirst = 100;  // number of the first assignment

// Where Debian's packages put what the page does not bring itself.
std::filesystem::path asset(const std::string& name) {
  const std::filesystem::path file = std::filesystem::path(name).filename();
  if (name.starts_with("fonts/")) return "/usr/share/fonts/truetype/katex" / file;
  if (name == "marked.min.js") return "/usr/share/javascript/marked/marked.min.js";
  if (name == "katex.min.js" || name == "katex.min.css") return "/usr/share/javascript/katex" / file;
  return ASSAY_RATING_PAGE / file;
}

const char* type_of(const std::filesystem::path& file) {
  if (file.extension() == ".html") return "text/html; charset=utf-8";
  if (file.extension() == ".css") return "text/css; charset=utf-8";
  if (file.extension() == ".js") return "text/javascript; charset=utf-8";
  return "font/woff2";
}

void send_file(const std::filesystem::path& file, httplib::Response& response) {
  if (std::filesystem::is_regular_file(file)) {
    response.set_content(read_file(file), type_of(file));
  } else {
    response.status = 404;
  }
}

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump(), kJson);
}

bool is_known(const httplib::Request& request) {
  return request.get_header_value("Cookie").find("rater=1") != std::string::npos;
}

// What every POST must carry.
bool is_well_formed(const httplib::Request& request) {
  return request.get_header_value("Content-Type") == kJson && request.get_header_value("X-Assay") == "1";
}

}  // namespace

json a_pair(const std::string& prompt, const std::string& left, const std::string& right, const std::string& note) {
  return {{"category", "advice"}, {"prompt", prompt}, {"left", left},
          {"right", right},       {"note", note},     {"vote", nullptr}};
}

RatingStub::RatingStub(std::vector<json> pairs)
    : pairs_(std::move(pairs)), server_(std::make_unique<httplib::Server>()) {
  server_->set_default_headers({{"Content-Security-Policy", kPolicy}, {"X-Content-Type-Options", "nosniff"}});
  server_->set_keep_alive_timeout(1);
  server_->Get("/", [](const auto&, auto& response) { send_file(asset("page.html"), response); });
  server_->Get("/favicon.ico", [](const auto&, auto& response) { response.status = 204; });
  server_->Get(R"(/assets/((?:fonts/)?[\w.-]+))",
               [](const auto& request, auto& response) { send_file(asset(request.matches[1].str()), response); });
  server_->Get("/api/item", [this](const auto& request, auto& response) {
    const std::lock_guard lock(mutex_);
    if (is_known(request)) return answer(response, 200, current());
    answer(response, 401, {{"error", "no session"}});
  });
  server_->Post("/api/session", [this](const auto& request, auto& response) { session(request, response); });
  server_->Post("/api/vote", [this](const auto& request, auto& response) { vote(request, response); });
  server_->Post("/api/undo", [this](const auto& request, auto& response) { undo(request, response); });
  server_->Post("/api/leave", [](const auto&, auto& response) {
    response.set_header("Set-Cookie", "rater=; Max-Age=0; Path=/");
    answer(response, 200, json::object());
  });
  port_ = server_->bind_to_any_port("127.0.0.1");
  if (port_ < 0) throw std::runtime_error("no socket on this machine");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

RatingStub::~RatingStub() {
  server_->stop();
  thread_.join();
}

std::string RatingStub::origin() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

void RatingStub::trouble(Trouble trouble, int times) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
  times_ = times;
}

void RatingStub::vote_elsewhere() {
  const std::lock_guard lock(mutex_);
  votes_.push_back({{"assignment", kFirst + votes_.size()},
                    {"key", "elsewhere"},
                    {"choice", 0},
                    {"flags", json::array()},
                    {"comment", ""}});
}

std::vector<json> RatingStub::votes() const {
  const std::lock_guard lock(mutex_);
  return votes_;
}

std::vector<json> RatingStub::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

json RatingStub::current() const {
  const json progress = {{"done", votes_.size()}, {"total", pairs_.size()}, {"can_undo", !votes_.empty()}};
  json item = votes_.size() < pairs_.size() ? pairs_[votes_.size()] : json{{"finished", true}};
  item.update(progress);
  if (!item.contains("finished")) {
    item["assignment"] = kFirst + votes_.size();
    item["number"] = votes_.size() + 1;
  }
  return item;
}

void RatingStub::session(const httplib::Request& request, httplib::Response& response) {
  if (!is_well_formed(request)) return answer(response, 403, {{"error", "not from this page"}});
  if (json::parse(request.body).at("token") != "a-private-token") {
    return answer(response, 401, {{"error", "this link is not known"}});
  }
  response.set_header("Set-Cookie", "rater=1; HttpOnly; SameSite=Strict; Path=/");
  answer(response, 200, {{"rater", "ann"}, {"round", "spring"}});
}

// Whether the answer is one of trouble; a lost reply is one that has been done.
bool RatingStub::troubled(httplib::Response& response) {
  if (times_ == 0) return false;
  --times_;
  switch (trouble_) {
    case Trouble::kUnavailable:
      response.status = 503;
      response.set_content("<h1>Bad gateway</h1>", "text/html");
      return true;
    case Trouble::kTooFast:
      response.set_header("Retry-After", "1");
      answer(response, 429, {{"error", "too fast"}});
      return true;
    case Trouble::kRevoked:
      answer(response, 401, {{"error", "revoked"}});
      return true;
    case Trouble::kTooLarge:
      answer(response, 413, {{"error", "the comment is too long"}});
      return true;
    case Trouble::kLostReply:
      response.set_content_provider(1000, kJson, [](size_t, size_t, httplib::DataSink& sink) {
        sink.write("{\"stored\"", 9);
        return false;
      });
      return false;
    case Trouble::kNone:
      break;
  }
  return false;
}

void RatingStub::vote(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  if (!is_well_formed(request)) return answer(response, 403, {{"error", "not from this page"}});
  const json body = json::parse(request.body);
  received_.push_back(body);
  const bool lost = times_ > 0 && trouble_ == Trouble::kLostReply;
  if (troubled(response)) return;
  const bool known = !votes_.empty() && votes_.back().at("key") == body.at("key");
  if (!known) {
    if (body.at("assignment") != kFirst + votes_.size()) return answer(response, 409, {{"error", "not open"}});
    votes_.push_back(body);
  }
  if (!lost) answer(response, 200, {{"stored", true}, {"done", votes_.size()}, {"total", pairs_.size()}});
}

void RatingStub::undo(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  if (!is_well_formed(request)) return answer(response, 403, {{"error", "not from this page"}});
  const std::string key = json::parse(request.body).at("key");
  const bool lost = times_ > 0 && trouble_ == Trouble::kLostReply;
  if (troubled(response)) return;
  if (key != undo_key_) {
    if (votes_.empty()) return answer(response, 409, {{"error", "nothing to withdraw"}});
    const json& last = votes_.back();
    pairs_[votes_.size() - 1]["vote"] = {
        {"choice", last.at("choice")}, {"flags", last.at("flags")}, {"comment", last.at("comment")}};
    votes_.pop_back();
    undo_key_ = key;
  }
  if (!lost) answer(response, 200, current());
}

}  // namespace assay::testing
