#include "engine/tokenizer/read_tiktoken.h"

#include <charconv>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/vocabulary.h"

namespace assay::engine {
namespace {

// The file names neither its expression nor its special tokens, so only the one that is known can be read right.
constexpr size_t kLlama3Ranks = 128000;

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// RFC 4648, section 4, padded. Nothing where `text` is not that.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1 || text.empty()) return {};
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return {};
  return bytes;
}

std::vector<std::string> llama3_special_tokens() {
  std::vector<std::string> names = {"<|begin_of_text|>",
                                    "<|end_of_text|>",
                                    "<|reserved_special_token_0|>",
                                    "<|reserved_special_token_1|>",
                                    "<|reserved_special_token_2|>",
                                    "<|reserved_special_token_3|>",
                                    "<|start_header_id|>",
                                    "<|end_header_id|>",
                                    "<|reserved_special_token_4|>",
                                    "<|eot_id|>"};
  for (int i = 5; names.size() < 256; ++i) names.push_back(fmt::format("<|reserved_special_token_{}|>", i));
  return names;
}

VocabularyEntry parse_line(std::string_view line, size_t number, const std::string& source) {
  const size_t space = line.find(' ');
  const std::optional<std::string> bytes = decode_base64(line.substr(0, space));
  if (space == std::string_view::npos || !bytes) {
    fail_input(
        "{}: line {} is not a token in base64 and a rank; a SentencePiece model is not read, give its "
        "tokenizer.json",
        source, number);
  }
  const std::string_view digits = line.substr(space + 1);
  TokenId rank = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  if (failure != std::errc() || end != digits.data() + digits.size() || rank < 0) {
    fail_input("{}: line {} has no rank behind the token; the file is damaged", source, number);
  }
  return {to_byte_alphabet(*bytes), rank};
}

// Ranks are also ids, so they are 0 to n - 1; and every byte has one, or some text could not be written.
void check(const Vocabulary& vocabulary, const std::string& source) {
  if (vocabulary.entries().size() != kLlama3Ranks) {
    fail_input("{}: {} ranks where Llama 3 has {}; the file is cut, or another model's: give its tokenizer.json",
               source, vocabulary.entries().size(), kLlama3Ranks);
  }
  if (static_cast<size_t>(vocabulary.size()) != vocabulary.entries().size()) {
    fail_input("{}: {} tokens have ranks up to {}; the file is damaged or cut", source, vocabulary.entries().size(),
               vocabulary.size() - 1);
  }
  for (int byte = 0; byte < 256; ++byte) {
    if (!vocabulary.find(to_byte_alphabet(std::string(1, static_cast<char>(byte))))) {
      fail_input("{}: byte 0x{:02X} has no rank; the file is damaged or cut", source, byte);
    }
  }
}

}  // namespace

TokenizerDefinition read_tiktoken(std::string_view content, const std::string& source) {
  TokenizerDefinition definition;
  definition.source = source;
  BpeDefinition& bpe = definition.bpe;
  bpe.byte_level = true;
  bpe.ignore_merges = true;
  size_t number = 0;
  for (const std::string_view line : split_lines(content)) {
    ++number;
    if (!line.empty()) bpe.vocabulary.push_back(parse_line(line, number, source));
  }
  check(Vocabulary(bpe.vocabulary, source), source);
  // tiktoken merges the pair whose bytes together have the lowest rank.
  for (const VocabularyEntry& entry : bpe.vocabulary) bpe.merge_scores.push_back(-static_cast<float>(entry.id));

  auto id = static_cast<TokenId>(bpe.vocabulary.size());
  definition.bos = id;
  for (std::string& name : llama3_special_tokens()) {
    definition.added.push_back({.text = std::move(name), .id = id++, .special = true});
  }
  definition.pre_tokenizer.push_back({.pattern = std::string(kLlama3Pattern)});
  definition.decoder.kind = DecoderDefinition::Kind::kByteLevel;
  return definition;
}

}  // namespace assay::engine
