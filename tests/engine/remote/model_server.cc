#include "tests/engine/remote/model_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/hash.h"
#include "base/text.h"

namespace assay::testing {
namespace {

using nlohmann::json;

uint64_t hash_of(const std::string& text) {
  return std::stoull(sha256_hex(text).substr(0, 12), nullptr, 16);
}

// Words with the space before them.
std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> tokens;
  for (const char c : text) {
    if (tokens.empty() || c == ' ' || c == '\n') tokens.emplace_back();
    tokens.back() += c;
  }
  return tokens;
}

// What is likeliest behind a text, and how likely.
json likeliest_behind(const std::string& text) {
  return {{"~", -static_cast<double>(hash_of(text) % 1000) / 100}};
}

json echo_of(const std::string& prompt, const std::string& generated, const ModelServerOptions& options) {
  json tokens = json::array();
  json logprobs = json::array();
  json likeliest = json::array();
  json offsets = json::array();
  size_t offset = 0;
  std::string before;
  const auto add = [&](const std::string& token) {
    const double logprob = -static_cast<double>(hash_of(before + token) % 5000) / 512;
    const bool first = tokens.empty();
    tokens.push_back(token);
    logprobs.push_back(first ? json() : json(logprob));
    likeliest.push_back(first ? json() : likeliest_behind(options.shifted ? before + token : before));
    if (!first) likeliest.back()[token] = logprob;
    offsets.push_back(offset);
    offset += count_code_points(token);
  };
  if (options.bos) add("<s>");
  for (const std::string& token : tokens_of(prompt)) {
    add(token);
    before += token;
  }
  add(generated);
  return {{"tokens", tokens}, {"token_logprobs", logprobs}, {"top_logprobs", likeliest}, {"text_offset", offsets}};
}

bool reply(int connection, int status, const std::string& body, const std::string& headers = "", size_t more = 0) {
  return send_all(connection, fmt::format("HTTP/1.1 {} x\r\nContent-Type: application/json\r\nContent-Length: "
                                          "{}\r\n{}\r\n{}",
                                          status, body.size() + more, headers, body));
}

// Reads until the head is whole; `rest` keeps what came behind it.
std::string read_head(int connection, std::string& rest) {
  char buffer[16384];
  while (true) {
    const size_t end = rest.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = rest.substr(0, end + 2);
      rest.erase(0, end + 4);
      return head;
    }
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) return "";
    rest.append(buffer, static_cast<size_t>(count));
  }
}

bool read_body(int connection, size_t size, std::string& rest, std::string& body) {
  char buffer[16384];
  while (rest.size() < size) {
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    rest.append(buffer, static_cast<size_t>(count));
  }
  body = rest.substr(0, size);
  rest.erase(0, size);
  return true;
}

std::string prompt_in(const json& body) {
  if (body.contains("prompt")) return body.at("prompt");
  std::string prompt;
  for (const json& message : body.at("messages")) {
    prompt += message.at("role").get<std::string>() + ":" + message.at("content").get<std::string>() + "\n";
  }
  return prompt;
}

// The prompt as the server's template writes it: its tokens are counted.
std::string written(const json& body, const ModelServerOptions& options) {
  if (!body.contains("messages")) return prompt_in(body);
  std::string prompt;
  for (const json& message : body.at("messages")) {
    prompt +=
        fmt::format(" {}: {} \n", message.at("role").get<std::string>(), message.at("content").get<std::string>());
  }
  const bool continues = options.continues && body.value("continue_final_message", false);
  if (continues) return prompt.substr(0, prompt.size() - 2);
  return prompt + " assistant:";
}

}  // namespace

std::string made_text(const std::string& prompt) {
  const uint64_t hash = hash_of(prompt);
  return fmt::format(" It is {}. Or {}.\nQ: {}", hash % 10, hash % 7, hash % 1000);
}

ModelServer::ModelServer(ModelServerOptions options, Faults faults)
    : options_(std::move(options)), faults_(std::move(faults)), listener_(listen_on_loopback(256)) {
  acceptor_ = std::thread([this] { serve(); });
}

ModelServer::~ModelServer() {
  ends_ = true;
  ::shutdown(listener_.socket, SHUT_RDWR);
  acceptor_.join();
  for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
  for (const int connection : connections_) ::close(connection);
  ::close(listener_.socket);
}

std::string ModelServer::base() const {
  return fmt::format("http://127.0.0.1:{}/v1", listener_.port);
}

std::map<Fault, int> ModelServer::faults() const {
  const std::lock_guard lock(mutex_);
  return made_;
}

