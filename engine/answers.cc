#include "engine/answers.h"

#include <algorithm>
#include <utility>

#include "engine/tokenizer/stop_strings.h"
#include "engine/tokenizer/stream_decoder.h"

namespace assay::engine {

// One generation while it runs. PROTOCOLS.md §1.3.
class Answers::Generation {
 public:
  Generation(const GenerateRequest& request, const Tokenizer& tokenizer, const EndOfText& end)
      : stops_(stops_of(request, end)), search_(stops_), decoder_(tokenizer), max_tokens_(request.max_tokens) {}

  // True where it goes on.
  bool push(TokenId token, const EndOfText& end) {
    response_.token_ids.push_back(token);
    if (std::ranges::find(end.tokens, token) != end.tokens.end()) {
      response_.finish = FinishReason::kEndToken;
      return false;
    }
    const std::string text = decoder_.push(token);
    response_.text += text;
    if (search_.add(text) || search_.hit_with(decoder_.pending())) {
      response_.finish = FinishReason::kStop;
      return false;
    }
    response_.finish = FinishReason::kLength;
    return static_cast<int>(response_.token_ids.size()) < max_tokens_;
  }

  GenerateResponse take() {
    response_.text += decoder_.finish();
    response_.text.resize(cut_at_stops(response_.text, stops_).size());
    return std::move(response_);
  }

 private:
  static std::vector<std::string> stops_of(const GenerateRequest& request, const EndOfText& end) {
    std::vector<std::string> stops = request.stops;
    if (request.stop_at_end_text && std::ranges::find(stops, end.text) == stops.end()) stops.push_back(end.text);
    return stops;
  }

  std::vector<std::string> stops_;
  StopSearch search_;
  StreamDecoder decoder_;
  int max_tokens_;
  GenerateResponse response_;
};

Answers::Answers(std::span<const Request> requests, std::vector<size_t> which, std::vector<EncodedRequest> encoded,
                 const Sequences& sequences, Tokenizer tokenizer, EndOfText end)
    : requests_(requests),
      which_(std::move(which)),
      scored_places_(sequences.scored_places),
      generated_requests_(sequences.generated_requests),
      generations_(sequences.generated_requests.size()),
      tokenizer_(std::move(tokenizer)),
      end_(std::move(end)) {
  for (EncodedRequest& request : encoded) {
    const size_t parts = request.parts;
    const size_t missing = request.scored.size();
    pending_.push_back({std::move(request), std::vector<Part>(parts), missing});
  }
  for (size_t r = 0; r < pending_.size(); ++r) {
    if (pending_[r].missing == 0 && !pending_[r].encoded.generated) finish_scored(r);
  }
}

Answers::~Answers() = default;

Scheduler::Sink Answers::sink() {
  return {[this](size_t sequence, const std::vector<LogProbability>& results) { on_scored(sequence, results); },
          [this](size_t sequence, TokenId token) { return on_token(sequence, token); }};
}

std::vector<Response> Answers::take_finished() {
  return std::exchange(finished_, {});
}

size_t Answers::request_of(const Scheduler::Owner& owner) const {
  return which_[owner.generated ? generated_requests_[owner.sequence] : scored_places_[owner.sequence].request];
}

void Answers::on_scored(size_t sequence, std::span<const LogProbability> results) {
  const Sequences::Place place = scored_places_[sequence];
  Pending& pending = pending_[place.request];
  const std::vector<uint32_t>& parts = pending.encoded.want_parts[place.sequence];
  for (size_t w = 0; w < results.size(); ++w) {
    Part& part = pending.parts[parts[w]];
    part.logprob += static_cast<double>(results[w].logprob);
    part.greedy = part.greedy && results[w].is_argmax;
    part.behind = std::max(part.behind, static_cast<double>(results[w].best) - static_cast<double>(results[w].logprob));
    ++part.tokens;
  }
  if (--pending.missing == 0) finish_scored(place.request);
}

void Answers::finish_scored(size_t request) {
  const std::vector<Part>& parts = pending_[request].parts;
  if (std::holds_alternative<TextRequest>(this->request(request))) {
    TextResponse response;
    for (const Part& part : parts) {
      response.logprob += part.logprob;
      response.tokens += part.tokens;
    }
    return finish(request, response);
  }
  LogLikelihoodResponse response;
  for (const Part& part : parts) {
    response.logprobs.push_back(part.logprob);
    response.greedy.push_back(part.greedy);
    response.behind.push_back(part.behind);
  }
  finish(request, std::move(response));
}

bool Answers::on_token(size_t sequence, TokenId token) {
  const size_t request = generated_requests_[sequence];
  std::unique_ptr<Generation>& generation = generations_[sequence];
  if (!generation) {
    generation = std::make_unique<Generation>(std::get<GenerateRequest>(this->request(request)), tokenizer_, end_);
  }
  if (generation->push(token, end_)) return true;
  finish(request, generation->take());
  generation.reset();
  return false;
}

void Answers::finish(size_t request, decltype(Response::body) body) {
  const EncodedRequest& encoded = pending_[request].encoded;
  finished_.push_back({which_[request], encoded.prompt_tokens, encoded.truncated, std::move(body)});
}

}  // namespace assay::engine
