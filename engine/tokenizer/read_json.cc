#include "engine/tokenizer/read_json.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engine/tokenizer/json_field.h"

namespace assay::engine {
namespace {

using nlohmann::json;

constexpr int kDeepestSequence = 8;

// Calls `read` for the field itself, or for each element of a Sequence whose elements are the member `key`.
template <typename Read>
void for_each_in_sequence(const JsonField& field, const char* key, const Read& read, int depth = 0) {
  if (field.at("type").text() != "Sequence") {
    read(field);
    return;
  }
  if (depth == kDeepestSequence) field.fail("is nested too deeply");
  const JsonField list = field.at(key);
  for (size_t i = 0; i < list.array_size(); ++i) for_each_in_sequence(list.at(i), key, read, depth + 1);
}

std::string literal_pattern(const JsonField& field) {
  const JsonField pattern = field.at("pattern");
  if (!pattern.has("String")) pattern.fail("is not a String, and nothing else is supported here");
  return pattern.at("String").text();
}

std::vector<AddedToken> read_added_tokens(const JsonField& root) {
  std::vector<AddedToken> tokens;
  if (!root.has("added_tokens")) return tokens;
  const JsonField list = root.at("added_tokens");
  for (size_t i = 0; i < list.array_size(); ++i) {
    const JsonField token = list.at(i);
    tokens.push_back({.text = token.at("content").text(),
                      .id = token.at("id").count(),
                      .special = token.flag_or("special", false),
                      .left_strip = token.flag_or("lstrip", false),
                      .right_strip = token.flag_or("rstrip", false),
                      .single_word = token.flag_or("single_word", false),
                      .normalized = token.flag_or("normalized", false)});
  }
  return tokens;
}

void read_normalizer(const JsonField& field, std::vector<NormalizerStep>& steps) {
  using Kind = NormalizerStep::Kind;
  const std::string& type = field.at("type").text();
  if (type == "Prepend") {
    steps.push_back({Kind::kPrepend, "", field.at("prepend").text()});
  } else if (type == "Replace") {
    steps.push_back({Kind::kReplace, literal_pattern(field), field.at("content").text()});
  } else if (type == "NFC") {
    steps.push_back({Kind::kNfc, "", ""});
  } else if (type == "NFD") {
    steps.push_back({Kind::kNfd, "", ""});
  } else if (type == "NFKC") {
    steps.push_back({Kind::kNfkc, "", ""});
  } else if (type == "NFKD") {
    steps.push_back({Kind::kNfkd, "", ""});
  } else {
    field.refuse_type();
  }
}

SplitBehaviour read_behaviour(const JsonField& field) {
  const std::string& name = field.at("behavior").text();
  if (name == "Isolated") return SplitBehaviour::kIsolated;
  if (name == "Removed") return SplitBehaviour::kRemoved;
  if (name == "Contiguous") return SplitBehaviour::kContiguous;
  if (name == "MergedWithPrevious") return SplitBehaviour::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehaviour::kMergedWithNext;
  field.at("behavior").fail("is not a way to split");
}

void read_split(const JsonField& field, std::vector<PreTokenizerStep>& steps) {
  const JsonField pattern = field.at("pattern");
  const bool literal = pattern.has("String");
  steps.push_back({.pattern = pattern.at(literal ? "String" : "Regex").text(),
                   .literal = literal,
                   .behaviour = read_behaviour(field),
                   .invert = field.flag_or("invert", false)});
}

// Older files say add_prefix_space where newer ones say prepend_scheme.
std::string metaspace_scheme(const JsonField& field) {
  const std::string scheme =
      field.text_or("prepend_scheme", field.flag_or("add_prefix_space", true) ? "always" : "never");
  if (scheme != "always" && scheme != "first" && scheme != "never") field.at("prepend_scheme").fail("is not a scheme");
  return scheme;
}

void read_metaspace(const JsonField& field, std::vector<PreTokenizerStep>& steps) {
  using Kind = PreTokenizerStep::Kind;
  const std::string mark = field.text_or("replacement", kMetaSpace);
  const std::string scheme = metaspace_scheme(field);
  steps.push_back({.kind = Kind::kReplace, .pattern = " ", .to = mark});
  if (scheme != "never") steps.push_back({.kind = Kind::kPrefix, .to = mark, .first_only = scheme == "first"});
  if (field.flag_or("split", true)) {
    steps.push_back({.pattern = mark, .literal = true, .behaviour = SplitBehaviour::kMergedWithNext});
  }
}

void read_pre_tokenizer(const JsonField& field, TokenizerDefinition& definition) {
  using Kind = PreTokenizerStep::Kind;
  std::vector<PreTokenizerStep>& steps = definition.pre_tokenizer;
  if (definition.bpe.byte_level) field.fail("follows a ByteLevel pre-tokenizer, which is supported only as the last");
  const std::string& type = field.at("type").text();
  if (type == "ByteLevel") {
    if (field.flag_or("add_prefix_space", true)) steps.push_back({.kind = Kind::kPrefix, .to = " "});
    if (field.flag_or("use_regex", true)) steps.push_back({.pattern = std::string(kGpt2Pattern)});
    definition.bpe.byte_level = true;
  } else if (type == "Split") {
    read_split(field, steps);
  } else if (type == "Digits") {
    // char::is_numeric of Rust: the categories Nd, Nl and No.
    steps.push_back({.pattern = field.flag_or("individual_digits", false) ? "\\p{N}" : "\\p{N}+"});
  } else if (type == "Punctuation") {
    steps.push_back({.pattern = "[!-/:-@\\[-`{-~\\p{P}]",
                     .behaviour = field.has("behavior") ? read_behaviour(field) : SplitBehaviour::kIsolated});
  } else if (type == "WhitespaceSplit") {
    steps.push_back({.pattern = "\\s", .behaviour = SplitBehaviour::kRemoved});
  } else if (type == "Whitespace") {
    steps.push_back({.pattern = "\\w+|[^\\w\\s]+", .behaviour = SplitBehaviour::kRemoved, .invert = true});
  } else if (type == "Metaspace") {
    read_metaspace(field, steps);
  } else {
    field.refuse_type();
  }
}

// Decoders come in many orders; the ones that keep to Replace, ByteFallback, Fuse, Strip are read.
void read_decoder(const JsonField& field, DecoderDefinition& decoder, int& stage) {
  using Kind = DecoderDefinition::Kind;
  enum Stage { kStart, kReplaced, kBytes, kFused, kStripped, kClosed };
  const auto enter = [&](Stage next) {
    if (stage > next || stage == kClosed) {
      field.fail("comes in an order that is not supported (Replace, ByteFallback, Fuse, Strip)");
    }
    stage = next;
    decoder.kind = Kind::kPieces;
  };
  const std::string& type = field.at("type").text();
  if (type == "Replace") {
    enter(kReplaced);
    decoder.replacements.emplace_back(literal_pattern(field), field.at("content").text());
  } else if (type == "ByteFallback") {
    enter(kBytes);
    decoder.byte_fallback = true;
  } else if (type == "Fuse") {
    enter(kFused);
  } else if (type == "Strip" && stage == kFused) {
    enter(kStripped);
    decoder.strip = field.at("content").text();
    decoder.strip_count = field.at("start").count();
    if (count_code_points(decoder.strip) != 1) field.at("content").fail("is not one character");
    if (field.at("stop").count() != 0) field.at("stop").fail("is not 0, and nothing else is supported");
  } else if ((type == "ByteLevel" || type == "Metaspace") && stage == kStart) {
    stage = kClosed;
    decoder.kind = type == "ByteLevel" ? Kind::kByteLevel : Kind::kMetaspace;
    if (type == "Metaspace") {
      decoder.metaspace = field.text_or("replacement", kMetaSpace);
      decoder.drop_first = metaspace_scheme(field) != "never";
    }
  } else {
    field.refuse_type();
  }
}

std::vector<std::pair<std::string, std::string>> read_merges(const JsonField& list) {
  std::vector<std::pair<std::string, std::string>> merges;
  merges.reserve(list.array_size());
  for (const json& merge : list.value()) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      merges.emplace_back(merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>());
      continue;
    }
    const std::string_view text = merge.is_string() ? merge.get_ref<const std::string&>() : std::string_view();
    const size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      list.at(merges.size()).fail("is neither a pair of tokens nor two tokens with a space between them");
    }
    merges.emplace_back(text.substr(0, space), text.substr(space + 1));
  }
  return merges;
}

