// What a tokenizer's file says, whatever its format: the readers (read_json.h, read_tiktoken.h, read_gguf.h) fill this
// plain value, and Tokenizer is built from it.
//
// The words are those of the Hugging Face `tokenizers` library, whose behaviour is the reference. Its many
// pre-tokenizer types all come down to the three steps below.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/request.h"

namespace assay::engine {

// Written in tokens for a space by SentencePiece: U+2581.
inline constexpr std::string_view kMetaSpace = "\xe2\x96\x81";

struct VocabularyEntry {
  std::string text;
  TokenId id = 0;
};

struct AddedToken {
  std::string text;
  TokenId id = 0;
  bool special = false;      // ordinary text unless markup is parsed
  bool left_strip = false;   // takes the white space before it
  bool right_strip = false;  // takes the white space behind it
  bool single_word = false;  // not inside a word
  bool normalized = false;   // searched in the normalised text, in its normalised form
};

struct NormalizerStep {
  enum class Kind { kPrepend, kReplace, kNfc, kNfd, kNfkc, kNfkd };
  Kind kind = Kind::kPrepend;
  std::string from;  // kReplace
  std::string to;    // kReplace, kPrepend
};

// What becomes of a match when text is split.
enum class SplitBehaviour { kIsolated, kRemoved, kContiguous, kMergedWithPrevious, kMergedWithNext };

struct PreTokenizerStep {
  enum class Kind {
    kSplit,    // at matches of `pattern`
    kPrefix,   // puts `to` in front of a piece that does not begin with it
    kReplace,  // `pattern`, taken literally, becomes `to`
  };
  Kind kind = Kind::kSplit;
  std::string pattern = {};
  bool literal = false;  // kSplit: `pattern` is no regular expression
  SplitBehaviour behaviour = SplitBehaviour::kIsolated;
  bool invert = false;  // kSplit: what lies between matches counts as the match
  std::string to = {};
  bool first_only = false;  // kPrefix: only at the start of the text
};

// Byte-pair encoding (Gage 1994; Sennrich, Haddow, Birch 2016).
struct BpeDefinition {
  // Pieces are taken as bytes, each written in GPT-2's alphabet (byte_alphabet.h); else as code points.
  bool byte_level = false;
  bool ignore_merges = false;  // a piece that is a token is that token, whatever the merges say
  bool byte_fallback = false;  // a code point without a token becomes its bytes <0x00> to <0xFF>, where they are tokens
  bool fuse_unknown = false;   // neighbouring unknown code points are one unknown token
  std::optional<std::string> unknown;  // absent: unknown code points vanish
  std::vector<VocabularyEntry> vocabulary;

  // Where merges come from. `merges`: pairs of texts, the earlier the stronger. `merge_scores`, one for each vocabulary
  // entry: any two tokens whose concatenation is a token merge, the highest score of the result first. An entry whose
  // score is absent takes no part.
  std::vector<std::pair<std::string, std::string>> merges;
  std::vector<std::optional<float>> merge_scores;
};

struct DecoderDefinition {
  enum class Kind {
    kSpaced,     // tokens joined with a space: what the library does without a decoder
    kByteLevel,  // characters of GPT-2's alphabet become their bytes
    kPieces,     // `replacements` in each token, then byte tokens if `byte_fallback`, joined, then `strip`
    kMetaspace,  // `metaspace` becomes a space, or nothing in the first token if `drop_first`
  };
  Kind kind = Kind::kSpaced;
  std::vector<std::pair<std::string, std::string>> replacements;
  bool byte_fallback = false;
  std::string strip;  // one code point, taken away up to `strip_count` times from the left end
  int strip_count = 0;
  std::string metaspace;
  bool drop_first = false;
};

struct TokenizerDefinition {
  std::string source;  // for messages: the file
  std::vector<AddedToken> added;
  std::vector<NormalizerStep> normalizer;
  std::vector<PreTokenizerStep> pre_tokenizer;
  BpeDefinition bpe;
  DecoderDefinition decoder;
  std::optional<bool> declares_bos;
  std::optional<TokenId> bos;
};

// The expressions that files leave to the reader.
// GPT-2 (Radford et al. 2019, encoder.py), as the Hugging Face library has it.
inline constexpr std::string_view kGpt2Pattern =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// Llama 3 (tokenizer.py, pat_str).
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// Qwen 2: Llama 3's with single digits (tokenizer.json).
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// Mistral NeMo, "tekken" (tokenizer.json).
inline constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|)"
    R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

}  // namespace assay::engine
