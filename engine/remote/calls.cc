#include "engine/remote/calls.h"

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "engine/tokenizer/stop_strings.h"

namespace assay::engine {
namespace {

using nlohmann::json;

constexpr size_t kMostStops = 4;
// What a chat template may write around a message, and what a tokenizer may put in front: generous.
constexpr int64_t kTokensAroundTurn = 32;
constexpr int64_t kTokensAround = 64;

std::string dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The stream of random numbers is named by seed, sample and repeat (engine/request.h); the server takes one number.
int64_t seed_of(const Sampling& sampling) {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  const auto drawn = philox({low(sampling.sample_key), high(sampling.sample_key), sampling.repeat, 0},
                            {low(sampling.seed), high(sampling.seed)});
  return drawn[0] >> 1;  // some servers take 31 bits
}

json stops_to_send(const std::vector<std::string>& stops) {
  json sent = json::array();
  for (const std::string& stop : stops) {
    if (!stop.empty() && sent.size() < kMostStops) sent.push_back(stop);
  }
  return sent;
}

Call generation_call(const GenerateRequest& request, const std::string& model, const json& extra) {
  json body = extra;
  body["model"] = model;
  body["max_tokens"] = request.max_tokens;
  body["temperature"] = request.sampling.temperature;
  body["n"] = 1;
  if (request.sampling.temperature > 0) {
    body["top_p"] = request.sampling.top_p;
    body["seed"] = seed_of(request.sampling);
  }
  if (json stops = stops_to_send(request.stops); !stops.empty()) body["stop"] = std::move(stops);
  Call call;
  call.worst = {kTokensAround, request.max_tokens};
  if (request.turns.empty()) {
    call.path = "/completions";
    body["prompt"] = request.prompt;
    call.worst.prompt_tokens += static_cast<int64_t>(request.prompt.size());
  } else {
    call.path = "/chat/completions";
    for (const Turn& turn : request.turns) {
      body["messages"].push_back({{"role", turn.role}, {"content", turn.content}});
      call.worst.prompt_tokens += kTokensAroundTurn + static_cast<int64_t>(turn.content.size());
    }
    if (request.turns.back().role == "assistant") {
      body["add_generation_prompt"] = false;
      body["continue_final_message"] = true;
    }
  }
  call.body = dump(body);
  return call;
}

Call likelihood_call(const LogLikelihoodRequest& request, size_t part, const std::string& model, const json& extra) {
  json body = extra;
  body["model"] = model;
  body["prompt"] = request.context + request.continuations.at(part);
  body["echo"] = true;
  body["logprobs"] = 1;
  // Servers disagree on what 0 means (none, or as many as fit); one token more is dropped again.
  body["max_tokens"] = 1;
  body["temperature"] = 0;
  const auto bytes = static_cast<int64_t>(request.context.size() + request.continuations[part].size());
  return {"/completions", dump(body), {kTokensAround + bytes, 1}};
}

// "stop" means the model's end as well as a stop string; vLLM and SGLang say which (stop_reason, matched_stop).
FinishReason finish_of(const json& choice, bool stops_were_sent) {
  const json reason = choice.value("finish_reason", json());
  if (reason == "length") return FinishReason::kLength;
  for (const char* detail : {"stop_reason", "matched_stop"}) {
    if (!choice.contains(detail)) continue;
    return choice.at(detail).is_string() ? FinishReason::kStop : FinishReason::kEndToken;
  }
  return stops_were_sent ? FinishReason::kStop : FinishReason::kEndToken;
}

const json& text_of(const json& choice) {
  static const json kNone;
  if (choice.contains("text")) return choice.at("text");
  if (choice.contains("message") && choice.at("message").is_object()) {
    const json& message = choice.at("message");
    if (message.contains("content")) return message.at("content");
  }
  return kNone;
}

}  // namespace

size_t call_count(const Request& request) {
  const auto* likelihood = std::get_if<LogLikelihoodRequest>(&request);
  return likelihood != nullptr ? likelihood->continuations.size() : 1;
}

void check_extra_fields(const json& fields) {
  constexpr const char* kOurs[] = {"model",
                                   "prompt",
                                   "messages",
                                   "max_tokens",
                                   "temperature",
                                   "top_p",
                                   "seed",
                                   "stop",
                                   "n",
                                   "echo",
                                   "logprobs",
                                   "stream",
                                   "add_generation_prompt",
                                   "continue_final_message"};
  for (const char* name : kOurs) {
    if (!fields.contains(name)) continue;
    fail(ExitCode::kUsage, "--request-field {}: every request says that by itself; --temperature and its like set it",
         name);
  }
}

Call make_call(const Request& request, size_t part, const std::string& model, const json& extra) {
  if (const auto* generate = std::get_if<GenerateRequest>(&request)) return generation_call(*generate, model, extra);
  if (const auto* likelihood = std::get_if<LogLikelihoodRequest>(&request)) {
    return likelihood_call(*likelihood, part, model, extra);
  }
  fail(ExitCode::kUsage,
       "a perplexity cannot be asked of an endpoint, because its windows are counted in the model's own tokens; run "
       "text: tasks on the weights");
}

bool read_usage(const json& answer, Cost& cost) {
  const auto usage = answer.find("usage");
  if (usage == answer.end() || !usage->is_object()) return false;
  const auto prompt = usage->find("prompt_tokens");
  const auto generated = usage->find("completion_tokens");
  if (prompt == usage->end() || !prompt->is_number_integer()) return false;
  cost.prompt_tokens = std::max<int64_t>(0, prompt->get<int64_t>());
  // Servers leave it out where nothing was generated.
  const bool counted = generated != usage->end() && generated->is_number_integer();
  cost.generated_tokens = counted ? std::max<int64_t>(0, generated->get<int64_t>()) : 0;
  return true;
}

const json& first_choice(const json& answer) {
  const auto choices = answer.find("choices");
  if (choices == answer.end() || !choices->is_array() || choices->empty() || !choices->front().is_object()) {
    fail_input("the answer has no choice, so there is no text in it");
  }
  return choices->front();
}

GenerateResponse read_generation(const json& answer, const GenerateRequest& request) {
  const json& choice = first_choice(answer);
  const json& text = text_of(choice);
  if (!text.is_string()) {
    const json reason = choice.value("finish_reason", json());
    fail_input("the answer's choice is empty: it has no text{}",
               reason == "length"   ? ", and all --max-tokens are spent, as on hidden reasoning: allow more"
               : reason.is_string() ? fmt::format(" (finish_reason \"{}\")", printable(reason.get<std::string>()))
                                    : std::string());
  }
  GenerateResponse response;
  const std::string whole = text.get<std::string>();
  response.text = std::string(cut_at_stops(whole, request.stops));
  const bool cut_here = response.text.size() < whole.size();
  response.finish = cut_here ? FinishReason::kStop : finish_of(choice, !stops_to_send(request.stops).empty());
  return response;
}

}  // namespace assay::engine
