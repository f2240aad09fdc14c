// GGUF files written by hand: structure, metadata of every kind, and what a llama network may ask for.
#include "engine/checkpoint/gguf.h"

#include <gtest/gtest.h>

#include <iostream>

#include "engine/checkpoint/gguf_architecture.h"
#include "engine/checkpoint/gguf_vocabulary.h"
#include "tests/engine/checkpoint/gguf_builder.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

// A llama network of one layer, dim 4, one head, vocabulary 3; `skip` leaves one metadata entry out.
Builder llama(std::string_view skip = "") {
  Builder builder;
  builder.text("general.architecture", "llama");
  for (const auto& [key, value] : std::vector<std::pair<std::string, uint32_t>>{{"llama.block_count", 1},
                                                                                {"llama.context_length", 16},
                                                                                {"llama.embedding_length", 4},
                                                                                {"llama.feed_forward_length", 2},
                                                                                {"llama.attention.head_count", 1}}) {
    if (key != skip) builder.number(key, value);
  }
  if (skip != "llama.attention.layer_norm_rms_epsilon") builder.real("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  builder.tensor("token_embd.weight", {4, 3}).tensor("output_norm.weight", {4});
  for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
    builder.tensor(fmt::format("blk.0.{}.weight", name), {4, 4});
  }
  builder.tensor("blk.0.attn_norm.weight", {4}).tensor("blk.0.ffn_norm.weight", {4});
  builder.tensor("blk.0.ffn_gate.weight", {4, 2}).tensor("blk.0.ffn_up.weight", {4, 2});
  return builder.tensor("blk.0.ffn_down.weight", {2, 4});
}

TEST(Gguf, MetadataOfEveryKind) {
  const TemporaryFolder folder;
  Builder builder;
  builder.entry("u8", kU8, raw(uint8_t{200}))
      .entry("i8", kI8, raw(int8_t{-2}))
      .entry("u16", kU16, raw(uint16_t{60000}));
  builder.entry("i16", kI16, raw(int16_t{-3})).entry("u32", kU32, raw(uint32_t{4000000000}));
  builder.entry("i32", kI32, raw(int32_t{-4})).entry("u64", kU64, raw(uint64_t{1} << 40));
  builder.entry("i64", kI64, raw(int64_t{-5})).entry("huge", kU64, raw(~uint64_t{0}));
  builder.entry("f32", kF32, raw(1.5f)).entry("f64", kF64, raw(2.5)).entry("yes", kBool, raw(uint8_t{1}));
  builder.entry("odd", kBool, raw(uint8_t{2})).text("text", "hello").texts("texts", {"a", "", "bc"});
  builder.entry("numbers", kArray, raw(uint32_t{kI16}) + raw(uint64_t{2}) + raw(int16_t{7}) + raw(int16_t{-7}));
  builder.entry("reals", kArray, raw(uint32_t{kF64}) + raw(uint64_t{1}) + raw(0.25));
  builder.entry("empty", kArray, raw(uint32_t{kString}) + raw(uint64_t{0}));
  builder.entry("nested", kArray,
                raw(uint32_t{kArray}) + raw(uint64_t{1}) + raw(uint32_t{kU8}) + raw(uint64_t{3}) + "abc");
  const GgufFile file(folder.write("a.gguf", builder.build()));
  EXPECT_EQ(file.integer("u8"), 200);
  EXPECT_EQ(file.integer("i8"), -2);
  EXPECT_EQ(file.integer("u16"), 60000);
  EXPECT_EQ(file.integer("i16"), -3);
  EXPECT_EQ(file.integer("u32"), 4000000000);
  EXPECT_EQ(file.integer("i32"), -4);
  EXPECT_EQ(file.integer("u64"), int64_t{1} << 40);
  EXPECT_EQ(file.integer("i64"), -5);
  EXPECT_EQ(file.real("f32"), 1.5);
  EXPECT_EQ(file.real("f64"), 2.5);
  EXPECT_EQ(file.flag("yes"), true);
  EXPECT_EQ(file.text("text"), "hello");
  EXPECT_EQ(file.texts("texts"), (std::vector<std::string_view>{"a", "", "bc"}));
  EXPECT_EQ(file.integers("numbers"), (std::vector<int64_t>{7, -7}));
  EXPECT_EQ(file.reals("reals"), std::vector<double>{0.25});
  EXPECT_EQ(file.texts("empty"), std::vector<std::string_view>());
  EXPECT_EQ(file.integer("absent"), std::nullopt);
  EXPECT_EQ(file.texts("absent"), std::nullopt);

  const std::vector<std::function<void()>> wrong = {
      [&] { file.integer("huge"); },   [&] { file.integer("f32"); },    [&] { file.integer("yes"); },
      [&] { file.integer("text"); },   [&] { file.real("u8"); },        [&] { file.flag("odd"); },
      [&] { file.flag("u8"); },        [&] { file.text("u8"); },        [&] { file.texts("numbers"); },
      [&] { file.integers("texts"); }, [&] { file.reals("numbers"); },  [&] { file.integers("nested"); },
      [&] { file.texts("text"); },     [&] { file.integer("numbers"); }};
  for (size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_EQ(error_of(wrong[i], fmt::format("kind {}", i)).code(), ExitCode::kBadInput);
  }
}

