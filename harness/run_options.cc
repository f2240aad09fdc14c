#include "harness/run_options.h"

#include <filesystem>

#include "base/error.h"
#include "engine/remote/address.h"
#include "harness/endpoint_run.h"

namespace assay::harness {
namespace {

using nlohmann::ordered_json;

std::string absolute_if_it_exists(const std::string& path) {
  std::error_code unknown;
  if (path.empty() || !std::filesystem::exists(path, unknown)) return path;
  return std::filesystem::absolute(path).lexically_normal().string();
}

// The file behind a prefix such as "responses:" stays findable from another folder, too.
std::string absolute_name(const std::string& name) {
  for (const std::string prefix : {"responses:", "text:"}) {
    if (name.starts_with(prefix)) return prefix + absolute_if_it_exists(name.substr(prefix.size()));
  }
  return absolute_if_it_exists(name);
}

std::vector<std::string> absolute_paths(std::vector<std::string> paths) {
  for (std::string& path : paths) path = absolute_if_it_exists(path);
  return paths;
}

std::vector<std::string> absolute_tasks(std::vector<std::string> tasks) {
  for (std::string& task : tasks) {
    if (task.starts_with("text:")) task = absolute_name(task);
  }
  return tasks;
}

template <typename T>
ordered_json optional_to_json(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

template <typename T>
void read_optional(const ordered_json& value, std::optional<T>& out) {
  out = value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

// A value of this call, else the recorded one.
void apply_endpoint(const ordered_json& json, EndpointRunOptions& o) {
  const auto keep = [&](const char* name, auto& value) {
    if (value == 0) value = json.value(name, value);
  };
  keep("concurrency", o.concurrency);
  keep("request_timeout", o.request_timeout);
  keep("max_requests", o.max_requests);
  keep("max_cost_tokens", o.max_cost_tokens);
  keep("max_money", o.max_money);
  keep("price_in", o.price_in);
  keep("price_out", o.price_out);
  o.fields = json.value("fields", ordered_json::object());  // they belong to what is asked
}

// Whoever names a server on resuming means that one, and its answers would be of another model.
void refuse_other_endpoint(const std::string& recorded, const std::string& batch, const std::string& named) {
  if (named.empty() || named == recorded) return;
  if (!engine::is_endpoint(named) && !engine::is_endpoint(recorded)) return;
  fail(ExitCode::kUsage,
       "batch {} asks {}; it cannot be resumed with another --model: leave it out, or start a new run", batch,
       recorded);
}

}  // namespace

void check_options(const RunOptions& o) {
  const auto usage = [](const std::string& message) { throw Error(ExitCode::kUsage, message); };
  if (o.model.empty())
    usage("--model is missing: name a model folder, a .gguf file, https://host/v1#model or responses:FILE.jsonl");
  if (o.tasks.empty()) usage("--tasks is missing: `assay tasks list` shows what there is");
  if (o.limit < 0) usage("--limit must be positive");
  if (o.shots && *o.shots < 0) usage("--shots must not be negative");
  if (o.repeats < 1) usage("--repeats must be at least 1");
  if (o.repeats > 1 && o.samples.value_or(1) > 1) {
    usage("--repeats asks the same way again and --samples draws anew: leave one of them out");
  }
  if (o.samples && *o.samples < 1) usage("--samples must be at least 1");
  if (o.max_tokens && *o.max_tokens < 1) usage("--max-tokens must be at least 1");
  if (o.temperature && *o.temperature < 0) usage("--temperature must not be negative");
  if (o.top_p && (*o.top_p <= 0 || *o.top_p > 1)) usage("--top-p must lie above 0 and at most at 1");
  if (o.samples.value_or(1) > 1 && o.temperature && *o.temperature == 0) {
    usage("--samples above 1 with --temperature 0 would give the same text several times: leave one of them out");
  }
  if (o.time_limit < 0) usage("--time-limit must be positive");
  if (o.stride < 0) usage("--stride must be positive");
  check_endpoint_options(o);
}

ordered_json recorded_options(const RunOptions& o) {
  ordered_json json;
  json["model"] = absolute_name(o.model);
  json["tasks"] = absolute_tasks(o.tasks);
  json["protocol"] = o.protocol;
  json["tasks_dirs"] = absolute_paths(o.tasks_dirs);
  json["data_dirs"] = absolute_paths(o.data_dirs);
  json["shots"] = optional_to_json(o.shots);
  json["limit"] = o.limit;
  json["subsets"] = o.subsets;
  json["samples"] = optional_to_json(o.samples);
  json["repeats"] = o.repeats;
  json["temperature"] = optional_to_json(o.temperature);
  json["top_p"] = optional_to_json(o.top_p);
  json["seed"] = o.seed;
  json["max_tokens"] = optional_to_json(o.max_tokens);
  json["stride"] = o.stride;
  json["chat"] = o.chat;
  if (!o.hidden_set.empty()) json["hidden_set"] = absolute_if_it_exists(o.hidden_set);
  if (o.chat_time) json["chat_time"] = *o.chat_time;
  const EndpointRunOptions& e = o.endpoint;
  json["endpoint"] = {{"concurrency", e.concurrency},   {"request_timeout", e.request_timeout},
                      {"max_requests", e.max_requests}, {"max_cost_tokens", e.max_cost_tokens},
                      {"max_money", e.max_money},       {"price_in", e.price_in},
                      {"price_out", e.price_out},       {"fields", e.fields}};
  json["sandbox"] = o.sandbox;
  json["no_execute"] = o.no_execute;
  json["device"] = o.engine.device;
  json["dtype"] = o.engine.dtype;
  json["kernels"] = o.engine.kernels;
  json["threads"] = o.engine.threads;
  json["step_tokens"] = o.engine.step_tokens;
  json["memory"] = o.engine.memory_gib;
  json["bos"] = o.engine.bos;
  json["tokenizer"] = absolute_if_it_exists(o.engine.tokenizer);
  return json;
}

void apply_recorded(const ordered_json& json, const std::string& batch, RunOptions& o) {
  if (json.contains("imported")) {
    fail(ExitCode::kUsage,
         "batch {}: it was imported, so there is nothing to resume, replay or render again; use `assay run` for a run "
         "of "
         "its own",
         batch);
  }
  try {
    refuse_other_endpoint(json.at("model"), batch, o.model);
    o.model = json.at("model");
    o.tasks = json.at("tasks");
    o.protocol = json.at("protocol");
    o.tasks_dirs = json.at("tasks_dirs");
    o.data_dirs = json.at("data_dirs");
    read_optional(json.at("shots"), o.shots);
    o.limit = json.at("limit");
    o.subsets = json.at("subsets").get<std::vector<std::string>>();
    read_optional(json.at("samples"), o.samples);
    o.repeats = json.value("repeats", 1);  // older batches did not record it
    read_optional(json.at("temperature"), o.temperature);
    read_optional(json.at("top_p"), o.top_p);
    o.seed = json.at("seed");
    read_optional(json.at("max_tokens"), o.max_tokens);
    o.stride = json.at("stride");
    o.chat = json.at("chat");
    o.hidden_set = json.value("hidden_set", "");
    if (json.contains("chat_time")) o.chat_time = json.at("chat_time").get<int64_t>();
    apply_endpoint(json.value("endpoint", ordered_json::object()), o.endpoint);
    o.sandbox = json.value("sandbox", "full");  // batches of programs without a sandbox did not record it
    o.no_execute = json.at("no_execute");
    o.engine.device = json.at("device");
    o.engine.dtype = json.at("dtype");
    o.engine.kernels = json.at("kernels");
    if (o.engine.threads == 0) o.engine.threads = json.at("threads");
    if (o.engine.step_tokens == 0) o.engine.step_tokens = json.at("step_tokens");
    if (o.engine.memory_gib == 0) o.engine.memory_gib = json.at("memory");
    o.engine.bos = json.at("bos");
    o.engine.tokenizer = json.at("tokenizer");
  } catch (const nlohmann::json::exception& problem) {
    fail_input("batch {}: its recorded options are damaged ({}); start a new run", batch, problem.what());
  }
}

}  // namespace assay::harness
