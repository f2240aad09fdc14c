// Writes a GGUF of the shape of Mistral 7B, its matrices of random blocks of one type, for measurements of loading:
//
//   bench_write_gguf q4_k /var/tmp/q4_k.gguf [layers]      32 layers: 4.1 GB
//
// Scales are small positive numbers, so that the network computes finite logits; they mean nothing. The vocabulary has
// the 256 bytes, one pair and 31,743 names of nothing.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/block_types.h"
#include "engine/tokenizer/byte_alphabet.h"

namespace assay::engine {
namespace {

constexpr uint64_t kDim = 4096, kHeads = 32, kKvHeads = 8, kFfn = 14336, kVocab = 32000;
constexpr uint64_t kKeyDim = kDim / kHeads * kKvHeads;
constexpr size_t kAlignment = 32;

// Where the f16 scales of a block are.
const std::map<std::string, std::vector<size_t>> kScales = {
    {"q4_0", {0}},   {"q4_1", {0, 2}}, {"q5_0", {0}},    {"q5_1", {0, 2}}, {"q8_0", {0}},   {"q2_k", {80, 82}},
    {"q3_k", {108}}, {"q4_k", {0, 2}}, {"q5_k", {0, 2}}, {"q6_k", {208}},  {"iq4_nl", {0}}, {"iq4_xs", {0}},
};

const BlockType* type_named(const std::string& name) {
  for (uint32_t number = 0; number < 64; ++number) {
    const BlockType* type = find_ggml_type(number);
    if (type != nullptr && type->name == name && kScales.contains(name)) return type;
  }
  std::string names;
  for (const auto& entry : kScales) names += " " + entry.first;
  fail(ExitCode::kUsage, "{} is not one of{}", name, names);
}

template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string raw_string(std::string_view text) {
  return raw(uint64_t{text.size()}) + std::string(text);
}

class Header {
 public:
  void number(std::string_view key, uint32_t value) { add(key, 4, raw(value)); }
  void real(std::string_view key, float value) { add(key, 6, raw(value)); }
  void text(std::string_view key, std::string_view value) { add(key, 8, raw_string(value)); }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    std::string body = raw(uint32_t{8}) + raw(uint64_t{values.size()});
    for (const std::string& value : values) body += raw_string(value);
    add(key, 9, body);
  }
  // Sizes in the file's order, fastest first.
  void tensor(const std::string& name, const std::vector<uint64_t>& sizes, const BlockType& type) {
    uint64_t values = 1;
    for (const uint64_t size : sizes) values *= size;
    table_ += raw_string(name) + raw(static_cast<uint32_t>(sizes.size()));
    for (const uint64_t size : sizes) table_ += raw(size);
    table_ += raw(static_cast<uint32_t>(type.ggml_type)) + raw(data_);
    const uint64_t bytes = values / static_cast<uint64_t>(type.block_values) * static_cast<uint64_t>(type.block_bytes);
    tensors_.push_back({&type, bytes});
    data_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  void write(const std::string& path) const;

 private:
  struct Piece {
    const BlockType* type;
    uint64_t bytes;
  };
  void add(std::string_view key, uint32_t type, const std::string& value) {
    ++entries_;
    metadata_ += raw_string(key) + raw(type) + value;
  }

  uint64_t entries_ = 0;
  std::string metadata_;
  std::string table_;
  std::vector<Piece> tensors_;
  uint64_t data_ = 0;
};

// Some megabytes of blocks, which are written again and again.
std::string pattern(const BlockType& type) {
  std::string bytes;
  if (type.block_values == 1) {  // norms
    while (bytes.size() < kDim * sizeof(float)) bytes += raw(1.0F);
    return bytes;
  }
  constexpr size_t kBlocks = 50000;
  std::mt19937 random(1);
  bytes.resize(kBlocks * static_cast<size_t>(type.block_bytes));
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (size_t block = 0; block < kBlocks; ++block) {
    for (const size_t place : kScales.at(type.name)) {
      const auto scale = static_cast<uint16_t>(0x100 + random() % 0x100);  // 1.5e-5 to 3e-5
      std::memcpy(bytes.data() + block * static_cast<size_t>(type.block_bytes) + place, &scale, sizeof scale);
    }
  }
  return bytes;
}

void Header::write(const std::string& path) const {
  std::ofstream out(path, std::ios::binary);
  std::string head = "GGUF" + raw(uint32_t{3}) + raw(uint64_t{tensors_.size()}) + raw(entries_) + metadata_ + table_;
  head.resize((head.size() + kAlignment - 1) / kAlignment * kAlignment);
  out << head;
  std::map<const BlockType*, std::string> patterns;
  for (const Piece& piece : tensors_) {
    std::string& bytes = patterns[piece.type];
    if (bytes.empty()) bytes = pattern(*piece.type);
    for (uint64_t left = piece.bytes; left > 0;) {
      const uint64_t count = std::min<uint64_t>(left, bytes.size());
      out.write(bytes.data(), static_cast<std::streamsize>(count));
      left -= count;
    }
    out << std::string((kAlignment - piece.bytes % kAlignment) % kAlignment, '\0');
  }
  out.close();
  if (!out) fail(ExitCode::kIo, "{}: cannot be written", path);
}

void write_model(const BlockType& type, const std::string& path, uint32_t layers) {
  Header header;
  header.text("general.architecture", "llama");
  header.number("llama.block_count", layers);
  header.number("llama.context_length", 32768);
  header.number("llama.embedding_length", kDim);
  header.number("llama.feed_forward_length", kFfn);
  header.number("llama.attention.head_count", kHeads);
  header.number("llama.attention.head_count_kv", kKvHeads);
  header.real("llama.attention.layer_norm_rms_epsilon", 1e-5F);
  header.text("tokenizer.ggml.model", "gpt2");
  header.text("tokenizer.ggml.pre", "gpt-2");
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) {
    tokens.emplace_back();
    append_utf8(tokens.back(), byte_to_code_point(static_cast<unsigned char>(byte)));
  }
  tokens.emplace_back("ab");
  while (tokens.size() < kVocab) tokens.push_back(fmt::format("<nothing {}>", tokens.size()));
  header.texts("tokenizer.ggml.tokens", tokens);
  header.texts("tokenizer.ggml.merges", {"a b"});  // llama.cpp opens no vocabulary of this kind without one
  header.number("tokenizer.ggml.eos_token_id", kVocab - 1);

