#include "store/export.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/hash.h"
#include "store/codec.h"
#include "store/export_impl.h"

namespace assay::store {
namespace {

std::string quote(const std::string& text) {
  return encode_json(Json(text));
}

template <typename T, typename Format>
std::string list(const T& values, Format format) {
  std::string text = "[";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += format(value);
  }
  return text + ']';
}

// A JSON object on one line, its keys in the order given.
class Line {
 public:
  Line& raw(const char* key, const std::string& json) {
    text_ += fmt::format("{}\"{}\":{}", text_.size() > 1 ? "," : "", key, json);
    return *this;
  }
  Line& text(const char* key, const std::string& value) { return raw(key, quote(value)); }
  Line& number(const char* key, int64_t value) { return raw(key, std::to_string(value)); }
  std::string finish() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

// What each kind of line has for itself, from the continuations or the seed to prediction or extraction.
void add_body(Line& line, const StoredSample& sample, const engine::LogLikelihoodResponse& body) {
  line.raw("continuations", json_list(sample.plan.continuations));
  line.raw("logprobs", json_list(body.logprobs));
  if (!body.greedy.empty()) line.raw("greedy", json_list(body.greedy));
  line.raw("gold", json_list(sample.plan.gold.choices));
  if (sample.score && sample.score->prediction) line.number("prediction", *sample.score->prediction);
}

void add_body(Line& line, const StoredSample&, const engine::TextResponse& body) {
  line.raw("logprob", format_double(body.logprob)).number("tokens", body.tokens);
}

void add_body(Line& line, const StoredSample& sample, const engine::GenerateResponse& body) {
  line.raw("seed", sample.plan.seed ? std::to_string(*sample.plan.seed) : "null").text("text", body.text);
  if (!body.token_ids.empty()) {
    line.text("finish", to_string(body.finish)).number("tokens", std::ssize(body.token_ids));
  }
  line.text("gold", sample.plan.gold.text);
  if (sample.score && !sample.score->extracted.empty()) {
    line.raw("extracted", encode_json(Json(sample.score->extracted)));
  }
}

void add_execution(Line& line, const scorers::Execution& execution, bool stable) {
  Line inner;
  inner.text("outcome", execution.outcome).text("grading", execution.grading);
  if (!stable) {
    inner.raw("cpu_ms", format_double(execution.cpu_ms)).raw("wall_ms", format_double(execution.wall_ms));
  }
  inner.raw("limits", json_list(execution.layers));
  if (!stable && !execution.error.empty()) inner.text("error", execution.error);
  line.text("code_sha256", execution.code_sha256).raw("execution", inner.finish());
}

void sort_for_export(std::vector<StoredSample>& samples) {
  std::sort(samples.begin(), samples.end(), [](const StoredSample& a, const StoredSample& b) {
    return std::tie(a.plan.subset, a.plan.index, a.plan.sample, a.position) <
           std::tie(b.plan.subset, b.plan.index, b.plan.sample, b.position);
  });
}

}  // namespace

std::string json_list(const std::vector<std::string>& values) {
  return list(values, quote);
}
std::string json_list(const std::vector<double>& values) {
  return list(values, format_double);
}
std::string json_list(const std::vector<bool>& values) {
  return list(values, [](bool value) { return value ? "true" : "false"; });
}
std::string json_list(const std::vector<int>& values) {
  return list(values, [](int value) { return std::to_string(value); });
}

std::string checked_prompt(const RunInfo& run, const StoredSample& sample, const ExportOptions& options) {
  const std::string prompt = options.prompt(run, sample);
  if (sha256_hex(prompt) != sample.plan.prompt_sha256) {
    fail_input(
        "run {}, sample {}: the prompt is not the one that was asked (its SHA-256 differs); the data or the task "
        "changed "
        "since: export without --with-prompts, or with the data of then",
        run.number, sample.plan.id);
  }
  return prompt;
}

std::vector<StoredSample> answered_samples(const Store& store, const RunInfo& run) {
  std::vector<StoredSample> samples = store.load_samples(run.number);
  std::erase_if(samples, [](const StoredSample& sample) { return !sample.response; });
  sort_for_export(samples);
  return samples;
}

std::string export_line(const RunInfo& run, const StoredSample& sample, const ExportOptions& options) {
  const PlannedSample& plan = sample.plan;
  Line line;
  if (!options.stable) line.number("run", run.number);
  line.text("task", run.task).text("protocol", run.protocol).text("subset", plan.subset);
  line.number("index", plan.index).text("id", plan.id);
  line.text("request", to_string(plan.kind)).text("prompt_sha256", plan.prompt_sha256);
  if (options.prompt) line.text("prompt", checked_prompt(run, sample, options));
  if (sample.response) {
    if (sample.response->prompt_tokens >= 0) line.number("prompt_tokens", sample.response->prompt_tokens);
    if (sample.response->truncated) line.raw("truncated", "true");
    // A likelihood has no `sample` in INTERFACE.md; where an item has several answers they must be told apart.
    if (plan.kind == RequestKind::kGenerate || plan.sample > 0) line.number("sample", plan.sample);
    std::visit([&](const auto& body) { add_body(line, sample, body); }, sample.response->body);
  }
  if (sample.score && sample.score->execution) add_execution(line, *sample.score->execution, options.stable);
  line.raw("scores", sample.score ? encode_json(sample.score->values) : "{}");
  return line.finish();
}

size_t export_runs(const Store& store, std::vector<RunInfo> runs, std::ostream& out, const ExportOptions& options) {
  std::sort(runs.begin(), runs.end(),
            [](const RunInfo& a, const RunInfo& b) { return std::tie(a.task, a.number) < std::tie(b.task, b.number); });
  size_t lines = 0;
  if (options.csv) {
    lines = export_csv(store, runs, out, options);
  } else {
    for (const RunInfo& run : runs) {
      for (const StoredSample& sample : answered_samples(store, run)) {
        out << export_line(run, sample, options) << '\n';
        ++lines;
      }
    }
  }
  out.flush();
  if (!out) fail(ExitCode::kIo, "the export cannot be written; check the disk and its quota");
  return lines;
}

}  // namespace assay::store
