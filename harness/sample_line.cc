#include "harness/sample_line.h"

#include <limits>

#include "base/error.h"

namespace assay::harness {
namespace {

using store::Json;

int64_t integer(const Json& value, int64_t low, int64_t high) {
  if (!value.is_number_integer() || value < low || value > high) {
    fail_input("the number {} is not a whole one from {} to {}", value.dump(), low, high);
  }
  return value.get<int64_t>();
}

int count(const Json& value) {
  return static_cast<int>(integer(value, 0, std::numeric_limits<int>::max()));
}

int64_t tokens_of(const Json& value) {
  return integer(value, 0, int64_t{1} << 40);
}

void read_likelihood(const Json& json, SampleLine& line) {
  line.plan.kind = store::RequestKind::kLogLikelihood;
  line.plan.continuations = json.at("continuations").get<std::vector<std::string>>();
  engine::LogLikelihoodResponse body{json.at("logprobs").get<std::vector<double>>(), {}};
  if (json.contains("greedy")) body.greedy = json.at("greedy").get<std::vector<bool>>();
  const size_t n = line.plan.continuations.size();
  if (body.logprobs.size() != n || (!body.greedy.empty() && body.greedy.size() != n)) {
    fail_input("logprobs and greedy need one entry for each of the {} continuations", n);
  }
  line.response.body = std::move(body);
  for (const Json& choice : json.at("gold")) line.plan.gold.choices.push_back(count(choice));
  if (json.contains("prediction")) line.score.prediction = count(json.at("prediction"));
}

void read_text(const Json& json, SampleLine& line) {
  line.plan.kind = store::RequestKind::kText;
  line.response.body = engine::TextResponse{json.at("logprob").get<double>(), tokens_of(json.at("tokens"))};
}

void read_generation(const Json& json, SampleLine& line) {
  line.plan.kind = store::RequestKind::kGenerate;
  if (!json.at("seed").is_null()) line.plan.seed = json.at("seed").get<uint64_t>();
  engine::GenerateResponse body{json.at("text").get<std::string>(), {}, engine::FinishReason::kStop};
  line.end_known = json.contains("finish");
  if (line.end_known) {
    const std::string finish = json.at("finish").get<std::string>();
    if (finish != "stop" && finish != "length" && finish != "eos") fail_input("finish is none of stop, length, eos");
    body.finish = finish == "stop"     ? engine::FinishReason::kStop
                  : finish == "length" ? engine::FinishReason::kLength
                                       : engine::FinishReason::kEndToken;
  }
  if (json.contains("tokens")) line.tokens = tokens_of(json.at("tokens"));
  line.response.body = std::move(body);
  line.plan.gold.text = json.at("gold").get<std::string>();
  if (json.contains("extracted")) {
    line.score.extracted = json.at("extracted").get<std::map<std::string, std::string>>();
  }
}

SampleLine read(const Json& json) {
  SampleLine line;
  line.task = json.at("task").get<std::string>();
  line.protocol = json.at("protocol").get<std::string>();
  line.plan.subset = json.at("subset").get<std::string>();
  line.plan.index = count(json.at("index"));
  line.plan.id = json.at("id").get<std::string>();
  line.plan.prompt_sha256 = json.at("prompt_sha256").get<std::string>();
  if (json.contains("sample")) line.plan.sample = count(json.at("sample"));
  line.response.prompt_tokens = json.contains("prompt_tokens") ? count(json.at("prompt_tokens")) : -1;
  line.response.truncated = json.contains("truncated") && json.at("truncated").get<bool>();
  line.score.values = json.at("scores").get<std::map<std::string, double>>();
  line.salt = json.at("salt").get<std::string>();
  const std::string request = json.at("request").get<std::string>();
  if (request == "loglikelihood") {
    read_likelihood(json, line);
  } else if (request == "text") {
    read_text(json, line);
  } else if (request == "generate") {
    read_generation(json, line);
  } else {
    fail_input("request is none of loglikelihood, text, generate");
  }
  return line;
}

}  // namespace

std::string SampleLine::name() const {
  return plan.id + (plan.sample > 0 ? fmt::format(" (answer {})", plan.sample) : "");
}

SampleLine parse_sample_line(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail_input("{}: is not a JSON object, or is cut short", where);
  try {
    return read(json);
  } catch (const Json::exception& problem) {
    fail_input("{}: is not a line of samples ({})", where, problem.what());
  } catch (const Error& problem) {
    fail_input("{}: is not a line of samples: {}", where, problem.what());
  }
}

}  // namespace assay::harness
