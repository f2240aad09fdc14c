// From requests to token sequences: PROTOCOLS.md §1.1 (boundary of context and continuation, truncation), §1.2 (BOS),
// §1.3 (room for generated tokens), and the windows of a whole text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/request.h"
#include "engine/scheduler/scheduler.h"
#include "engine/tokenizer/tokenizer.h"

namespace assay::engine {

// What one request asks of the model. A request's answer has parts: continuations, windows of a text, or the one text
// that is generated. Continuations with the same inputs (MMLU's " A" to " D") are one sequence with several wants.
struct EncodedRequest {
  std::vector<ScoredSequence> scored;
  std::vector<std::vector<uint32_t>> want_parts;  // [sequence][want]: the part that the want counts for
  std::optional<GeneratedSequence> generated;
  size_t parts = 0;
  int prompt_tokens = 0;  // Response::prompt_tokens
  bool truncated = false;
};

// What may stand in front of a text.
struct TextStart {
  bool adds_bos = false;
  std::optional<TokenId> bos;
  std::optional<TokenId> end;  // where there is no BOS, it stands for an empty context
};

// Thread-safe.
class RequestEncoder {
 public:
  // `context`: tokens that the model can see, at least 1.
  RequestEncoder(Tokenizer tokenizer, const TextStart& start, int context);

  // Throws Error naming request `index`: kBadInput for what cannot be scored, kUsage for limits that cannot be kept.
  EncodedRequest encode(size_t index, const Request& request) const;

 private:
  // Ids in front of a text, and the text that is left to be encoded.
  struct Opening {
    std::vector<TokenId> ids;
    std::string_view rest;
    bool written = false;  // the text itself began with the BOS
  };
  Opening open(std::string_view text) const;
  // What follows the ids of `opening`; `text`: its rest, or that and more.
  std::vector<TokenId> encode_rest(const Opening& opening, std::string_view text) const;
  // The token that stands for an empty context, and that a whole text's first token is scored after.
  std::optional<TokenId> first_token() const { return start_.bos ? start_.bos : start_.end; }

  // The ids of a prompt with what stands in front of it; sets prompt_tokens.
  std::vector<TokenId> encode_prompt(std::string_view prompt, EncodedRequest& encoded) const;
  std::vector<TokenId> encode_pieces(std::span<const PromptPiece> pieces, EncodedRequest& encoded) const;

  EncodedRequest encode_likelihood(size_t index, const LogLikelihoodRequest& request) const;
  EncodedRequest encode_text(size_t index, const TextRequest& request) const;
  EncodedRequest encode_generate(size_t index, const GenerateRequest& request) const;

  Tokenizer tokenizer_;
  TextStart start_;
  std::string bos_text_;
  size_t context_;
};

// All sequences of all requests, and whose they are.
struct Sequences {
  struct Place {
    size_t request = 0;
    size_t sequence = 0;  // within EncodedRequest::scored
  };
  std::vector<ScoredSequence> scored;
  std::vector<Place> scored_places;
  std::vector<GeneratedSequence> generated;
  std::vector<size_t> generated_requests;
};

// Moves the sequences out of the requests; the rest of them stays.
Sequences take_sequences(std::span<EncodedRequest> requests);

}  // namespace assay::engine
