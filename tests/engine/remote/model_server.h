// A server in the test's own process that speaks OpenAI's API as vLLM does, or wrongly where it is told to. Its model
// is a hash: what it answers depends on the prompt alone. It writes HTTP by hand, because what is tested is what
// happens when a server does not keep to it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/loopback.h"

namespace assay::testing {

enum class Fault {
  kNone,
  kTooMany,       // 429
  kTooManyWait,   // 429 with Retry-After: 1
  kServerError,   // 500 with a page
  kReset,         // the connection is reset
  kStall,         // no byte ever
  kHalfJson,      // a whole body of half an object
  kCutOff,        // a body that ends before its Content-Length
  kHtml,          // 200 with a page
  kRedirectHere,  // 307 to the same server
  kEmptyChoice,   // 200 with "choices": []
  kNoText,        // 200 with a choice whose text is null
  kOtherModel,    // answers in another model's name
  kOtherTokens,   // log-probabilities of another text
  kRedirectAway,  // 307 to another host
  kWrongKey,      // 401, quoting the Authorization header
  kRefused,       // 400, quoting it too
  kQuotesPrompt,  // 400, quoting the request
};

struct ModelCall {
  std::string path;
  std::string authorization;
  nlohmann::json body;
  size_t number = 0;  // of all calls, from 0
  int nth = 0;        // how often the same was asked before
};

struct ModelServerOptions {
  std::string model = "tiny";
  std::string answers_as = "tiny";
  bool prompt_logprobs = true;  // else echo is ignored, as chat servers do
  bool shifted = false;         // the likeliest tokens of a position are those of the one after it
  bool usage = true;
  bool continues = true;  // an answer that a dialogue begins, else a new one follows it
  bool bos = true;        // a BOS token before the echoed ones, as of Llama
  bool wavers = false;    // the text depends on `nth` too
  int milliseconds = 0;   // for each answer
  size_t hold = 0;        // answers nothing until so many calls wait at once (or two seconds have passed)
};

class ModelServer {
 public:
  using Faults = std::function<Fault(const ModelCall&)>;

  explicit ModelServer(ModelServerOptions options = {}, Faults faults = nullptr);
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;
  ~ModelServer();

  // "http://127.0.0.1:4711/v1"
  std::string base() const;
  // The same with "#model".
  std::string url() const { return base() + "#" + options_.model; }
  size_t calls() const { return calls_; }
  size_t most_at_once() const { return most_; }
  std::map<Fault, int> faults() const;

 private:
  void serve();
  void serve_connection(int connection);
  bool answer(int connection, ModelCall call);
  nlohmann::json answer_to(const ModelCall& call) const;
  bool misbehave(int connection, Fault fault, const ModelCall& call);

  ModelServerOptions options_;
  Faults faults_;
  Listener listener_;
  std::atomic<bool> ends_{false};
  std::atomic<size_t> calls_{0};
  std::atomic<size_t> at_once_{0};
  std::atomic<size_t> most_{0};
  mutable std::mutex mutex_;
  std::map<std::string, int> asked_;
  std::map<Fault, int> made_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// What a right server answers to a plain prompt, before stops: for tests that look at texts.
std::string made_text(const std::string& prompt);

}  // namespace assay::testing
