#include "harness/import/export_line.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/hash.h"

namespace assay::harness {
namespace {

using store::Json;

// The fields of one JSON object, each read with its type checked.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  bool has(const char* name) const { return object_.contains(name); }

  const Json& at(const char* name) const {
    if (!has(name)) fail_input("{}: the field {} is missing", where_, name);
    return object_.at(name);
  }

  template <typename T>
  T get(const char* name, const char* form) const {
    return convert<T>(at(name), name, form);
  }

  std::string text(const char* name) const { return get<std::string>(name, "a text"); }

  int64_t integer(const char* name, int64_t low, int64_t high) const {
    const Json& value = at(name);
    const bool fits = value.is_number_integer() && (!value.is_number_unsigned() || value.get<uint64_t>() <= INT64_MAX);
    const int64_t number = fits ? value.get<int64_t>() : -1;
    if (!fits || number < low || number > high) wrong(name, fmt::format("a whole number from {} to {}", low, high));
    return number;
  }
  int count(const char* name) const { return static_cast<int>(integer(name, 0, std::numeric_limits<int>::max())); }

  template <typename T>
  std::vector<T> list(const char* name, const char* form) const {
    if (!at(name).is_array()) wrong(name, form);
    std::vector<T> values;
    for (const Json& value : at(name)) values.push_back(convert<T>(value, name, form));
    return values;
  }

  template <typename T>
  std::map<std::string, T> map(const char* name, const char* form) const {
    if (!at(name).is_object()) wrong(name, form);
    std::map<std::string, T> values;
    for (const auto& [key, value] : at(name).items()) values.emplace(key, convert<T>(value, name, form));
    return values;
  }

  [[noreturn]] void wrong(const char* name, const std::string& form) const {
    fail_input("{}: the field {} must be {}", where_, name, form);
  }

 private:
  template <typename T>
  T convert(const Json& value, const char* name, const char* form) const {
    bool fits = false;
    if constexpr (std::is_same_v<T, std::string>) {
      fits = value.is_string();
    } else if constexpr (std::is_same_v<T, bool>) {
      fits = value.is_boolean();
    } else {
      fits = value.is_number();
    }
    if (!fits) wrong(name, form);
    return value.get<T>();
  }