void read_model(const JsonField& field, BpeDefinition& bpe) {
  if (field.has("type") && field.at("type").text() != "BPE") field.refuse_type();
  if (field.has("dropout")) field.at("dropout").fail("is set, and only null is supported");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!field.text_or(affix, "").empty()) field.at(affix).fail("is set, and that is not supported");
  }
  if (field.has("unk_token")) bpe.unknown = field.at("unk_token").text();
  bpe.fuse_unknown = field.flag_or("fuse_unk", false);
  bpe.byte_fallback = field.flag_or("byte_fallback", false);
  bpe.ignore_merges = field.flag_or("ignore_merges", false);
  const JsonField vocabulary = field.at("vocab");
  bpe.vocabulary.reserve(vocabulary.object().size());
  for (const auto& [text, value] : vocabulary.object()) {
    if (!JsonField::is_id(value)) vocabulary.at(text.c_str()).fail("is not an id");
    bpe.vocabulary.push_back({text, value.get<TokenId>()});
  }
  bpe.merges = read_merges(field.at("merges"));
}

// A BOS is a special token in front of the text in the template for a single text.
void read_post_processor(const JsonField& field, TokenizerDefinition& definition) {
  const std::string& type = field.at("type").text();
  if (type == "ByteLevel") return;  // concerns offsets alone
  if (type != "TemplateProcessing") field.refuse_type();
  definition.declares_bos = false;
  const JsonField parts = field.at("single");
  for (size_t i = 0; i < parts.array_size() && parts.at(i).has("SpecialToken"); ++i) {
    if (i > 0) parts.fail("puts more than one token in front of the text, which is not supported");
    const std::string& name = parts.at(i).at("SpecialToken").at("id").text();
    const JsonField ids = field.at("special_tokens").at(name.c_str()).at("ids");
    if (ids.array_size() != 1) ids.fail("is not one id");
    definition.declares_bos = true;
    definition.bos = ids.at(size_t{0}).count();
  }
}

}  // namespace

