#include "engine/tokenizer/decoder.h"

#include <optional>

#include "base/text.h"
#include "engine/tokenizer/byte_alphabet.h"

namespace assay::engine {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte of a token like <0x0A>.
std::optional<char> byte_token(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return {};
  const int high = hex_digit(token[3]);
  const int low = hex_digit(token[4]);
  if (high < 0 || low < 0) return {};
  return static_cast<char>(high * 16 + low);
}

}  // namespace

DecodeState::DecodeState(const DecoderDefinition& definition)
    : definition_(&definition), strip_left_(definition.strip_count) {}

void DecodeState::push(std::string_view token, std::string& out) {
  switch (definition_->kind) {
    case DecoderDefinition::Kind::kSpaced:
      if (!first_) out += ' ';
      out += token;
      break;
    case DecoderDefinition::Kind::kByteLevel: {
      std::string bytes;
      if (!append_from_byte_alphabet(token, bytes)) bytes = token;
      bytes_.push(bytes, out);
      break;
    }
    case DecoderDefinition::Kind::kPieces:
      push_piece(token, out);
      break;
    case DecoderDefinition::Kind::kMetaspace:
      out += replace_all(token, definition_->metaspace, first_ && definition_->drop_first ? "" : " ");
      break;
  }
  first_ = false;
}

void DecodeState::push_piece(std::string_view token, std::string& out) {
  std::string text(token);
  for (const auto& [from, to] : definition_->replacements) text = replace_all(text, from, to);
  if (definition_->byte_fallback) {
    if (const std::optional<char> byte = byte_token(text)) {
      byte_run_.push_back(*byte);
      return;
    }
    end_byte_run(out);
  }
  append_stripped(text, out);
}

// The library keeps a run that is valid UTF-8 as a whole and otherwise writes one U+FFFD for each of its bytes.
void DecodeState::end_byte_run(std::string& out) {
  if (byte_run_.empty()) return;
  if (is_valid_utf8(byte_run_)) {
    append_stripped(byte_run_, out);
  } else {
    for (size_t i = 0; i < byte_run_.size(); ++i) append_stripped("\xef\xbf\xbd", out);
  }
  byte_run_.clear();
}

void DecodeState::append_stripped(std::string_view text, std::string& out) {
  while (strip_left_ > 0 && text.starts_with(definition_->strip)) {
    text.remove_prefix(definition_->strip.size());
    --strip_left_;
  }
  if (text.empty()) return;
  strip_left_ = 0;
  out += text;
}

void DecodeState::finish(std::string& out) {
  bytes_.finish(out);
  end_byte_run(out);
}

}  // namespace assay::engine