  const Json& object_;
  std::string where_;
};

void check_count(const Fields& fields, const char* name, size_t found, size_t wanted) {
  if (found != wanted) fields.wrong(name, fmt::format("a list of {}, one for each continuation", wanted));
}

// Indices of options, without a step through floating point.
int option(const Fields& fields, const char* name, const Json& value, size_t options) {
  if (!value.is_number_integer() || value < 0 || value >= options) {
    fields.wrong(name, fmt::format("the number of one of the {} continuations, from 0", options));
  }
  return value.get<int>();
}

void read_likelihood(const Fields& fields, ImportedSample& sample) {
  sample.plan.kind = store::RequestKind::kLogLikelihood;
  sample.plan.continuations = fields.list<std::string>("continuations", "a list of texts");
  const size_t options = sample.plan.continuations.size();
  if (options == 0) fields.wrong("continuations", "a list of at least one text");
  engine::LogLikelihoodResponse body{fields.list<double>("logprobs", "a list of numbers"), {}};
  check_count(fields, "logprobs", body.logprobs.size(), options);
  if (fields.has("greedy")) {
    body.greedy = fields.list<bool>("greedy", "a list of true and false");
    check_count(fields, "greedy", body.greedy.size(), options);
  }
  sample.response.body = std::move(body);
  if (!fields.at("gold").is_array()) fields.wrong("gold", "a list of the right continuations' numbers");
  for (const Json& choice : fields.at("gold")) {
    sample.plan.gold.choices.push_back(option(fields, "gold", choice, options));
  }
  if (fields.has("prediction")) {
    sample.score->prediction = option(fields, "prediction", fields.at("prediction"), options);
  }
}

void read_text(const Fields& fields, ImportedSample& sample) {
  sample.plan.kind = store::RequestKind::kText;
  sample.response.body = engine::TextResponse{fields.get<double>("logprob", "a number"),
                                              fields.integer("tokens", 0, std::numeric_limits<int64_t>::max())};
}

void read_generation(const Fields& fields, ImportedSample& sample) {
  sample.plan.kind = store::RequestKind::kGenerate;
  if (fields.has("seed") && !fields.at("seed").is_null()) {
    if (!fields.at("seed").is_number_unsigned()) fields.wrong("seed", "null or a whole number");
    sample.plan.seed = fields.at("seed").get<uint64_t>();
  }
  // Token ids are not exported, and without them `finish` and `tokens` are not told either.
  sample.response.body = engine::GenerateResponse{fields.text("text"), {}, engine::FinishReason::kStop};
  sample.plan.gold.text = fields.text("gold");
  if (fields.has("extracted")) sample.score->extracted = fields.map<std::string>("extracted", "an object of texts");
}

void read_execution(const Fields& fields, const std::string& where, scorers::Score& score) {
  if (!fields.has("execution")) return;
  if (!fields.at("execution").is_object()) fields.wrong("execution", "an object");
  const Fields inner(fields.at("execution"), where + ": execution");
  scorers::Execution execution;
  execution.outcome = inner.text("outcome");
  execution.grading = inner.text("grading");
  if (inner.has("cpu_ms")) execution.cpu_ms = inner.get<double>("cpu_ms", "a number");
  if (inner.has("wall_ms")) execution.wall_ms = inner.get<double>("wall_ms", "a number");
  execution.layers = inner.list<std::string>("limits", "a list of texts");
  if (inner.has("error")) execution.error = inner.text("error");
  execution.code_sha256 = fields.text("code_sha256");
  score.execution = execution;
}

void read_plan(const Fields& fields, store::PlannedSample& plan) {
  plan.subset = fields.text("subset");
  plan.index = fields.count("index");
  plan.id = fields.text("id");
  plan.prompt_sha256 = fields.text("prompt_sha256");
  const bool hex = std::all_of(plan.prompt_sha256.begin(), plan.prompt_sha256.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!hex || plan.prompt_sha256.size() != 64) fields.wrong("prompt_sha256", "64 hexadecimal digits in lower case");
  if (fields.has("sample")) plan.sample = fields.count("sample");
}

// Of `assay export --with-prompts`.
void read_prompt(const Fields& fields, ImportedSample& sample) {
  if (!fields.has("prompt")) return;
  sample.prompt = fields.text("prompt");
  if (sha256_hex(sample.prompt) != sample.plan.prompt_sha256)
    fields.wrong("prompt", "the text that prompt_sha256 is of");
}

}  // namespace

ExportLine parse_export_line(std::string_view text, const std::string& where) {
  const Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    fail_input("{}: is not a JSON object, holds NaN, or is cut short; write the file again with `assay export`", where);
  }
  const Fields fields(object, where);
  ExportLine line;
  if (fields.has("run")) line.run = fields.integer("run", 0, std::numeric_limits<int64_t>::max());
  line.task = fields.text("task");
  line.protocol = fields.text("protocol");
  ImportedSample& sample = line.sample;
  read_plan(fields, sample.plan);
  read_prompt(fields, sample);
  sample.response.prompt_tokens = fields.has("prompt_tokens") ? fields.count("prompt_tokens") : -1;
  sample.response.truncated = fields.has("truncated") && fields.get<bool>("truncated", "true or false");
  sample.score.emplace();
  sample.score->values = fields.map<double>("scores", "an object of numbers");
  const std::string request = fields.text("request");
  if (request == "loglikelihood") {
    read_likelihood(fields, sample);
  } else if (request == "text") {
    read_text(fields, sample);
  } else if (request == "generate") {
    read_generation(fields, sample);
  } else {
    fields.wrong("request", "loglikelihood, generate or text");
  }
  read_execution(fields, where, *sample.score);
  return line;
}

}  // namespace assay::harness
