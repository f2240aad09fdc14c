#include "harness/rerun_engine.h"

#include "base/error.h"
#include "harness/manifest.h"
#include "harness/version.h"

namespace assay::harness {
namespace {

std::string text_of(const store::Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

const store::Json& section(const store::Json& manifest, const char* name) {
  if (!manifest.contains(name) || !manifest.at(name).is_object()) {
    fail_input("the manifest has no section {}; it is damaged", name);
  }
  return manifest.at(name);
}

std::string recorded(const store::Json& manifest, const char* field) {
  const store::Json& computed = section(manifest, "computed");
  return computed.contains(field) ? text_of(computed.at(field)) : "unknown";
}

std::vector<FactDifference> differences(const store::Json& then, const store::Json& now, const std::string& name,
                                        const std::vector<const char*>& fields) {
  std::vector<FactDifference> found;
  for (const char* field : fields) {
    const std::string was = then.contains(field) ? text_of(then.at(field)) : "unknown";
    const std::string is = text_of(now.at(field));
    if (was != is) found.push_back({name + "." + field, was, is});
  }
  return found;
}

engine::EngineOptions recorded_machine(engine::EngineOptions options, const store::Json& manifest) {
  options.device = recorded(manifest, "device");
  options.kernels = recorded(manifest, "kernels");
  options.dtype = recorded(manifest, "dtype");
  const std::string bos = recorded(manifest, "bos");
  if (bos == "true" || bos == "false") options.bos = bos == "true" ? "on" : "off";
  return options;
}

}  // namespace

void refuse_answers_from_elsewhere(const store::Json& manifest) {
  if (recorded(manifest, "kernels") != "unknown" && recorded(manifest, "dtype") != "unknown") return;
  fail(ExitCode::kUnavailable,
       "these answers were not computed by an engine of Assay (they came from an endpoint, a file or an import), so "
       "none can be "
       "asked for again");
}

engine::Engine open_for_rerun(const std::string& model, engine::EngineOptions options, const store::Json& manifest,
                              const RerunMachine& machine) {
  refuse_answers_from_elsewhere(manifest);
  options = recorded_machine(std::move(options), manifest);
  if (machine.device != "auto") options.device = machine.device;
  if (machine.kernels != "auto") options.kernels = machine.kernels;
  if (!machine.dtype.empty()) options.dtype = machine.dtype;
  // A model that is not there must not look like a machine that is another.
  try {
    return engine::Engine(model, options);
  } catch (const Error& error) {
    const bool of_machine =
        std::string(error.what()).starts_with("--kernels") || std::string(error.what()).starts_with("--device");
    if (error.code() != ExitCode::kUnavailable || !of_machine) throw;
    if (!machine.may_differ) {
      fail(ExitCode::kUnavailable,
           "device {} with kernel set {} computed these answers and is not to be had here ({}); --tolerance X compares "
           "with another",
           options.device, options.kernels, error.what());
    }
    if (machine.kernels != "auto" || machine.device != "auto") throw;
  }
  options.device = "auto";
  options.kernels = "auto";
  return {model, options};
}

std::vector<FactDifference> other_model(const store::Json& manifest, const engine::ModelFacts& facts) {
  return differences(section(manifest, "computed"), computed_by(facts), "computed",
                     {"weights_sha256", "tokenizer_sha256"});
}

std::vector<FactDifference> other_machine(const store::Json& manifest, const engine::ModelFacts& facts) {
  return differences(section(manifest, "computed"), computed_by(facts), "computed", {"device", "kernels", "dtype"});
}

std::vector<FactDifference> other_build(const store::Json& manifest) {
  return differences(section(manifest, "program"), {{"version", kVersion}, {"compiler", kCompiler}}, "program",
                     {"version", "compiler"});
}

double rounding_tolerance(const std::string& dtype) {
  return dtype == "f32" ? 2e-3 : 0.5;
}

}  // namespace assay::harness
