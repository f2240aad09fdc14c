#include "harness/endpoint_run.h"

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "engine/remote/calls.h"
#include "harness/api_key.h"
#include "harness/manifest.h"
#include "harness/progress.h"

namespace assay::harness {
namespace {

engine::EndpointOptions endpoint_options(const RunOptions& options) {
  const EndpointRunOptions& given = options.endpoint;
  engine::EndpointOptions endpoint;
  endpoint.address = engine::parse_endpoint(options.model);
  endpoint.key = find_api_key(given.api_key_file);
  if (given.concurrency > 0) endpoint.concurrency = given.concurrency;
  if (given.request_timeout > 0) endpoint.request_timeout = given.request_timeout;
  endpoint.hidden = options.hidden != nullptr;
  endpoint.fields = given.fields;
  endpoint.budget = {given.max_requests, given.max_cost_tokens, given.max_money, given.price_in, given.price_out};
  return endpoint;
}

// The first request of each kind; the subsets of a task may be asked in several.
std::vector<engine::Request> kinds_of(const PreparedRun& run) {
  std::vector<engine::Request> kinds;
  for (const Ask& ask : run.asks) {
    const bool is_new = std::none_of(
        kinds.begin(), kinds.end(), [&](const engine::Request& known) { return known.index() == ask.request.index(); });
    if (is_new) kinds.push_back(ask.request);
  }
  return kinds;
}

bool needs_likelihoods(const PreparedRun& run) {
  return std::any_of(run.asks.begin(), run.asks.end(),
                     [](const Ask& ask) { return std::holds_alternative<engine::LogLikelihoodRequest>(ask.request); });
}

// What a server without log-probabilities of prompts can be asked in place of a likelihood task.
std::string generative_form(const PreparedRun& run, const tasks::Registry& registry) {
  constexpr const char* kGenerates = "llama3_instruct";
  const std::string& name = run.rendered.task;
  for (const tasks::Task& task : registry.tasks()) {
    const bool has = std::find(task.protocols.begin(), task.protocols.end(), kGenerates) != task.protocols.end();
    if (task.name == name && has) return fmt::format("{} with --protocol {}", name, kGenerates);
  }
  return name + " has no generative form";
}

[[noreturn]] void refuse_likelihoods(const std::vector<PreparedRun>& runs, const RunOptions& options,
                                     const std::string& why) {
  const tasks::Registry registry({options.tasks_dirs.begin(), options.tasks_dirs.end()});
  std::vector<std::string> instead;
  for (const PreparedRun& run : runs) {
    if (needs_likelihoods(run)) instead.push_back(generative_form(run, registry));
  }
  fail(ExitCode::kUnavailable,
       "{} gives no log-probabilities of prompts, which tasks of likelihood need ({}); ask it for texts instead: {}",
       engine::parse_endpoint(options.model).base, why, join(instead, ", "));
}

bool begins_answer(const Ask& ask) {
  const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
  return generate != nullptr && !generate->turns.empty() && generate->turns.back().role == "assistant";
}

// A new answer in place of the rest of a begun one would be scored as something that nobody asked.
[[noreturn]] void refuse_begun_answers(const std::vector<PreparedRun>& runs, const RunOptions& options,
                                       const std::string& why) {
  std::vector<std::string> names;
  for (const PreparedRun& run : runs) {
    if (std::any_of(run.asks.begin(), run.asks.end(), begins_answer)) names.push_back(run.rendered.task);
  }
  fail(ExitCode::kUnavailable,
       "{} does not continue an answer that a dialogue begins ({}), as {} under protocol {} asks; vLLM and SGLang do, "
       "or "
       "leave out these tasks",
       engine::parse_endpoint(options.model).base, why, join(names, ", "), options.protocol);
}

std::string interface_of(const PreparedRun& run) {
  std::vector<std::string> names;
  for (const engine::Request& request : kinds_of(run)) {
    const auto* generate = std::get_if<engine::GenerateRequest>(&request);
    names.emplace_back(generate == nullptr       ? "prompt log-probabilities"
                       : generate->turns.empty() ? "completions"
                                                 : "chat completions");
  }
  return join(names, ", ");
}

}  // namespace

void check_endpoint_options(const RunOptions& o) {
  const auto usage = [](const std::string& message) { throw Error(ExitCode::kUsage, message); };
  const EndpointRunOptions& e = o.endpoint;
  if (!engine::is_endpoint(o.model)) {
    if (!(e == EndpointRunOptions())) {
      usage(
          "--concurrency, --request-timeout, --api-key-file, --max-requests, --max-cost-tokens, --max-money and the "
          "prices are for an endpoint (--model https://host/v1#model); leave them out");
    }
    return;
  }
  engine::parse_endpoint(o.model);
  if (e.concurrency < 0 || e.concurrency > 4096) usage("--concurrency must be from 1 to 4096");
  if (e.request_timeout < 0) usage("--request-timeout must be positive");
  if (e.max_requests < 0) usage("--max-requests must be positive");
  if (e.max_cost_tokens < 0) usage("--max-cost-tokens must be positive");
  engine::check_extra_fields(e.fields);
  if (!(e.max_money >= 0) || !(e.price_in >= 0) || !(e.price_out >= 0)) usage("prices must not be negative");
  if (e.max_money > 0 && e.price_in == 0 && e.price_out == 0) {
    usage("--max-money needs --price-in and --price-out: what a million tokens of prompts and of answers cost");
  }
}

std::unique_ptr<engine::Endpoint> open_endpoint(const RunOptions& options, const std::vector<PreparedRun>& runs,
                                                const std::atomic<bool>* stop) {
  auto endpoint = std::make_unique<engine::Endpoint>(endpoint_options(options));
  std::vector<engine::Request> first_of_each;
  for (const PreparedRun& run : runs) {
    for (engine::Request& request : kinds_of(run)) first_of_each.push_back(std::move(request));
    // A task's subsets may begin an answer or not.
    for (const Ask& ask : run.asks) {
      if (!begins_answer(ask)) continue;
      first_of_each.push_back(ask.request);
      break;
    }
  }
  engine::RunCallbacks callbacks;
  callbacks.stop = stop;
  const engine::ProbeResult found = endpoint->probe(first_of_each, callbacks);
  if (!found.no_logprobs.empty()) refuse_likelihoods(runs, options, found.no_logprobs);
  if (!found.no_continuing.empty()) refuse_begun_answers(runs, options, found.no_continuing);
  return endpoint;
}

store::Json computed_by_endpoint(const RunOptions& options, const engine::EndpointFacts& facts,
                                 const PreparedRun& run) {
  const engine::EndpointAddress address = engine::parse_endpoint(options.model);
  store::Json json;
  json["model"] = address.model;
  json["endpoint"] = address.base;
  json["answered_as"] = facts.answered_as.empty() ? "unknown" : facts.answered_as;
  json["system_fingerprint"] = facts.system_fingerprint.empty() ? "unknown" : facts.system_fingerprint;
  json["interface"] = interface_of(run);
  if (!options.endpoint.fields.empty()) json["request_fields"] = options.endpoint.fields;
  for (const char* field : kNotKnownElsewhere) json[field] = "unknown";
  json["device"] = "endpoint";
  return json;
}

std::string endpoint_plan(const std::vector<PreparedRun>& runs) {
  engine::Cost worst;
  size_t requests = 0;
  for (const PreparedRun& run : runs) {
    for (const Ask& ask : run.asks) {
      for (size_t part = 0; part < engine::call_count(ask.request); ++part, ++requests) {
        const engine::Call call = engine::make_call(ask.request, part, "");
        worst.prompt_tokens += call.worst.prompt_tokens;
        worst.generated_tokens += call.worst.generated_tokens;
      }
    }
  }
  return fmt::format("at most    {} requests, {} prompt tokens (a byte each), {} generated tokens\n", requests,
                     format_count(static_cast<double>(worst.prompt_tokens)),
                     format_count(static_cast<double>(worst.generated_tokens)));
}

std::string endpoint_progress(const engine::Endpoint& endpoint, const std::string& score) {
  const engine::EndpointStatus status = endpoint.status();
  const double share = static_cast<double>(status.answered) / static_cast<double>(std::max<size_t>(1, status.requests));
  std::string text = fmt::format("{:3.0f} %  {} of {} answered  {} in flight", 100 * share, status.answered,
                                 status.requests, status.in_flight);
  if (status.tries_again > 0) text += fmt::format("  {} tried again", status.tries_again);
  return score.empty() ? text : text + "  " + score;
}

store::Json spent_json(const engine::Ledger& ledger) {
  return {{"requests", ledger.requests()},
          {"prompt_tokens", ledger.spent().prompt_tokens},
          {"generated_tokens", ledger.spent().generated_tokens},
          {"money", ledger.money()}};
}

std::string repeats_note(const PreparedRun& run, const std::vector<store::StoredSample>& samples, int repeats) {
  if (repeats <= 1) return "";
  std::map<size_t, std::set<std::string>> answers;  // by item
  for (const store::StoredSample& sample : samples) {
    if (!sample.response) continue;
    std::string answer;
    if (const auto* text = std::get_if<engine::GenerateResponse>(&sample.response->body)) {
      answer = text->text;
    } else if (const auto* likelihood = std::get_if<engine::LogLikelihoodResponse>(&sample.response->body)) {
      for (const double logprob : likelihood->logprobs) answer += fmt::format("{} ", logprob);
    }
    answers[run.asks.at(sample.position).item].insert(answer);
  }
  const auto differ =
      std::count_if(answers.begin(), answers.end(), [](const auto& of_item) { return of_item.second.size() > 1; });
  return fmt::format("{}: of {} items asked {} times, {} were not answered alike each time", run.rendered.task,
                     answers.size(), repeats, differ);
}

}  // namespace assay::harness
