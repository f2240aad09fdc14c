// config.json field by field: a good one with one field changed.
#include "engine/checkpoint/config.h"

#include <gtest/gtest.h>

#include <iostream>

#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

using Json = nlohmann::json;

const char* const kGood = R"({
  "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": false, "mlp_bias": false,
  "hidden_act": "silu", "hidden_size": 64, "intermediate_size": 160, "max_position_embeddings": 8192,
  "num_attention_heads": 8, "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
  "rope_scaling": null, "rope_theta": 500000.0, "tie_word_embeddings": false, "vocab_size": 320,
  "eos_token_id": [5, 3, 5], "torch_dtype": "bfloat16"})";

// The good configuration with the fields of `changes` (an object) replaced, and those named in `removed` left out.
Json changed(const char* changes, const char* removed = nullptr) {
  Json config = Json::parse(kGood);
  config.update(Json::parse(changes));
  if (removed != nullptr) config.erase(removed);
  return config;
}

Architecture read(Json config) {
  return read_config(JsonFields(std::move(config), "config.json"));
}

TEST(Config, TheGoodOne) {
  const Architecture a = read(changed("{}"));
  EXPECT_EQ(a.head_dim, 8);
  EXPECT_EQ(a.rope.theta, 500000);
  EXPECT_EQ(a.rope.llama3, std::nullopt);
  const JsonFields fields(changed("{}"), "config.json");
  EXPECT_EQ(read_end_tokens(fields), (std::vector<TokenId>{3, 5}));
}

TEST(Config, DefaultsOfTheFamily) {
  EXPECT_EQ(read(changed("{}", "rope_theta")).rope.theta, 10000);
  EXPECT_EQ(read(changed("{}", "num_key_value_heads")).kv_heads, 8);
  EXPECT_FALSE(read(changed("{}", "tie_word_embeddings")).tied);
  EXPECT_EQ(read(changed("{}", "architectures")), read(changed("{}")));
  EXPECT_EQ(read(changed("{}", "model_type")), read(changed("{}")));
  EXPECT_EQ(read(changed(R"({"head_dim": 16})")).head_dim, 16);
  EXPECT_EQ(read(changed(R"({"head_dim": null})")).head_dim, 8);
}

TEST(Config, RopeInEveryStyle) {
  const char* const kEqual[] = {
      R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
          "original_max_position_embeddings": 64}})",
      R"({"rope_scaling": {"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}})",
      R"({"rope_theta": null, "rope_parameters": {"rope_theta": 500000, "rope_type": "llama3", "factor": 8,
          "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 64}})",
  };
  const Llama3RopeScaling scaling{.factor = 8, .low_freq_factor = 1, .high_freq_factor = 4, .original_context = 64};
  for (const char* changes : kEqual) {
    EXPECT_EQ(read(changed(changes)).rope.llama3, scaling) << changes;
    EXPECT_EQ(read(changed(changes)).rope.theta, 500000) << changes;
  }
  EXPECT_EQ(read(changed(R"({"rope_scaling": {"type": "default"}})")).rope.llama3, std::nullopt);
  EXPECT_EQ(read(changed(R"({"rope_parameters": {"rope_theta": 500000.0}})")).rope.llama3, std::nullopt);
}

