// Decodes ids one at a time, for generation: each push returns the text that is final, so that it can be shown,
// searched and stored while the model goes on.
//
//   StreamDecoder decoder(tokenizer);
//   std::string text;
//   for (TokenId id : ids) text += decoder.push(id);
//   text += decoder.finish();   // text == tokenizer.decode(ids, /*skip_special=*/true)
//
// An incomplete UTF-8 sequence is held back until it is complete or known to be broken (then U+FFFD). A run of byte
// tokens
// (<0x0A>) is held back until it ends, because the Hugging Face library decides on the run as a whole.
// Time is linear in the text. Not thread-safe; copies are independent.
#pragma once

#include <string>

#include "engine/tokenizer/decoder.h"
#include "engine/tokenizer/tokenizer.h"

namespace assay::engine {

class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer);

  // The text that became final. Ids that are special or unknown add nothing.
  std::string push(TokenId id);
  // What finish() would return now: everything returned so far and this are decode() of the ids so far. A stop string
  // may lie in it.
  std::string pending() const;
  // The rest. Nothing may be pushed afterwards.
  std::string finish();

 private:
  Tokenizer tokenizer_;  // shares the immutable data
  DecodeState state_;
};

}  // namespace assay::engine
