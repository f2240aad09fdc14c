#include "engine/tokenizer/stream_decoder.h"

#include "engine/tokenizer/impl.h"

namespace assay::engine {

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer), state_(tokenizer_.impl_->decoder) {}

std::string StreamDecoder::push(TokenId id) {
  std::string text;
  if (const std::string* token = tokenizer_.impl_->decodable(id, /*skip_special=*/true)) state_.push(*token, text);
  return text;
}

std::string StreamDecoder::pending() const {
  DecodeState copy = state_;
  std::string text;
  copy.finish(text);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text;
  state_.finish(text);
  return text;
}

}  // namespace assay::engine
