#include "harness/commands/run_arguments.h"

#include "base/error.h"
#include "harness/commands/options.h"

namespace assay::harness {
namespace {

constexpr const char* kAsked = "What is asked";
constexpr const char* kComputed = "How it is computed";

}  // namespace

std::map<std::string, std::string> parse_tags(const std::vector<std::string>& tags) {
  std::map<std::string, std::string> parsed;
  for (const std::string& tag : tags) {
    const size_t equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) fail(ExitCode::kUsage, "--tag {}: write it as KEY=VALUE", tag);
    parsed[tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  return parsed;
}

nlohmann::ordered_json parse_fields(const std::vector<std::string>& fields) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const std::string& field : fields) {
    const size_t equals = field.find('=');
    if (equals == std::string::npos || equals == 0) {
      fail(ExitCode::kUsage, "--request-field {}: write it as KEY=JSON, for example repeat_penalty=1", field);
    }
    const std::string text = field.substr(equals + 1);
    const nlohmann::ordered_json value = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
    object[field.substr(0, equals)] = value.is_discarded() ? nlohmann::ordered_json(text) : value;
  }
  return object;
}

void add_model(CLI::App& c, RunArguments& a) {
  RunOptions& o = a.run;
  c.add_option("--model", o.model,
               "A folder, a .gguf file, a Hugging Face cache name, demo, demo:early, "
               "synthetic:llama3-8b, https://host/v1#model, or responses:FILE.jsonl")
      ->group(kAsked);
}

void add_what_is_asked(CLI::App& c, RunArguments& a) {
  RunOptions& o = a.run;
  c.add_option("--tasks", o.tasks, "Tasks or groups, comma-separated; text:FILE for perplexity")
      ->delimiter(',')
      ->group(kAsked);
  add_protocol(c, o.protocol);
  c.get_option("--protocol")->group(kAsked);
  c.add_option("--tasks-dir", o.tasks_dirs, "A folder of further task files (repeatable)")
      ->type_name("DIR")
      ->group(kAsked);
  add_data_dir(c, a.data_dir);
  c.get_option("--data-dir")->group(kAsked);
  c.add_option("--shots", o.shots, "Worked examples in front of each question (default: the protocol's)")
      ->group(kAsked);
  c.add_option("--limit", o.limit, "The first N samples of every subset")->group(kAsked);
  c.add_option("--subsets", o.subsets, "Subsets, comma-separated")->delimiter(',')->group(kAsked);
  c.add_option("--samples", o.samples, "Generations of each question; above 1 they are sampled")->group(kAsked);
  c.add_option("--repeats", o.repeats, "Ask each question so often the same way, to see whether the answers differ")
      ->capture_default_str()
      ->group(kAsked);
  add_decoding(c, a);
}

void add_decoding(CLI::App& c, RunArguments& a) {
  RunOptions& o = a.run;
  c.add_option("--temperature", o.temperature, "Default 0 (greedy), 0.8 with several samples")->group(kAsked);
  c.add_option("--top-p", o.top_p, "Default 1, 0.95 with several samples")->group(kAsked);
  c.add_option("--seed", o.seed, "Of sampled generations")->capture_default_str()->group(kAsked);
  c.add_option("--max-tokens", o.max_tokens, "Of a generation (default: the protocol's)")->group(kAsked);
  c.add_option("--stride", o.stride, "Tokens that a window of text: moves on (default: the context length)")
      ->group(kAsked);
  add_choice(c, "--chat", o.chat, {"auto", "on", "off"}, "Ask through the model's chat template")->group(kAsked);
  add_choice(c, "--bos", o.engine.bos, {"auto", "on", "off"}, "Begin with a BOS token")->group(kAsked);
  c.add_option("--tokenizer", o.engine.tokenizer, "Another tokenizer than the model's own")
      ->type_name("DIR|FILE")
      ->group(kAsked);
}

void add_how_it_is_computed(CLI::App& c, RunArguments& a) {
  engine::EngineOptions& e = a.run.engine;
  c.add_option("--device", e.device, "auto, cpu, cuda, cuda:N, cuda:all")->capture_default_str()->group(kComputed);
  add_choice(c, "--dtype", e.dtype, {"auto", "f32", "bf16", "f16"}, "Of weights and of the inputs of matrix products")
      ->group(kComputed);
  add_choice(c, "--kernels", e.kernels, {"auto", "scalar", "avx2", "avx512", "avx512bf16", "amx"},
             "The highest kernel set allowed")
      ->group(kComputed);
  c.add_option("--threads", e.threads, "Default: all that the process may use")->group(kComputed);
  c.add_option("--step-tokens", e.step_tokens, "Tokens of one forward pass at most")->group(kComputed);
  c.add_option("--memory", e.memory_gib, "GiB for weights and key-value cache (default: most of what is free)")
      ->group(kComputed);
  c.add_option("--time-limit", a.run.time_limit, "Seconds after which it ends, resumably")->group(kComputed);
}

void add_endpoint(CLI::App& c, RunArguments& a) {
  EndpointRunOptions& e = a.run.endpoint;
  const std::string group = "Of an endpoint";
  c.add_option("--concurrency", e.concurrency, "Requests in flight at most (default 64)")->group(group);
  c.add_option("--request-timeout", e.request_timeout,
               "Seconds without a byte after which a request is tried again (default 300)")
      ->group(group);
  c.add_option("--request-field", a.fields,
               "KEY=JSON: a further field of every request, as repeat_penalty=1 (repeatable)")
      ->group(group);
  c.add_option("--api-key-file", e.api_key_file, "A file with the key (default: ASSAY_API_KEY, else OPENAI_API_KEY)")
      ->type_name("FILE")
      ->group(group);
  c.add_option("--max-requests", e.max_requests, "End, resumably, before more requests than this")->group(group);
  c.add_option("--max-cost-tokens", e.max_cost_tokens, "The same for tokens of prompts and answers together")
      ->group(group);
  c.add_option("--max-money", e.max_money, "The same for money, by the two prices")->group(group);
  c.add_option("--price-in", e.price_in, "Of a million tokens of prompts")->group(group);
  c.add_option("--price-out", e.price_out, "Of a million tokens of answers")->group(group);
}

void add_this_call(CLI::App& c, RunArguments& a) {
  RunOptions& o = a.run;
  const std::string group = "This run";
  c.add_option("--name", o.name, "Name of the batch (default: its UTC start and four letters)")->group(group);
  c.add_option("--tag", a.tags, "KEY=VALUE to find it by (repeatable)")->group(group);
  c.add_option("--resume", o.resume, "Continue the batch of this name with the options that were recorded")
      ->group(group);
  c.add_flag("--dry-run", o.dry_run, "Print what would be asked and what it costs")->group(group);
  c.add_flag("--json", o.json, "Print the result as JSON")->group(group);
  c.add_flag("--quiet", o.quiet, "No progress and no notes")->group(group);
}

void add_execution(CLI::App& c, RunArguments& a) {
  add_choice(c, "--sandbox", a.run.sandbox, {"full", "reduced"},
             "What must hold model-written programs: every layer, or those that this machine has")
      ->group(kComputed);
  c.add_flag("--no-execute", a.run.no_execute, "Keep model-written programs as texts")->group(kComputed);
}

}  // namespace assay::harness