TEST(Config, WhatIsRefusedAndByWhichName) {
  struct Case {
    const char* changes;
    std::vector<std::string> named;
    const char* removed = nullptr;
  };
  std::vector<Case> cases = {
      {R"({"model_type": "zebra"})", {"model_type", "zebra", "llama"}},
      {R"({"model_type": 7})", {"model_type"}},
      {R"({"architectures": ["LlamaForSequenceClassification"]})", {"architectures", "LlamaForSequenceClassification"}},
      {R"({"architectures": ["MistralForCausalLM"]})", {"architectures", "MistralForCausalLM", "LlamaForCausalLM"}},
      {R"({"architectures": []})", {"architectures"}},
      {R"({"architectures": "LlamaForCausalLM"})", {"architectures"}},
      {R"({"attention_bias": true})", {"attention_bias"}},
      {R"({"attention_bias": "no"})", {"attention_bias"}},
      {R"({"mlp_bias": true})", {"mlp_bias"}},
      {R"({"hidden_act": "gelu"})", {"hidden_act", "gelu", "silu"}},
      {R"({"quantization_config": {"quant_method": "awq"}})", {"quantization_config"}},
      {R"({"rope_scaling": "linear"})", {"rope_scaling"}},
      {R"({"rope_scaling": {"factor": 2.0}})", {"rope_scaling", "rope_type"}},
      {R"({"rope_scaling": {"rope_type": "llama3", "type": "linear", "factor": 2.0}})", {"rope_scaling", "type"}},
      {R"({"rope_parameters": {"rope_theta": 1000.0}})", {"rope_theta", "contradicts"}},
      {R"({"rope_parameters": {"rope_type": "llama3"}})", {"rope_parameters", "factor"}},
      {R"({"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}})", {"partial_rotary_factor"}},
      {R"({"rope_parameters": {"rope_type": "default"}, "rope_scaling": {"rope_type": "llama3", "factor": 8,
           "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 64}})",
       {"rope_scaling", "contradicts", "rope_parameters"}},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4,
           "original_max_position_embeddings": 64}})",
       {"high_freq_factor"}},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 0.5, "low_freq_factor": 1, "high_freq_factor": 4,
           "original_max_position_embeddings": 64}})",
       {"factor"}},
      {R"({"partial_rotary_factor": 0.5})", {"partial_rotary_factor"}},
      {R"({"rope_theta": 0})", {"rope_theta"}},
      {R"({"rope_theta": "large"})", {"rope_theta"}},
      {R"({"rms_norm_eps": 0})", {"rms_norm_eps"}},
      {R"({"rms_norm_eps": 1e-60})", {"rms_norm_eps"}},
      {R"({"rms_norm_eps": 1e300})", {"rms_norm_eps"}},
      {R"({"rms_norm_eps": "1e-5"})", {"rms_norm_eps"}},
      {R"({"hidden_size": 63})", {"hidden_size", "num_attention_heads"}},
      {R"({"num_key_value_heads": 3})", {"num_attention_heads", "num_key_value_heads"}},
      {R"({"num_key_value_heads": 16})", {"num_attention_heads", "num_key_value_heads"}},
      {R"({"head_dim": 7})", {"head_dim", "even"}},
      {R"({"head_dim": 1073741824})", {"head_dim"}},
      {R"({"tie_word_embeddings": 1})", {"tie_word_embeddings"}},
      {"{}", {"rms_norm_eps", "missing"}, "rms_norm_eps"},
  };
  for (const char* type : {"linear", "dynamic", "yarn", "longrope", "su", "super"}) {
    const Json config = changed(fmt::format(R"({{"rope_scaling": {{"rope_type": "{}", "factor": 2}}}})", type).c_str());
    const std::string message = error_of([&] { read(config); }, type).what();
    EXPECT_NE(message.find(type), std::string::npos) << message;
    EXPECT_NE(message.find("default, llama3"), std::string::npos) << message;
  }
  size_t tried = 6;
  for (const char* field : {"num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size",
                            "vocab_size", "max_position_embeddings"}) {
    cases.push_back({"{}", {field, "missing"}, field});
    for (const char* value :
         {"0", "-3", "64.0", "\"64\"", "true", "[64]", "4294967296", "18446744073709551615", "1e300"}) {
      const Json config = changed(fmt::format(R"({{"{}": {}}})", field, value).c_str());
      const Error error = error_of([&] { read(config); }, std::string(field) + " " + value);
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
      ++tried;
    }
  }
  for (const Case& c : cases) {
    const Error error = error_of([&] { read(changed(c.changes, c.removed)); }, c.changes);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << c.changes;
    for (const std::string& part : c.named) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << c.changes << ": " << error.what();
    }
    ++tried;
  }
  EXPECT_EQ(tried, 100u);
  std::cout << "configurations refused: " << tried << "\n";
}

TEST(Config, EndTokensOfTheWrongKind) {
  for (const char* value : {"\"</s>\"", "-1", "[1, -1]", "[1.5]", "1099511627776", "{}", "true"}) {
    const JsonFields fields(changed(fmt::format(R"({{"eos_token_id": {}}})", value).c_str()), "config.json");
    const Error error = error_of([&] { read_end_tokens(fields); }, value);
    EXPECT_NE(std::string(error.what()).find("eos_token_id"), std::string::npos) << error.what();
  }
  EXPECT_EQ(read_end_tokens(JsonFields(changed(R"({"eos_token_id": 7})"), "")), std::vector<TokenId>{7});
  EXPECT_EQ(read_end_tokens(JsonFields(changed(R"({"eos_token_id": null})"), "")), std::nullopt);
}

TEST(Json, StrictParsing) {
  EXPECT_EQ(parse_json(R"({"a": {"b": 1}, "c": {"b": 1}})", "f").size(), 2u);
  for (const std::string& text :
       {std::string(R"({"a": 1, "a": 2})"), std::string(R"({"x": [{"a": 1, "a": 1}]})"), std::string("{"),
        std::string(), std::string("{\"a\": \"\xff\"}"), std::string(R"({"a": 1e999})"), std::string("{} {}"),
        std::string(100000, '['), "{\"a\": " + std::string(70, '[') + std::string(70, ']') + "}"}) {
    const Error error = error_of([&] { parse_json(text, "file.json"); }, text.substr(0, 40));
    EXPECT_EQ(error.code(), ExitCode::kBadInput);
    EXPECT_EQ(std::string(error.what()).find("file.json"), 0u) << error.what();
  }
}

}  // namespace
}  // namespace assay::engine::testing
