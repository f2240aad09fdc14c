// safetensors headers written by hand.
#include "engine/checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/file.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

TEST(Safetensors, WhatTheFormatAllows) {
  struct Case {
    const char* header;
    size_t data_bytes;
    size_t tensors;
  };
  const TemporaryFolder folder;
  for (const Case& c : {
           Case{R"({})", 0, 0},
           Case{R"({"__metadata__": {"format": "pt"}})", 0, 0},
           Case{R"({"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}      )", 24, 1},
           // no dimension: one value
           Case{R"({"a": {"dtype": "F64", "shape": [], "data_offsets": [0, 8]}})", 8, 1},
           // an empty tensor, between two others
           Case{R"({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
                    "e": {"dtype": "F32", "shape": [0, 7], "data_offsets": [4, 4]},
                    "b": {"dtype": "U8", "shape": [3], "data_offsets": [4, 7]}})",
                7, 3},
           Case{R"({"a": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [0, 3]}})", 3, 1},
           Case{R"({"a": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}})", 2, 1},
           // data in another order than the names
           Case{R"({"a": {"dtype": "I8", "shape": [1], "data_offsets": [1, 2]},
                    "b": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]}})",
                2, 2},
       }) {
    const fs::path path = folder.write("model.safetensors", make_safetensors(c.header, c.data_bytes));
    EXPECT_EQ(SafetensorsFile(path).tensors().size(), c.tensors) << c.header;
  }
}

TEST(Safetensors, WhatItForbids) {
  struct Case {
    const char* header;
    size_t data_bytes;
    const char* named;
  };
  const TemporaryFolder folder;
  for (const Case& c : {
           Case{R"([])", 0, "object"},
           Case{R"({"a": 3})", 0, "tensor a"},
           Case{R"({"a": {"shape": [1], "data_offsets": [0, 4]}})", 4, "dtype"},
           Case{R"({"a": {"dtype": 3, "shape": [1], "data_offsets": [0, 4]}})", 4, "dtype"},
           Case{R"({"a": {"dtype": "f32", "shape": [1], "data_offsets": [0, 4]}})", 4, "f32"},
           Case{R"({"a": {"dtype": "F32", "data_offsets": [0, 4]}})", 4, "shape"},
           Case{R"({"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}})", 4, "shape"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}})", 4, "data_offsets"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})", 4, "data_offsets"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}})", 4, "data_offsets"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 18446744073709551615]}})", 4,
                "data_offsets"},
           Case{R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", 4, "shape"},
           // 2^32 * 2^32 * 4 is 0 in 64 bits
           Case{R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}})", 0, "shape"},
           Case{R"({"a": {"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 0]}})", 0, "shape"},
           Case{R"({"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}})", 1, "shape"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", 8, "4 of 8"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", 8, "4 of 8"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                    "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}})",
                6, "overlaps"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                    "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})",
                4, "overlaps"},
           Case{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                    "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
                8, "twice"},
       }) {
    const fs::path path = folder.write("model.safetensors", make_safetensors(c.header, c.data_bytes));
    const Error error = error_of([&] { SafetensorsFile file(path); }, c.header);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << c.header;
    EXPECT_NE(std::string(error.what()).find(c.named), std::string::npos) << c.header << ": " << error.what();
    EXPECT_EQ(std::string(error.what()).find(path.string()), 0u) << error.what();
  }
}

TEST(Safetensors, HeaderLengthsThatLie) {
  const TemporaryFolder folder;
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{3}, uint64_t{100'000'001}, uint64_t{1} << 63, ~uint64_t{0}, ~uint64_t{0} - 7}) {
    std::string file = make_safetensors("{}", 0);
    std::memcpy(file.data(), &length, sizeof length);
    const fs::path path = folder.write("model.safetensors", file);
    EXPECT_EQ(error_of([&] { SafetensorsFile opened(path); }, std::to_string(length)).code(), ExitCode::kBadInput);
  }
}

