#include "engine/encode_requests.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

// The sequence of the request with these inputs, a new one where there is none.
size_t find_or_add(EncodedRequest& encoded, std::span<const TokenId> inputs) {
  for (size_t s = 0; s < encoded.scored.size(); ++s) {
    if (std::ranges::equal(encoded.scored[s].inputs, inputs)) return s;
  }
  encoded.scored.push_back({{inputs.begin(), inputs.end()}, {}});
  encoded.want_parts.emplace_back();
  return encoded.scored.size() - 1;
}

// Of sequence `s`, whose inputs are ids without the last: log-probabilities of ids[first_scored..] for `part`, each by
// the logits of the position before; first_scored >= 1.
void add_wants(EncodedRequest& encoded, size_t s, std::span<const TokenId> ids, size_t first_scored, uint32_t part) {
  for (size_t i = first_scored; i < ids.size(); ++i) {
    encoded.scored[s].wants.push_back({static_cast<int>(i) - 1, ids[i]});
    encoded.want_parts[s].push_back(part);
  }
}

bool starts_with(std::span<const TokenId> ids, std::span<const TokenId> beginning) {
  return ids.size() >= beginning.size() && std::ranges::equal(ids.first(beginning.size()), beginning);
}

std::vector<TokenId> joined(std::vector<TokenId> first, const std::vector<TokenId>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

RequestEncoder::RequestEncoder(Tokenizer tokenizer, const TextStart& start, int context)
    : tokenizer_(std::move(tokenizer)),
      start_(start),
      bos_text_(start.bos ? tokenizer_.token_text(*start.bos) : std::string()),
      context_(static_cast<size_t>(context)) {}

// PROTOCOLS.md §1.2: exactly one BOS. A text that begins with its written form has it already.
RequestEncoder::Opening RequestEncoder::open(std::string_view text) const {
  if (!start_.adds_bos) return {{}, text, false};
  if (!bos_text_.empty() && text.starts_with(bos_text_)) return {{*start_.bos}, text.substr(bos_text_.size()), true};
  return {{*start_.bos}, text, false};
}

std::vector<TokenId> RequestEncoder::encode_rest(const Opening& opening, std::string_view text) const {
  if (!opening.written) return tokenizer_.encode(text);
  // A tokenizer that puts a space in front of a text does not put one behind a BOS that the text wrote. Names of other
  // special tokens stay ordinary text.
  std::vector<TokenId> ids = tokenizer_.encode_markup(bos_text_ + std::string(text));
  const auto special = [&](TokenId id) { return tokenizer_.is_special(id); };
  if (ids.empty() || ids.front() != *start_.bos || std::any_of(ids.begin() + 1, ids.end(), special)) {
    return tokenizer_.encode(text);
  }
  ids.erase(ids.begin());
  return ids;
}

// PROTOCOLS.md §1.1.
EncodedRequest RequestEncoder::encode_likelihood(size_t index, const LogLikelihoodRequest& request) const {
  const std::string_view context = request.generated ? request.context : python_rstrip(request.context);
  const std::string_view moved = std::string_view(request.context).substr(context.size());
  Opening opening = open(context);
  if (context.empty()) {
    if (!first_token()) fail_input("request {} has no context, and the tokenizer no token to begin a text with", index);
    opening.ids = {*first_token()};
  }
  const std::vector<TokenId> context_ids = encode_rest(opening, opening.rest);
  const size_t context_tokens = context_ids.size();

  EncodedRequest encoded;
  encoded.parts = request.continuations.size();
  encoded.prompt_tokens = static_cast<int>(context_tokens) + (opening.written ? 1 : 0);
  for (size_t c = 0; c < request.continuations.size(); ++c) {
    std::string text(opening.rest);
    text.append(moved).append(request.continuations[c]);
    std::vector<TokenId> whole = encode_rest(opening, text);
    if (request.generated && !starts_with(whole, context_ids)) {
      whole = joined(context_ids, tokenizer_.encode(request.continuations[c]));
    }
    std::vector<TokenId> ids = opening.ids;
    ids.insert(ids.end(), whole.begin(), whole.end());
    size_t first_scored = opening.ids.size() + context_tokens;
    if (whole.size() <= context_tokens || first_scored == 0) {
      fail_input("request {}: continuation {} adds no token of its own to the context", index, c);
    }
    if (whole.size() - context_tokens > context_) {
      fail_input("request {}: continuation {} has {} tokens, the model's context {}", index, c,
                 whole.size() - context_tokens, context_);
    }
    if (ids.size() - 1 > context_) {
      const size_t cut = ids.size() - 1 - context_;
      ids.erase(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(cut));
      first_scored -= cut;
      encoded.truncated = true;
    }
    const size_t s = find_or_add(encoded, std::span(ids).first(ids.size() - 1));
    add_wants(encoded, s, ids, first_scored, static_cast<uint32_t>(c));
  }
  return encoded;
}

// lm-evaluation-harness 0.4.13, loglikelihood_rolling, with a stride: the first window scores a context full of tokens,
// each later one `stride` new ones behind as many earlier ones as there is room for.
EncodedRequest RequestEncoder::encode_text(size_t index, const TextRequest& request) const {
  if (request.stride < 0 || static_cast<size_t>(request.stride) > context_) {
    fail(ExitCode::kUsage, "request {}: the stride {} is not between 1 and the model's context of {} tokens", index,
         request.stride, context_);
  }
  const size_t stride = request.stride == 0 ? context_ : static_cast<size_t>(request.stride);
  const Opening opening = open(request.text);
  std::vector<TokenId> ids;
  if (first_token()) ids.push_back(*first_token());
  const std::vector<TokenId> tokens = encode_rest(opening, opening.rest);
  ids.insert(ids.end(), tokens.begin(), tokens.end());

  EncodedRequest encoded;
  encoded.prompt_tokens = static_cast<int>(tokens.size()) + (opening.written ? 1 : 0);
  for (size_t scored = 1; scored < ids.size();) {
    const size_t end = std::min(ids.size(), scored + (scored == 1 ? context_ : stride));
    const size_t begin = end - 1 > context_ ? end - 1 - context_ : 0;
    const auto window = std::span(ids).subspan(begin, end - begin);
    encoded.scored.push_back({{window.begin(), window.end() - 1}, {}});
    encoded.want_parts.emplace_back();
    add_wants(encoded, encoded.parts, window, scored - begin, static_cast<uint32_t>(encoded.parts));
    ++encoded.parts;
    scored = end;
  }
  return encoded;
}

std::vector<TokenId> RequestEncoder::encode_prompt(std::string_view prompt, EncodedRequest& encoded) const {
  const Opening opening = open(prompt);
  const std::vector<TokenId> tokens = encode_rest(opening, opening.rest);
  encoded.prompt_tokens = static_cast<int>(tokens.size()) + (opening.written ? 1 : 0);
  return joined(opening.ids, tokens);
}

// PROTOCOLS.md §1.2: exactly one BOS. A template writes it or leaves it to the tokenizer; the name of it in a message
// is no BOS.
std::vector<TokenId> RequestEncoder::encode_pieces(std::span<const PromptPiece> pieces, EncodedRequest& encoded) const {
  std::vector<TokenId> ids = tokenizer_.encode_pieces(pieces);
  encoded.prompt_tokens = static_cast<int>(ids.size());
  const bool written = !ids.empty() && ids.front() == start_.bos;
  if (start_.adds_bos && !written) ids.insert(ids.begin(), *start_.bos);
  return ids;
}

// PROTOCOLS.md §1.3.
EncodedRequest RequestEncoder::encode_generate(size_t index, const GenerateRequest& request) const {
  if (request.max_tokens < 1) {
    fail(ExitCode::kUsage, "request {}: a limit of {} generated tokens leaves nothing to generate", index,
         request.max_tokens);
  }
  if (static_cast<size_t>(request.max_tokens) >= context_) {
    fail(ExitCode::kUsage,
         "request {}: {} generated tokens leave no room for a prompt in the model's context of {}; lower --max-tokens",
         index, request.max_tokens, context_);
  }
  EncodedRequest encoded;
  encoded.parts = 1;
  std::vector<TokenId> ids =
      request.pieces.empty() ? encode_prompt(request.prompt, encoded) : encode_pieces(request.pieces, encoded);
  if (ids.empty()) {
    if (!first_token()) fail_input("request {} has no prompt, and the tokenizer no token to begin a text with", index);
    ids.push_back(*first_token());
  }
  if (const size_t room = context_ - static_cast<size_t>(request.max_tokens); ids.size() > room) {
    ids.erase(ids.begin(), ids.end() - static_cast<ptrdiff_t>(room));
    encoded.truncated = true;
  }
  encoded.generated = GeneratedSequence{std::move(ids), request.max_tokens, request.sampling};
  return encoded;
}

EncodedRequest RequestEncoder::encode(size_t index, const Request& request) const {
  if (const auto* likelihood = std::get_if<LogLikelihoodRequest>(&request))
    return encode_likelihood(index, *likelihood);
  if (const auto* text = std::get_if<TextRequest>(&request)) return encode_text(index, *text);
  return encode_generate(index, std::get<GenerateRequest>(request));
}

Sequences take_sequences(std::span<EncodedRequest> requests) {
  Sequences all;
  for (size_t r = 0; r < requests.size(); ++r) {
    for (size_t s = 0; s < requests[r].scored.size(); ++s) {
      all.scored.push_back(std::move(requests[r].scored[s]));
      all.scored_places.push_back({r, s});
    }
    if (requests[r].generated) {
      all.generated.push_back(std::move(*requests[r].generated));
      all.generated_requests.push_back(r);
    }
  }
  return all;
}

}  // namespace assay::engine
