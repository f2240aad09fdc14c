#include "engine/remote/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/remote/calls.h"
#include "engine/remote/dispatch.h"
#include "engine/remote/prompt_logprobs.h"

namespace assay::engine {
namespace {

using nlohmann::json;

constexpr int kProbeTries = 4;
constexpr const char* kWithout = "its answer to completions with echo and logprobs has none";
constexpr const char* kShifted =
    "its log-probabilities of a prompt are each of the position after it, as llama-cpp-python's server gives them; "
    "llama.cpp's own, vLLM and SGLang give the right ones";

// The request that an answer belongs to, as a person finds it: by the end of its prompt.
std::string name_of(const Request& request) {
  const auto* likelihood = std::get_if<LogLikelihoodRequest>(&request);
  std::string prompt = likelihood != nullptr ? likelihood->context : std::get<GenerateRequest>(request).prompt;
  constexpr size_t kShown = 60;
  if (prompt.size() > kShown) {
    size_t begin = prompt.size() - kShown;
    while (begin < prompt.size() && (static_cast<unsigned char>(prompt[begin]) & 0xC0) == 0x80) ++begin;
    prompt = "..." + prompt.substr(begin);
  }
  return fmt::format("\"{}\"", printable(prompt));
}

// "gpt-4o" is answered by "gpt-4o-2024-08-06": the same name, or that with a date behind it.
bool is_name_of(const std::string& answered, const std::string& asked) {
  if (!answered.starts_with(asked)) return false;
  const std::string rest = answered.substr(asked.size());
  const auto digits = std::count_if(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  return rest.empty() || (rest.front() == '-' && digits >= 4 && rest.find_first_not_of("-0123456789") == rest.npos);
}

// A likelihood whose continuations come back one by one.
struct Gathering {
  LogLikelihoodResponse response;
  size_t missing = 0;
  int context_tokens = 0;
  bool greedy_known = true;
};

struct CallPlace {
  size_t request = 0;
  size_t part = 0;
};

DispatchOptions dispatch_options(const EndpointOptions& options) {
  DispatchOptions dispatch;
  dispatch.concurrency = static_cast<size_t>(options.concurrency);
  dispatch.back_off = options.back_off;
  dispatch.quotes_server = !options.hidden;
  return dispatch;
}

HttpOptions http_options(const EndpointOptions& options) {
  HttpOptions http;
  http.key = options.key;
  http.stall_seconds = options.request_timeout;
  return http;
}

// The requests of a probe, and which of them tell what.
struct Probes {
  std::vector<Request> requests;
  std::optional<size_t> likelihood;
  std::optional<size_t> begun;  // the first of three dialogues: nothing begun, a text begun, that text twice
};

Probes probes_for(std::span<const Request> requests) {
  bool likelihood = false, plain = false, dialogue = false, begun = false;
  for (const Request& request : requests) {
    if (std::holds_alternative<LogLikelihoodRequest>(request)) {
      likelihood = true;
    } else if (const auto* generate = std::get_if<GenerateRequest>(&request)) {
      plain = plain || generate->turns.empty();
      dialogue = dialogue || !generate->turns.empty();
      begun = begun || (!generate->turns.empty() && generate->turns.back().role == "assistant");
    } else {
      make_call(request, 0, "");  // says why it cannot be asked
    }
  }
  Probes probes;
  if (likelihood) {
    probes.likelihood = probes.requests.size();
    // Continuations that are followed by different things, for are_of_their_tokens.
    probes.requests.push_back(LogLikelihoodRequest{"The sky is", {" blue", " (", " not"}});
  }
  GenerateRequest probe{"The sky is", {}, false, 1, {}};
  if (plain) probes.requests.push_back(probe);
  probe.turns = {{"user", "The sky is"}};
  if (begun) probes.begun = probes.requests.size();
  if (dialogue) probes.requests.push_back(probe);
  for (const char* text : {"The sky is", "The sky is The sky is"}) {
    if (!begun) break;
    probe.turns = {{"user", "The sky is"}, {"assistant", text}};
    probes.requests.push_back(probe);
  }
  return probes;
}

// Whether tokens stand between a begun answer and what follows it, by the server's counts of the three dialogues: the
// text alone costs what its second copy does. Zero counts: not told.
bool begins_anew(const std::array<int64_t, 3>& counts) {
  const bool told = std::all_of(counts.begin(), counts.end(), [](int64_t count) { return count > 0; });
  return told && counts[1] - counts[0] > counts[2] - counts[1];
}

}  // namespace

struct Endpoint::Impl {
  explicit Impl(const EndpointOptions& given)
      : options(given), dispatcher(given.address, http_options(given), given.budget, dispatch_options(given)) {}

