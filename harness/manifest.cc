#include "harness/manifest.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/hash.h"
#include "harness/dialogues.h"
#include "harness/execution.h"
#include "harness/preference/hidden_run.h"
#include "harness/version.h"

namespace assay::harness {
namespace {

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// Each text with its length in front, so that no two lists of texts run into the same bytes.
void add_text(Sha256& hash, const std::string& text) {
  hash.update(fmt::format("{}:", text.size())).update(text);
}

void add_request(Sha256& hash, const engine::Request& request) {
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) {
    add_text(hash, likelihood->context);
    for (const std::string& continuation : likelihood->continuations) add_text(hash, continuation);
  } else if (const auto* generate = std::get_if<engine::GenerateRequest>(&request)) {
    add_text(hash, generate->prompt);
    for (const std::string& stop : generate->stops) add_text(hash, stop);
    hash.update(fmt::format("max_tokens {} end_text {}", generate->max_tokens, generate->stop_at_end_text));
  } else {
    const auto& text = std::get<engine::TextRequest>(request);
    add_text(hash, text.text);
    hash.update(fmt::format("stride {}", text.stride));
  }
  hash.update("\n");
}

// Over the messages as they are before a template writes them: what a server with a template of its own is asked.
std::string turns_sha256(const PreparedRun& run) {
  Sha256 hash;
  for (const Ask& ask : run.asks) {
    const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    if (generate == nullptr || ask.repeat > 0) continue;
    for (const engine::Turn& turn : generate->turns) {
      add_text(hash, turn.role);
      add_text(hash, turn.content);
    }
    for (const std::string& stop : generate->stops) add_text(hash, stop);
    hash.update(fmt::format("max_tokens {}\n", generate->max_tokens));
  }
  return hash.hex();
}

store::Json decoding_of(const PreparedRun& run) {
  for (const Ask& ask : run.asks) {
    const auto* generate = std::get_if<engine::GenerateRequest>(&ask.request);
    if (generate == nullptr) continue;
    const engine::Sampling& sampling = generate->sampling;
    store::Json decoding;
    decoding["temperature"] = sampling.temperature;
    decoding["top_p"] = sampling.top_p;
    decoding["seed"] = sampling.temperature > 0 ? store::Json(sampling.seed) : store::Json();
    decoding["max_tokens"] = generate->max_tokens;
    decoding["samples"] = run.asks.size() / run.rendered.items.size();
    return decoding;
  }
  return nullptr;  // nothing is generated
}

}  // namespace

std::string samples_sha256(const std::vector<std::string>& ids) {
  Sha256 hash;
  for (const std::string& id : ids) add_text(hash, id);
  return hash.hex();
}

std::string requests_sha256(const PreparedRun& run) {
  Sha256 hash;
  for (const Ask& ask : run.asks) {
    const bool asked_before = ask.repeat > 0 && std::holds_alternative<engine::LogLikelihoodRequest>(ask.request);
    if (!asked_before) add_request(hash, ask.request);
  }
  return hash.hex();
}

store::Json make_manifest(const PreparedRun& run, const RunOptions& options, const store::Json& computed,
                          const store::Json& executed) {
  const tasks::RenderedTask& task = run.rendered;
  std::vector<std::string> ids;
  for (const tasks::Item& item : task.items) ids.push_back(item.sample.id);

  store::Json asked;
  asked["task"] = task.task;
  asked["task_version"] = task.version;
  asked["task_sha256"] = task.definition_sha256;
  asked["data_sha256"] = task.data_sha256;
  asked["protocol"] = task.protocol;
  asked["shots"] = task.shots;
  asked["samples"] = task.items.size();
  asked["samples_sha256"] = samples_sha256(ids);
  const auto shown = [&](const std::string& hash) { return run.hidden ? run.hidden->mark(hash) : hash; };
  asked["requests_sha256"] = shown(requests_sha256(run));
  if (asks_dialogues(run)) asked["turns_sha256"] = shown(turns_sha256(run));
  asked["decoding"] = decoding_of(run);
  asked["chat"] = asks_dialogues(run);
  if (run.hidden) asked["hidden_set"] = options.hidden->set().file.set;

  store::Json scored;
  scored["scorer"] = run.scorer.version();
  scored["headline"] = run.averaging.headline;
  scored["averaged_subsets"] = run.averaging.averaged_subsets;
  const bool executes = run.scorer.needs_execution() && !executed.is_null();
  if (executes) scored["limits"] = limits_json({});

  store::Json manifest;
  manifest["asked"] = asked;
  manifest["scored"] = scored;
  manifest["computed"] = computed;
  if (!run.chat_template_sha256.empty()) {
    manifest["computed"]["chat_template_sha256"] = run.chat_template_sha256;
  }
  if (executes) manifest["executed"] = executed;
  manifest["program"] = {{"version", kVersion}, {"compiler", kCompiler}};
  manifest["host"] = host_name();
  manifest["model_name"] = options.model;
  return manifest;
}

store::Json computed_by(const engine::ModelFacts& facts) {
  store::Json json;
  json["model"] = facts.model;
  json["architecture"] = facts.architecture;
  json["parameters"] = facts.parameters;
  json["weights_sha256"] = facts.weights_sha256;
  json["tokenizer_sha256"] = facts.tokenizer_sha256;
  json["bos"] = facts.adds_bos;
  json["context"] = facts.context_length;
  json["dtype"] = facts.dtype;
  json["device"] = facts.device;
  json["kernels"] = facts.kernels;
  json["threads"] = facts.threads;
  json["step_tokens"] = facts.step_tokens;
  return json;
}

store::Json computed_elsewhere(const std::string& file, const std::string& sha256) {
  store::Json json;
  json["model"] = file;
  json["responses_sha256"] = sha256;
  for (const char* field : kNotKnownElsewhere) json[field] = "unknown";
  return json;
}

std::string first_difference(const store::Json& a, const store::Json& b, const std::string& section) {
  for (const auto& [field, value] : a.at(section).items()) {
    if (!b.at(section).contains(field) || b.at(section).at(field) != value) return section + "." + field;
  }
  return "";
}

}  // namespace assay::harness
