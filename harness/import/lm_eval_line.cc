#include "harness/import/lm_eval_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace assay::harness {
namespace {

using store::Json;

// What a line has besides its metrics.
constexpr std::array<std::string_view, 11> kFields = {"doc_id",   "doc",         "target",     "arguments",
                                                      "resps",    "filter",      "metrics",    "filtered_resps",
                                                      "doc_hash", "prompt_hash", "target_hash"};

[[noreturn]] void fail_syntax(std::string_view text, const std::string& where) {
  for (const std::string_view word : {"NaN", "Infinity"}) {
    if (text.find(word) != std::string_view::npos) {
      fail_input("{}: is not JSON, and holds {}; a log-probability or score that is no number cannot be imported",
                 where, word);
    }
  }
  fail_input("{}: is not a JSON object, or is cut short; copy the file again", where);
}

const Json& field(const Json& line, const char* name, const std::string& where) {
  const auto found = line.find(name);
  if (found == line.end()) {
    fail_input("{}: the field {} is missing; import files that lm-evaluation-harness wrote with --log_samples", where,
               name);
  }
  return *found;
}

// The harness writes numbers of responses as texts in some versions and as numbers in others.
double finite_number(const Json& value, const char* what, const std::string& where) {
  double number = std::nan("");
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) number = std::nan("");
  }
  if (!std::isfinite(number)) {
    fail_input("{}: a {} is {}, not a finite number", where, what, printable(value.dump(-1, ' ', true)));
  }
  return number;
}

bool flag(const Json& value, const std::string& where) {
  if (value.is_boolean()) return value.get<bool>();
  if (value == "True") return true;
  if (value == "False") return false;
  fail_input("{}: the second part of a likelihood's answer is {}, neither True nor False", where,
             printable(value.dump(-1, ' ', true)));
}

// What was asked: a context and its continuation, or a context and how to generate.
struct Argument {
  std::string context;
  Json second;
};

// {"gen_args_0": {"arg_0": ..., "arg_1": ...}, ...}, or in older versions [[..., ...], ...].
std::vector<Argument> read_arguments(const Json& json, const std::string& where) {
  if (!json.is_structured() || json.empty()) fail_input("{}: the field arguments must list what was asked", where);
  std::vector<Argument> arguments;
  for (const Json& each : json) {
    const bool named = each.is_object() && each.contains("arg_0");
    const bool listed = each.is_array() && !each.empty();
    const Json* context = named ? &each.at("arg_0") : listed ? &each.at(0) : nullptr;
    if (context == nullptr || !context->is_string()) {
      fail_input("{}: the field arguments has an entry without a context (arg_0)", where);
    }
    if (each.size() < 2) {
      fail_input("{}: is of a perplexity task (loglikelihood_rolling), which cannot be imported; leave the file out",
                 where);
    }
    arguments.push_back({context->get<std::string>(), named ? each.value("arg_1", Json()) : each.at(1)});
  }
  return arguments;
}

std::string prompt_of(const std::vector<Argument>& arguments) {
  const std::string& first = arguments.front().context;
  if (std::all_of(arguments.begin(), arguments.end(), [&](const Argument& each) { return each.context == first; })) {
    return first;
  }
  std::vector<std::string> contexts;
  for (const Argument& each : arguments) contexts.push_back(each.context);
  return join(contexts, "\n");
}

// [[[logprob, greedy]], ...]: a list an argument, in it one answer.
void read_likelihoods(const std::vector<Argument>& arguments, const Json& resps, const std::string& where,
                      LmEvalSample& sample) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Json& answers = resps.at(i);
    if (!arguments[i].second.is_string()) fail_input("{}: a continuation (arg_1) is not a text", where);
    if (!answers.is_array() || answers.size() != 1 || !answers[0].is_array() || answers[0].size() != 2) {
      fail_input("{}: the field resps must have one log-probability and one flag for each continuation", where);
    }
    sample.continuations.push_back(arguments[i].second.get<std::string>());
    sample.logprobs.push_back(finite_number(answers[0][0], "log-probability", where));
    sample.greedy.push_back(flag(answers[0][1], where));
  }
}

void read_texts(const std::vector<Argument>& arguments, const Json& resps, const std::string& where,
                LmEvalSample& sample) {
  if (arguments.size() != 1 || !resps.at(0).is_array() || resps.at(0).empty()) {
    fail_input("{}: the field resps must have the texts that answer one prompt", where);
  }
  sample.generation = arguments.front().second;
  for (const Json& text : resps.at(0)) {
    if (!text.is_string()) fail_input("{}: an answer in the field resps is not a text", where);
    sample.texts.push_back(text.get<std::string>());
  }
}

void read_answers(const Json& line, const std::string& where, LmEvalSample& sample) {
  const std::vector<Argument> arguments = read_arguments(field(line, "arguments", where), where);
  const Json& resps = field(line, "resps", where);
  if (!resps.is_array() || resps.size() != arguments.size()) {
    fail_input("{}: the field resps must have an entry for each of the {} arguments", where, arguments.size());
  }
  sample.prompt = prompt_of(arguments);
  if (arguments.front().second.is_object()) {
    read_texts(arguments, resps, where, sample);
  } else {
    read_likelihoods(arguments, resps, where, sample);
  }
}

std::vector<std::string> metric_names(const Json& line) {
  std::vector<std::string> names;
  if (line.contains("metrics") && line.at("metrics").is_array()) {
    for (const Json& name : line.at("metrics")) {
      if (name.is_string()) names.push_back(name.get<std::string>());
    }
    return names;
  }
  for (const auto& [name, value] : line.items()) {
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) names.push_back(name);
  }
  return names;
}

void read_scores(const Json& line, const std::string& where, LmEvalLine& read) {
  std::map<std::string, double>& scores = read.sample.scores[read.filter];
  for (const std::string& name : metric_names(line)) {
    const Json& value = field(line, name.c_str(), where);
    if (value.is_structured()) {
      read.not_numbers.push_back(name);
    } else {
      scores[name] =
          value.is_boolean() ? (value.get<bool>() ? 1 : 0) : finite_number(value, ("score " + name).c_str(), where);
    }
  }
}

}  // namespace

LmEvalLine parse_lm_eval_line(std::string_view text, const std::string& where) {
  const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) fail_syntax(text, where);
  LmEvalLine read;
  const Json& doc_id = field(line, "doc_id", where);
  constexpr int64_t kMost = 1'000'000'000;
  if (!doc_id.is_number_integer() || doc_id.get<int64_t>() < 0 || doc_id.get<int64_t>() > kMost) {
    fail_input("{}: doc_id is {}, not a row of a data set", where, printable(doc_id.dump(-1, ' ', true)));
  }
  read.sample.doc_id = doc_id.get<int>();
  read.sample.doc = line.value("doc", Json());
  read.sample.target = line.value("target", Json());
  const Json filter = line.value("filter", Json("none"));
  if (!filter.is_string()) fail_input("{}: the field filter is not a text", where);
  read.filter = filter.get<std::string>();
  read_answers(line, where, read.sample);
  read_scores(line, where, read);
  return read;
}

}  // namespace assay::harness