  // Throws where the answer is of another model than was asked.
  void check_model(const json& answer) {
    const json model = answer.value("model", json());
    if (!model.is_string()) return;  // not told
    const std::string name = model.get<std::string>();
    if (facts.answered_as.empty()) {
      if (!is_name_of(name, options.address.model)) {
        fail_input("{} answers as the model {}, but {} was asked; name it as {}#{}", options.address.base,
                   printable(name), printable(options.address.model), options.address.base, printable(name));
      }
      facts.answered_as = name;
    } else if (name != facts.answered_as) {
      fail_input("{} answers as the model {} and did so as {} before; a score of both would be of neither",
                 options.address.base, printable(name), printable(facts.answered_as));
    }
    check_fingerprint(answer);
  }

  void check_fingerprint(const json& answer) {
    const json told = answer.value("system_fingerprint", json());
    if (!told.is_string() || told.get_ref<const std::string&>().empty()) return;
    const std::string fingerprint = told.get<std::string>();
    if (facts.system_fingerprint.empty() && answered == 0) facts.system_fingerprint = fingerprint;
    if (fingerprint == facts.system_fingerprint || fingerprint_changed) return;
    fingerprint_changed = true;
    log_warning(fmt::format("{}: its system_fingerprint was {} and is {} now: the server was changed during the run",
                            options.address.base, printable(facts.system_fingerprint), printable(fingerprint)));
  }

  void take(std::span<const Request> requests, const CallPlace& place, const json& answer) {
    check_model(answer);
    try {
      if (const auto* generate = std::get_if<GenerateRequest>(&requests[place.request])) {
        Cost usage;
        const bool counted = read_usage(answer, usage);
        finished.push_back({place.request, counted ? static_cast<int>(usage.prompt_tokens) : -1, false,
                            read_generation(answer, *generate)});
      } else {
        take_part(std::get<LogLikelihoodRequest>(requests[place.request]), place, answer);
      }
    } catch (const Error& error) {
      const std::string says = options.key.redact(error.what());
      if (options.hidden) fail(error.code(), "{}: {}; it was request {}", options.address.base, says, place.request);
      fail(error.code(), "{}: {}; the prompt ends in {}", options.address.base, says,
           options.key.redact(name_of(requests[place.request])));
    }
  }

  void take_part(const LogLikelihoodRequest& request, const CallPlace& place, const json& answer) {
    const ScoredContinuation scored = read_continuation(answer, request, place.part);
    const size_t parts = request.continuations.size();
    auto [gathering, is_new] = gathered.try_emplace(place.request);
    Gathering& all = gathering->second;
    if (is_new) {
      all.missing = parts;
      all.context_tokens = scored.context_tokens;
      all.response.logprobs.resize(parts);
      all.response.greedy.resize(parts);
      all.response.behind.resize(parts);
    }
    all.response.logprobs[place.part] = scored.logprob;
    all.response.greedy[place.part] = scored.greedy;
    all.response.behind[place.part] = scored.behind;
    all.greedy_known = all.greedy_known && scored.greedy_known;
    if (--all.missing > 0) return;
    if (!all.greedy_known) {
      all.response.greedy.clear();
      all.response.behind.clear();
    }
    finished.push_back({place.request, all.context_tokens, false, std::move(all.response)});
    gathered.erase(gathering);
  }

  DispatchEnd ask(std::span<const Request> requests, const RunCallbacks& callbacks,
                  const std::function<void(const CallPlace&, const json&)>& take_answer,
                  const std::function<bool(const CallPlace&, long)>& refused = nullptr) {
    std::vector<CallPlace> places;
    for (size_t r = 0; r < requests.size(); ++r) {
      for (size_t part = 0; part < call_count(requests[r]); ++part) places.push_back({r, part});
    }
    Work work;
    work.count = places.size();
    work.make = [&](size_t call) {
      return make_call(requests[places[call].request], places[call].part, options.address.model, options.fields);
    };
    work.take = [&](size_t call, const json& answer) { take_answer(places[call], answer); };
    if (refused) work.refused = [&](size_t call, long status) { return refused(places[call], status); };
    work.pass = [&] {
      answered += finished.size();
      if (!finished.empty()) callbacks.on_responses(std::exchange(finished, {}));
      if (callbacks.on_step) callbacks.on_step({});
    };
    work.stop = callbacks.stop;
    return dispatcher.run(work);
  }

