// Token texts back to text, one token at a time: the decoders of the Hugging Face library as one state machine, so that
// decoding at once and decoding in a stream are the same code.
#pragma once

#include <string>
#include <string_view>

#include "engine/tokenizer/definition.h"
#include "engine/tokenizer/utf8_stream.h"

namespace assay::engine {

// `definition` must outlive the state. Not thread-safe; copyable.
class DecodeState {
 public:
  explicit DecodeState(const DecoderDefinition& definition);

  // Appends the text that is final with this token.
  void push(std::string_view token, std::string& out);
  // Appends the rest.
  void finish(std::string& out);

 private:
  void push_piece(std::string_view token, std::string& out);
  void end_byte_run(std::string& out);
  void append_stripped(std::string_view text, std::string& out);

  const DecoderDefinition* definition_;
  bool first_ = true;
  int strip_left_;        // code points that may still be taken from the left end; 0 once something else was seen
  Utf8Stream bytes_;      // kByteLevel
  std::string byte_run_;  // kPieces: bytes of a run of byte tokens
};

}  // namespace assay::engine