TEST(Safetensors, IndexesThatLie) {
  ASSAY_REQUIRE_SHARED(golden, "golden/architectures/llama3");
  const TemporaryFolder folder;
  folder.write("model.safetensors", read_file(golden / "model.safetensors"));
  folder.write("config.json", read_file(golden / "config.json"));
  for (const char* index : {
           R"({})",
           R"({"weight_map": []})",
           R"({"weight_map": {}})",
           R"({"weight_map": {"lm_head.weight": 3}})",
           R"({"weight_map": {"lm_head.weight": ""}})",
           R"({"weight_map": {"lm_head.weight": "../model.safetensors"}})",
           R"({"weight_map": {"lm_head.weight": "/etc/passwd"}})",
           R"({"weight_map": {"lm_head.weight": ".."}})",
           R"({"weight_map": {"lm_head.weight": "model.safetensors\u0000"}})",
           R"({"weight_map": {"lm_head.weight": "absent.safetensors"}})",
           R"({"weight_map": {"another.weight": "model.safetensors"}})",
           R"({"weight_map": {"lm_head.weight": "config.json"}})",
           R"({"weight_map": {"lm_head.weight": "model.safetensors"}})",
       }) {
    folder.write("model.safetensors.index.json", index);
    EXPECT_EQ(error_of([&] { Checkpoint::open(folder.path().string()); }, index).code(), ExitCode::kBadInput) << index;
  }
}

// Weights that the network has no place for, and heads that are tied in more than one way.
TEST(Safetensors, TensorsAndConfigurationMustAgree) {
  const std::string config = R"({"model_type": "llama", "hidden_size": 2, "intermediate_size": 2, "vocab_size": 2,
    "max_position_embeddings": 8, "num_attention_heads": 1, "num_hidden_layers": 1, "rms_norm_eps": 1e-5,
    "tie_word_embeddings": )";
  // Each of the tensors that are named, F32 of 2 x 2 or 2 values, in order.
  const auto write = [](const TemporaryFolder& folder, const std::vector<std::string>& names, bool differ) {
    std::string header;
    size_t end = 0;
    for (const std::string& name : names) {
      const bool vector = name.find("norm") != std::string::npos || name.ends_with("bias");
      const size_t begin = end;
      end += vector ? 8 : 16;
      header += fmt::format(R"({}"{}": {{"dtype": "F32", "shape": [{}], "data_offsets": [{}, {}]}})",
                            header.empty() ? "" : ", ", name, vector ? "2" : "2, 2", begin, end);
    }
    std::string file = make_safetensors("{" + header + "}", end);
    if (differ) file.back() = 1;
    folder.write("model.safetensors", file);
  };
  std::vector<std::string> names = {"model.norm.weight"};
  for (const char* name :
       {"input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
    names.push_back(fmt::format("model.layers.0.{}.weight", name));
  }
  struct Case {
    bool tied;
    std::vector<std::string> more;  // the last one's last byte is 1 where `differ`
    bool differ;
    const char* refused;  // part of the message, or null
  };
  for (const Case& c : {
           Case{true, {"model.embed_tokens.weight"}, false, nullptr},
           Case{true, {"lm_head.weight"}, false, nullptr},
           Case{true, {"model.embed_tokens.weight", "lm_head.weight"}, false, nullptr},
           Case{true, {"model.embed_tokens.weight", "lm_head.weight"}, true, "tie_word_embeddings"},
           Case{true, {}, false, "model.embed_tokens.weight"},
           Case{false, {"model.embed_tokens.weight", "lm_head.weight"}, true, nullptr},
           Case{false, {"model.embed_tokens.weight"}, false, "lm_head.weight"},
           Case{false, {"lm_head.weight"}, false, "model.embed_tokens.weight"},
           Case{true, {"model.embed_tokens.weight", "model.layers.1.mlp.up_proj.weight"}, false, "model.layers.1"},
           Case{true, {"model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.bias"}, false, "q_proj.bias"},
           Case{true, {"model.embed_tokens.weight", "lm_head.bias"}, false, "lm_head.bias"},
           Case{true, {"model.embed_tokens.weight", "model.layers.0.self_attn.rotary_emb.inv_freq"}, false, nullptr},
           Case{true, {"model.embed_tokens.weight", "value_head"}, false, nullptr},
       }) {
    const TemporaryFolder folder;
    folder.write("config.json", config + (c.tied ? "true}" : "false}"));
    std::vector<std::string> all = names;
    all.insert(all.end(), c.more.begin(), c.more.end());
    write(folder, all, c.differ);
    const auto open = [&] { return Checkpoint::open(folder.path().string()); };
    const std::string label = fmt::format("tied {} and {}", c.tied, c.more.empty() ? "nothing" : c.more.back());
    if (c.refused == nullptr) {
      EXPECT_NO_THROW(EXPECT_EQ(open().weight(Weight::kHead).rows, 2)) << label;
    } else {
      const Error error = error_of(open, label);
      EXPECT_NE(std::string(error.what()).find(c.refused), std::string::npos) << label << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::engine::testing