  const BlockType& plain = *find_ggml_type(0);
  header.tensor("token_embd.weight", {kDim, kVocab}, type);
  header.tensor("output_norm.weight", {kDim}, plain);
  header.tensor("output.weight", {kDim, kVocab}, type);
  for (uint32_t layer = 0; layer < layers; ++layer) {
    const auto name = [&](const char* part) { return fmt::format("blk.{}.{}.weight", layer, part); };
    header.tensor(name("attn_norm"), {kDim}, plain);
    header.tensor(name("attn_q"), {kDim, kDim}, type);
    header.tensor(name("attn_k"), {kDim, kKeyDim}, type);
    header.tensor(name("attn_v"), {kDim, kKeyDim}, type);
    header.tensor(name("attn_output"), {kDim, kDim}, type);
    header.tensor(name("ffn_norm"), {kDim}, plain);
    header.tensor(name("ffn_gate"), {kDim, kFfn}, type);
    header.tensor(name("ffn_up"), {kDim, kFfn}, type);
    header.tensor(name("ffn_down"), {kFfn, kDim}, type);
  }
  header.write(path);
}

}  // namespace
}  // namespace assay::engine

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "usage: {} TYPE FILE [LAYERS]\n", argv[0]);
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    const int layers = argc == 4 ? std::atoi(argv[3]) : 32;
    if (layers < 1 || layers > 1000) fail(ExitCode::kUsage, "{} is not a number of layers", argv[3]);
    engine::write_model(*engine::type_named(argv[1]), argv[2], static_cast<uint32_t>(layers));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
  return 0;
}