  EndpointOptions options;
  Dispatcher dispatcher;
  EndpointFacts facts;
  size_t requests_in_all = 0;
  size_t answered = 0;
  bool fingerprint_changed = false;
  std::map<size_t, Gathering> gathered;
  std::vector<Response> finished;
};

Endpoint::Endpoint(const EndpointOptions& options) {
  const EndpointAddress& address = options.address;
  if (!options.key.empty() && !address.encrypted && !address.local) {
    fail(ExitCode::kUsage,
         "--model {}: the key from {} would go to {} unencrypted; use https://, or, where the server wants no key, "
         "--api-key-file with an empty file",
         address.base, options.key.source(), address.host);
  }
  impl_ = std::make_unique<Impl>(options);
}

Endpoint::~Endpoint() = default;

ProbeResult Endpoint::probe(std::span<const Request> requests, const RunCallbacks& callbacks) {
  const Probes probes = probes_for(requests);
  ProbeResult result;
  std::vector<json> echoes;            // one a continuation
  std::array<int64_t, 3> counts = {};  // tokens of the three dialogues
  impl_->dispatcher.set_tries(kProbeTries);
  RunCallbacks quiet;
  quiet.stop = callbacks.stop;
  const auto take = [&](const CallPlace& place, const json& answer) {
    impl_->check_model(answer);
    first_choice(answer);
    Cost usage;
    if (probes.begun && place.request >= *probes.begun && read_usage(answer, usage)) {
      counts.at(place.request - *probes.begun) = usage.prompt_tokens;
    }
    if (probes.likelihood != place.request) return;
    const auto& asked = std::get<LogLikelihoodRequest>(probes.requests[place.request]);
    if (!has_prompt_logprobs(answer, asked.context + asked.continuations[place.part])) result.no_logprobs = kWithout;
    echoes.resize(asked.continuations.size());
    echoes[place.part] = answer;
    const bool all = std::none_of(echoes.begin(), echoes.end(), [](const json& echo) { return echo.is_null(); });
    if (result.no_logprobs.empty() && all && !are_of_their_tokens(echoes, asked)) result.no_logprobs = kShifted;
  };
  // Some servers refuse what they do not have, others leave it out.
  const auto refused = [&](const CallPlace& place, long status) {
    const bool unknown_kind = status == 400 || status == 404 || status == 405 || status == 422;
    if (!unknown_kind) return false;
    if (probes.likelihood == place.request) {
      result.no_logprobs = fmt::format("it answered {} to completions with echo and logprobs{}", status,
                                       status == 404 ? ", as it may to a wrong model's name, too" : "");
      return true;
    }
    if (!probes.begun || place.request <= *probes.begun) return false;
    result.no_continuing = fmt::format("it answered {} to a dialogue that ends in one", status);
    return true;
  };
  const DispatchEnd end = impl_->ask(probes.requests, quiet, take, refused);
  impl_->dispatcher.set_tries(DispatchOptions().tries);
  if (end == DispatchEnd::kBudgetSpent) {
    fail(ExitCode::kUsage, "{} does not even pay for the first request; allow more",
         impl_->dispatcher.ledger().spent_limit());
  }
  if (begins_anew(counts)) result.no_continuing = "by its count of tokens it ends that one and begins another";
  return result;
}

EndpointEnd Endpoint::run(std::span<const Request> requests, const RunCallbacks& callbacks) {
  impl_->gathered.clear();
  impl_->requests_in_all = requests.size();
  impl_->answered = 0;
  const DispatchEnd end = impl_->ask(
      requests, callbacks, [&](const CallPlace& place, const json& answer) { impl_->take(requests, place, answer); });
  switch (end) {
    case DispatchEnd::kStopped:
      return EndpointEnd::kStopped;
    case DispatchEnd::kBudgetSpent:
      return EndpointEnd::kBudgetSpent;
    default:
      return EndpointEnd::kDone;
  }
}

const EndpointFacts& Endpoint::facts() const {
  return impl_->facts;
}

EndpointStatus Endpoint::status() const {
  return {impl_->requests_in_all, impl_->answered, impl_->dispatcher.in_flight(), impl_->dispatcher.tries_again()};
}

const Ledger& Endpoint::ledger() const {
  return impl_->dispatcher.ledger();
}

}  // namespace assay::engine