TEST(Gguf, StructuresThatLie) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += raw(uint32_t{kArray}) + raw(uint64_t{1});
  Builder big_endian;
  big_endian.version = 0x03000000;
  Builder unaligned = Builder().number("general.alignment", 64);
  unaligned.alignment = 64;
  unaligned.tensor("a", {1}).entry_of_tensor("b", {1}, 0, 32);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"twice", Builder().number("k", 1).number("k", 1).build()},
      {"unknown type 13", Builder().entry("k", 13, raw(uint64_t{0})).build()},
      {"unknown type 99", Builder().entry("k", kArray, raw(uint32_t{99}) + raw(uint64_t{0})).build()},
      {"too deeply", Builder().entry("k", kArray, deep + raw(uint32_t{kU8}) + raw(uint64_t{0})).build()},
      {"big-endian", big_endian.build()},
      {"general.alignment", Builder().number("general.alignment", 48).tensor("t", {1}).build()},
      {"general.alignment", Builder().text("general.alignment", "32").tensor("t", {1}).build()},
      {"0 dimensions", Builder().entry_of_tensor("t", {}, 0, 0).build()},
      {"5 dimensions", Builder().entry_of_tensor("t", {1, 1, 1, 1, 1}, 0, 0).build()},
      {"must be positive", Builder().entry_of_tensor("t", {1, ~uint64_t{0}}, 0, 0).build()},
      {"cannot have", Builder().entry_of_tensor("t", {uint64_t{1} << 32, uint64_t{1} << 32}, 0, 0).build()},
      {"cannot have", Builder().entry_of_tensor("t", {uint64_t{1} << 62}, 0, 0).build()},
      {"a row of q8_0 must be a multiple of 32", Builder().entry_of_tensor("t", {31, 32}, 8, 0).build()},
      {"a row of q4_k must be a multiple of 256", Builder().entry_of_tensor("t", {128, 2}, 12, 0).build()},
      {"type 38", Builder().entry_of_tensor("t", {32}, 38, 0).build()},
      {"behind the file", Builder().entry_of_tensor("t", {32}, 0, 0).build()},
      {"behind the file", Builder().entry_of_tensor("t", {1}, 0, uint64_t{1} << 63).build()},
      {"multiple of general.alignment", Builder().tensor("s", {64}).entry_of_tensor("t", {1}, 0, 4).build()},
      {"multiple of general.alignment", unaligned.build()},
      {"overlap", Builder().tensor("s", {64}).entry_of_tensor("t", {1}, 0, 32).build()},
      {"twice", Builder().tensor("s", {64}).tensor("s", {64}).build()},
  };
  const TemporaryFolder folder;
  for (const auto& [named, content] : cases) {
    const fs::path path = folder.write("a.gguf", content);
    const Error error = error_of([&] { GgufFile file(path); }, named);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << named;
    EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << named << ": " << error.what();
  }
}

TEST(Gguf, ANetworkOpens) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a.gguf", llama().number("llama.expert_count", 0).build());
  const Checkpoint checkpoint = Checkpoint::open(path.string());
  EXPECT_EQ(checkpoint.architecture().vocab, 3);  // of the embedding, where llama.vocab_size is absent
  EXPECT_EQ(checkpoint.architecture().rope.theta, 10000);
  EXPECT_TRUE(checkpoint.architecture().tied);
  EXPECT_FALSE(checkpoint.gguf_vocabulary());
  EXPECT_TRUE(checkpoint.end_tokens().empty());
  EXPECT_THROW(checkpoint.weight(Weight::kEmbedding, 1), std::exception);
}