TokenizerDefinition read_tokenizer_json(std::string_view content, const std::string& source) {
  json document;
  try {
    document = json::parse(content);
  } catch (const json::exception& error) {
    fail_input("{}: not JSON ({}); the file is damaged or cut", source, printable(error.what()));
  }
  TokenizerDefinition definition;
  definition.source = source;
  const JsonField root(document, source, "");
  definition.added = read_added_tokens(root);
  if (root.has("normalizer")) {
    for_each_in_sequence(root.at("normalizer"), "normalizers",
                         [&](const JsonField& field) { read_normalizer(field, definition.normalizer); });
  }
  if (root.has("pre_tokenizer")) {
    for_each_in_sequence(root.at("pre_tokenizer"), "pretokenizers",
                         [&](const JsonField& field) { read_pre_tokenizer(field, definition); });
  }
  read_model(root.at("model"), definition.bpe);
  if (root.has("decoder")) {
    int stage = 0;
    for_each_in_sequence(root.at("decoder"), "decoders",
                         [&](const JsonField& field) { read_decoder(field, definition.decoder, stage); });
  }
  if (root.has("post_processor")) {
    for_each_in_sequence(root.at("post_processor"), "processors",
                         [&](const JsonField& field) { read_post_processor(field, definition); });
  }
  return definition;
}

}  // namespace assay::engine
