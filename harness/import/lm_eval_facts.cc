#include "harness/import/lm_eval_facts.h"

#include <fmt/format.h>

#include "base/text.h"

namespace assay::harness {
namespace {

using store::Json;

// results[section][name], or what `section` itself is where `name` is empty; null where there is none.
Json fact(const LmEvalLog& log, const std::string& section, const std::string& name = "") {
  if (!log.results.is_object() || !log.results.contains(section)) return nullptr;
  const Json& found = log.results.at(section);
  if (name.empty()) return found;
  return found.is_object() && found.contains(name) ? found.at(name) : Json();
}

std::string text_or(const Json& value, const std::string& otherwise) {
  return value.is_string() && !value.get_ref<const std::string&>().empty() ? value.get<std::string>() : otherwise;
}

Json or_unknown(const Json& value) {
  return value.is_null() || value == "" ? Json(kUnknown) : value;
}

// model_args is an object, or "pretrained=org/name,dtype=bfloat16".
std::string pretrained_of(const Json& arguments) {
  if (arguments.is_object()) return text_or(arguments.value("pretrained", Json()), "");
  if (!arguments.is_string()) return "";
  for (const std::string& part : split(arguments.get_ref<const std::string&>(), ',')) {
    constexpr std::string_view kKey = "pretrained=";
    if (part.starts_with(kKey)) return part.substr(kKey.size());
  }
  return "";
}

// "torch.bfloat16" is our "bf16".
Json dtype_of(const LmEvalLog& log) {
  const std::string dtype = text_or(fact(log, "config", "model_dtype"), kUnknown);
  if (dtype == "torch.float32") return "f32";
  if (dtype == "torch.bfloat16") return "bf16";
  if (dtype == "torch.float16") return "f16";
  return dtype;
}

double number_or(const Json& object, const char* key, double otherwise) {
  return object.contains(key) && object.at(key).is_number() ? object.at(key).get<double>() : otherwise;
}

}  // namespace

std::string model_of(const LmEvalLog& log) {
  const std::string pretrained = pretrained_of(fact(log, "config", "model_args"));
  if (!pretrained.empty()) return pretrained;
  // A model object that a script made has a name made up by the harness; the script's own word for it says more.
  const std::string given = text_or(fact(log, "config", "model"), kUnknown);
  if (fact(log, "model_source") == "CUSTOM") return given;
  return text_or(fact(log, "model_name"), given);
}

std::string model_identity(const LmEvalLog& log) {
  std::string identity = model_of(log);
  for (const char* field : {"model_revision", "model_sha"}) {
    const std::string value = text_or(fact(log, "config", field), "");
    if (!value.empty()) identity += fmt::format(", {}", value);
  }
  const Json dtype = dtype_of(log);
  return dtype == kUnknown ? identity : fmt::format("{}, {}", identity, dtype.get<std::string>());
}

std::string harness_version(const LmEvalLog& log) {
  const std::string version = text_or(fact(log, "lm_eval_version"), "");
  return version.empty() ? "lm-evaluation-harness" : "lm-evaluation-harness " + version;
}

std::optional<int> shots_of(const LmEvalLog& log) {
  const Json shots = fact(log, "n-shot", log.task);
  if (!shots.is_number_unsigned() || shots.get<uint64_t>() > 1000) return std::nullopt;
  return shots.get<int>();
}

Json lm_eval_manifest(const ImportedRun& run, const LmEvalLog& log, const Json& decoding) {
  Json manifest = bare_manifest(run);
  manifest["asked"]["decoding"] = decoding;
  if (log.results.is_object()) manifest["asked"]["chat"] = !fact(log, "chat_template").is_null();
  Json& computed = manifest["computed"];
  computed["chat_template_sha256"] = kUnknown;
  computed["model"] = model_of(log);
  computed["parameters"] = or_unknown(fact(log, "config", "model_num_parameters"));
  computed["context"] = or_unknown(fact(log, "max_length"));
  computed["dtype"] = dtype_of(log);
  computed["device"] = or_unknown(fact(log, "config", "device"));
  computed["revision"] = or_unknown(fact(log, "config", "model_revision"));
  // Null where no template was used.
  if (log.results.is_object()) computed["chat_template_sha256"] = fact(log, "chat_template_sha");
  Json& program = manifest["program"];
  program["version"] = harness_version(log);
  program["git_hash"] = or_unknown(fact(log, "git_hash"));
  program["transformers"] = or_unknown(fact(log, "transformers_version"));
  manifest["model_name"] = model_of(log);
  return manifest;
}

Json decoding_from(const Json& generation, size_t samples) {
  if (!generation.is_object()) return nullptr;
  const bool sampled = generation.contains("do_sample") ? generation.at("do_sample") == true
                                                        : number_or(generation, "temperature", 0) > 0;
  const double temperature = sampled ? number_or(generation, "temperature", 1) : 0;
  constexpr int kHarnessLimit = 256;
  Json decoding;
  decoding["temperature"] = temperature;
  decoding["top_p"] = sampled ? number_or(generation, "top_p", 1) : 1.0;
  decoding["seed"] = temperature > 0 ? Json(kUnknown) : Json();
  Json limit = kHarnessLimit;
  for (const char* key : {"max_gen_toks", "max_new_tokens", "max_tokens"}) {
    if (generation.contains(key) && generation.at(key).is_number_integer()) limit = generation.at(key);
  }
  decoding["max_tokens"] = limit;
  decoding["samples"] = samples;
  return decoding;
}

}  // namespace assay::harness
