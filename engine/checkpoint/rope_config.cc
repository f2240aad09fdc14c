#include "engine/checkpoint/rope_config.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/text.h"

namespace assay::engine {
namespace {

void refuse_partial_rotary(const JsonFields& fields) {
  if (fields.positive("partial_rotary_factor").value_or(1) != 1) {
    fields.fail_field("partial_rotary_factor", "must be 1; turning a part of each head is not supported");
  }
}

// One object for each kind of layer, as families with two rotary bases have it.
void refuse_per_layer(const JsonFields& rope) {
  for (const char* kind : {"full_attention", "sliding_attention"}) {
    if (rope.has(kind)) rope.fail_field(kind, "gives some layers positions of their own, which is not supported");
  }
}

// What the network was trained with may stand beside the scaling instead of inside it.
double original_context(const JsonFields& config, const JsonFields& rope) {
  constexpr const char* kField = "original_max_position_embeddings";
  const std::optional<int> outer = config.size(kField);
  if (!outer) return rope.required_size(kField);
  if (rope.size(kField).value_or(*outer) != *outer) config.fail_field(kField, "contradicts that of the scaling");
  return *outer;
}

// Of rope_scaling or rope_parameters. "type" is the older name of "rope_type".
std::optional<Llama3RopeScaling> read_scaling(const JsonFields& config, const JsonFields& rope) {
  refuse_partial_rotary(rope);
  refuse_per_layer(rope);
  const std::optional<std::string> type = rope.text("rope_type");
  const std::optional<std::string> older = rope.text("type");
  if (type && older && type != older) {
    rope.fail_field("type", fmt::format("is {}, but rope_type is {}", printable(*older), printable(*type)));
  }
  if (!type && !older) {
    if (rope.has("factor")) rope.fail_field("rope_type", "is missing");
    return {};
  }
  const std::string& name = type ? *type : *older;
  if (name == "default") return {};
  if (name != "llama3") {
    rope.fail_field(type ? "rope_type" : "type",
                    fmt::format("is {}, which is not supported; supported are default, llama3", printable(name)));
  }
  const Llama3RopeScaling scaling{
      .factor = rope.required_positive("factor"),
      .low_freq_factor = rope.required_positive("low_freq_factor"),
      .high_freq_factor = rope.required_positive("high_freq_factor"),
      .original_context = original_context(config, rope),
  };
  if (scaling.factor < 1) rope.fail_field("factor", "must be at least 1");
  if (scaling.high_freq_factor <= scaling.low_freq_factor) {
    rope.fail_field("high_freq_factor", "must be greater than low_freq_factor");
  }
  return scaling;
}

}  // namespace

Rope read_rope(const JsonFields& config, const Family& family) {
  refuse_partial_rotary(config);
  Rope rope;
  std::optional<double> theta = config.positive("rope_theta");
  const std::optional<JsonFields> scaling = config.object("rope_scaling");
  const std::optional<JsonFields> parameters = config.object("rope_parameters");
  if (scaling) rope.llama3 = read_scaling(config, *scaling);
  if (parameters) {
    const std::optional<Llama3RopeScaling> newer = read_scaling(config, *parameters);
    if (scaling && newer != rope.llama3) config.fail_field("rope_scaling", "contradicts rope_parameters");
    rope.llama3 = newer;
  }
  for (const std::optional<JsonFields>* fields : {&scaling, &parameters}) {
    if (!*fields) continue;
    const std::optional<double> inner = (*fields)->positive("rope_theta");
    if (theta && inner && *theta != *inner) (*fields)->fail_field("rope_theta", "contradicts another rope_theta");
    if (inner) theta = inner;
  }
  if (!theta && family.theta == 0) config.fail_field("rope_theta", "is missing");
  rope.theta = theta.value_or(family.theta);
  return rope;
}

}  // namespace assay::engine