void ModelServer::serve() {
  while (!ends_) {
    const int connection = ::accept4(listener_.socket, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    connections_.push_back(connection);  // closed at the end, so that no number is given twice
    threads_.emplace_back([this, connection] { serve_connection(connection); });
  }
}

void ModelServer::serve_connection(int connection) {
  std::string rest;
  while (!ends_) {
    const std::string head = read_head(connection, rest);
    std::string body;
    if (head.empty()) break;
    const std::string length = header_of(head, "content-length");
    if (!read_body(connection, length.empty() ? 0 : std::stoul(length), rest, body)) break;
    ModelCall call;
    call.path = split(head, ' ').at(1);
    call.authorization = header_of(head, "authorization");
    call.body = json::parse(body, nullptr, false);
    call.number = calls_++;
    {
      const std::lock_guard lock(mutex_);
      call.nth = asked_[body]++;
    }
    const size_t now = ++at_once_;
    size_t most = most_;
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (most_ < options_.hold && !ends_ && std::chrono::steady_clock::now() < until) ::usleep(1000);
    if (options_.milliseconds > 0) ::usleep(static_cast<useconds_t>(1000 * options_.milliseconds));
    const bool goes_on = answer(connection, std::move(call));
    --at_once_;
    if (!goes_on) break;
  }
  ::shutdown(connection, SHUT_RDWR);
}

bool ModelServer::answer(int connection, ModelCall call) {
  if (call.path != "/v1/completions" && call.path != "/v1/chat/completions" && call.path != "/v1/other/completions") {
    return reply(connection, 404, R"({"detail":"Not Found"})");
  }
  const Fault fault = faults_ ? faults_(call) : Fault::kNone;
  if (fault != Fault::kNone) {
    {
      const std::lock_guard lock(mutex_);
      ++made_[fault];
    }
    return misbehave(connection, fault, call);
  }
  return reply(connection, 200, answer_to(call).dump());
}

json ModelServer::answer_to(const ModelCall& call) const {
  const json& body = call.body;
  const std::string prompt = prompt_in(body);
  const bool chat = body.contains("messages");
  std::string text = made_text(prompt);
  if (options_.wavers) text = fmt::format(" It is {}.", call.nth);
  json choice{{"index", 0}, {"finish_reason", "length"}, {"stop_reason", nullptr}};
  size_t generated = 9;
  if (body.value("echo", false) && options_.prompt_logprobs) {
    choice["logprobs"] = echo_of(prompt, " It", options_);
    text = prompt + " It";
    generated = 1;
  } else if (body.contains("stop")) {
    for (const json& stop : body.at("stop")) {
      const size_t at = text.find(stop.get<std::string>());
      if (at == std::string::npos) continue;
      text.resize(at);
      choice["finish_reason"] = "stop";
      choice["stop_reason"] = stop;
    }
  }
  if (chat) {
    choice["message"] = {{"role", "assistant"}, {"content", text}};
  } else {
    choice["text"] = text;
  }
  json answer{{"model", options_.answers_as}, {"system_fingerprint", "fp_1"}, {"choices", {choice}}};
  if (options_.usage) {
    answer["usage"] = {{"prompt_tokens", tokens_of(written(body, options_)).size() + 1},
                       {"completion_tokens", generated}};
  }
  return answer;
}

bool ModelServer::misbehave(int connection, Fault fault, const ModelCall& call) {
  const std::string quoted = json{{"error", {{"message", "not with " + call.authorization}}}}.dump();
  json right = answer_to(call);
  const std::string whole = right.dump();
  switch (fault) {
    case Fault::kTooMany:
      return reply(connection, 429, R"({"error":{"message":"slow down"}})");
    case Fault::kTooManyWait:
      return reply(connection, 429, R"({"error":{"message":"slow down"}})", "Retry-After: 1\r\n");
    case Fault::kServerError:
      return reply(connection, 500, "<html>" + call.authorization + "</html>");
    case Fault::kReset: {
      const linger at_once{1, 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      const sockaddr nowhere{AF_UNSPEC, {}};
      ::connect(connection, &nowhere, sizeof nowhere);  // resets
      return false;
    }
    case Fault::kStall:
      for (pollfd waiting{connection, POLLRDHUP, 0}; !ends_ && ::poll(&waiting, 1, 50) == 0;) {
      }
      return false;
    case Fault::kHalfJson:
      return reply(connection, 200, whole.substr(0, whole.size() / 2));
    case Fault::kCutOff:
      reply(connection, 200, whole.substr(0, whole.size() / 2), "", whole.size() / 2);
      return false;
    case Fault::kHtml:
      return reply(connection, 200, "<!DOCTYPE html><html><body>Please log in</body></html>");
    case Fault::kRedirectHere:
      return reply(connection, 307, "", "Location: /v1/other/completions\r\n");
    case Fault::kRedirectAway:
      return reply(connection, 307, "",
                   fmt::format("Location: http://127.0.0.2:{}/v1/completions\r\n", listener_.port));
    case Fault::kWrongKey:
      return reply(connection, 401, quoted);
    case Fault::kRefused:
      return reply(connection, 400, quoted);
    case Fault::kQuotesPrompt:
      return reply(connection, 400, json{{"error", {{"message", "cannot do " + prompt_in(call.body)}}}}.dump());
    case Fault::kEmptyChoice:
      right["choices"] = json::array();
      break;
    case Fault::kNoText:
      right["choices"][0].erase("message");
      right["choices"][0]["text"] = nullptr;
      break;
    case Fault::kOtherModel:
      right["model"] = "another";
      break;
    case Fault::kOtherTokens:
      if (right["choices"][0].contains("logprobs")) {
        right["choices"][0]["logprobs"] = echo_of(prompt_in(call.body) + "s", " It", options_);
      }
      break;
    case Fault::kNone:
      break;
  }
  return reply(connection, 200, right.dump());
}

}  // namespace assay::testing