TEST(Gguf, WhatANetworkMayNotAskFor) {
  std::vector<std::pair<std::string, Builder>> cases = {
      {"llama.rope.scaling.type is linear", llama().text("llama.rope.scaling.type", "linear")},
      {"llama.rope.scaling.type is yarn", llama().text("llama.rope.scaling.type", "yarn")},
      {"llama.rope.scaling.factor", llama().real("llama.rope.scaling.factor", 4)},
      {"llama.rope.scale_linear", llama().real("llama.rope.scale_linear", 2)},
      {"llama.rope.dimension_count", llama().number("llama.rope.dimension_count", 2)},
      {"llama.attention.value_length", llama().number("llama.attention.value_length", 2)},
      {"llama.attention.key_length", llama().number("llama.attention.key_length", 3)},
      {"llama.rope.freq_base is missing", llama().number("llama.expert_count", 8)},  // as Mixtral always states it
      {"split.count", llama().number("split.count", 2)},
      {"llama.vocab_size", llama().number("llama.vocab_size", 0)},
      {"vocab_size", llama().number("llama.vocab_size", 4)},
      {"llama.attention.head_count_kv", llama().entry("llama.attention.head_count_kv", kArray,
                                                      raw(uint32_t{kU32}) + raw(uint64_t{1}) + raw(uint32_t{1}))},
      {"head_count_kv", llama().number("llama.attention.head_count_kv", 2)},
      {"llama.rope.freq_base", llama().real("llama.rope.freq_base", -1)},
      {"llama.rope.freq_base", llama().real("llama.rope.freq_base", std::numeric_limits<float>::infinity())},
      {"rope_freqs.weight", llama().tensor("rope_freqs.weight", {2})},  // zeros are no divisors
      {"rope_freqs.weight", llama().tensor("rope_freqs.weight", {4})},
      {"blk.1.attn_q.weight", llama().tensor("blk.1.attn_q.weight", {4, 4})},
      {"blk.0.attn_q.bias", llama().tensor("blk.0.attn_q.bias", {4})},
      {"output.weight", llama().tensor("output.weight", {4, 2})},
      {"general.architecture", Builder()},
      {"tokenizer.ggml.model", llama().texts("tokenizer.ggml.tokens", {"a", "b", "c"})},
      {"rows", llama().text("tokenizer.ggml.model", "gpt2").texts("tokenizer.ggml.tokens", {"a", "b", "c", "d"})},
      {"tokenizer.ggml.eos_token_id", llama().number("tokenizer.ggml.eos_token_id", 3)},
  };
  for (const char* field :
       {"llama.block_count", "llama.context_length", "llama.embedding_length", "llama.feed_forward_length",
        "llama.attention.head_count", "llama.attention.layer_norm_rms_epsilon"}) {
    cases.emplace_back(fmt::format("{} is missing", field), llama(field));
  }
  const TemporaryFolder folder;
  for (const auto& [named, builder] : cases) {
    const fs::path path = folder.write("a.gguf", builder.build());
    const Error error = error_of([&] { Checkpoint::open(path.string()); }, named);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << named;
    EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << named << ": " << error.what();
  }
  std::cout << "GGUF networks refused: " << cases.size() << "\n";
}

TEST(Gguf, VocabulariesThatLie) {
  const auto vocabulary = [] {
    return Builder().text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", {"a", "b"});
  };
  const auto floats = [](size_t n) {
    return raw(uint32_t{kF32}) + raw(uint64_t{n}) + std::string(n * sizeof(float), '\0');
  };
  const auto ints = [](int32_t a, int32_t b) { return raw(uint32_t{kI32}) + raw(uint64_t{2}) + raw(a) + raw(b); };
  const std::vector<std::pair<std::string, Builder>> cases = {
      {"tokenizer.ggml.tokens", Builder().text("tokenizer.ggml.model", "llama")},
      {"tokenizer.ggml.model", Builder().texts("tokenizer.ggml.tokens", {"a"})},
      {"tokenizer.ggml.scores", vocabulary().entry("tokenizer.ggml.scores", kArray, floats(3))},
      {"tokenizer.ggml.scores", vocabulary().entry("tokenizer.ggml.scores", kArray, ints(1, 1))},
      {"tokenizer.ggml.token_type", vocabulary().entry("tokenizer.ggml.token_type", kArray, floats(2))},
      {"tokenizer.ggml.token_type", vocabulary().entry("tokenizer.ggml.token_type", kArray, ints(1, 7))},
      {"tokenizer.ggml.bos_token_id", vocabulary().number("tokenizer.ggml.bos_token_id", 2)},
      {"tokenizer.ggml.bos_token_id", vocabulary().entry("tokenizer.ggml.bos_token_id", kI32, raw(int32_t{-1}))},
      {"tokenizer.ggml.add_bos_token", vocabulary().number("tokenizer.ggml.add_bos_token", 1)},
      {"tokenizer.ggml.merges", vocabulary().text("tokenizer.ggml.merges", "a b")},
  };
  const TemporaryFolder folder;
  const GgufFile good(folder.write("good.gguf", vocabulary()
                                                    .entry("tokenizer.ggml.scores", kArray, floats(2))
                                                    .entry("tokenizer.ggml.token_type", kArray, ints(3, 6))
                                                    .build()));
  EXPECT_EQ(read_vocabulary(good).types, (std::vector<int32_t>{3, 6}));
  for (const auto& [named, builder] : cases) {
    const GgufFile file(folder.write("a.gguf", builder.build()));
    const Error error = error_of([&] { read_vocabulary(file); }, named);
    EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << named << ": " << error.what();
  }
}

TEST(Gguf, EveryTokenThatEndsAText) {
  const TemporaryFolder folder;
  const GgufFile file(folder.write("a.gguf", Builder()
                                                 .texts("tokenizer.ggml.tokens", {"a", "b", "c", "d"})
                                                 .number("tokenizer.ggml.eos_token_id", 2)
                                                 .number("tokenizer.ggml.eot_token_id", 1)
                                                 .number("tokenizer.ggml.eom_token_id", 2)
                                                 .build()));
  EXPECT_EQ(gguf_end_tokens(file), (std::vector<TokenId>{1, 2}));
}

}  // namespace
}  // namespace assay::engine::testing
