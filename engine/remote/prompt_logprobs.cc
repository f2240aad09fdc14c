#include "engine/remote/prompt_logprobs.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/remote/calls.h"

namespace assay::engine {
namespace {

using nlohmann::json;

// The three lists of a choice's `logprobs`, all of one length.
struct Echo {
  std::vector<std::string> tokens;
  const json* logprobs = nullptr;
  const json* likeliest = nullptr;  // null where the server does not give it
  std::vector<int64_t> offsets;     // empty where the server does not give them
};

const json* list_in(const json& object, const char* name, size_t size) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() && found->size() == size ? &*found : nullptr;
}

std::optional<Echo> read_echo(const json& choice) {
  const auto logprobs = choice.find("logprobs");
  if (logprobs == choice.end() || !logprobs->is_object()) return std::nullopt;
  const auto tokens = logprobs->find("tokens");
  if (tokens == logprobs->end() || !tokens->is_array()) return std::nullopt;
  Echo echo;
  for (const json& token : *tokens) {
    if (!token.is_string()) return std::nullopt;
    echo.tokens.push_back(token);
  }
  echo.logprobs = list_in(*logprobs, "token_logprobs", tokens->size());
  if (echo.logprobs == nullptr) return std::nullopt;
  echo.likeliest = list_in(*logprobs, "top_logprobs", tokens->size());
  if (const json* offsets = list_in(*logprobs, "text_offset", tokens->size())) {
    for (const json& offset : *offsets) {
      if (!offset.is_number_integer()) return std::nullopt;
      echo.offsets.push_back(offset);
    }
  }
  return echo;
}

std::string echoed_text(const json& choice) {
  const auto text = choice.find("text");
  return text != choice.end() && text->is_string() ? text->get<std::string>() : "";
}

// A token that is a piece of a character has no text of its own.
bool is_piece(const std::string& token) {
  return token.empty() || token.starts_with("bytes:") || token.find("\xEF\xBF\xBD") != std::string::npos;
}

// Whether the server put a token in front that is not of the prompt. SentencePiece shows a space before the first word.
bool has_bos(const Echo& echo, const std::string& prompt) {
  if (echo.tokens.empty() || is_piece(echo.tokens.front())) return false;
  return !prompt.starts_with(echo.tokens.front()) && !(" " + prompt).starts_with(echo.tokens.front());
}

// Whether the tokens from `end` on, if there are any, spell what the answer's text has behind the prompt.
bool ends_here(const Echo& echo, size_t end, const json& answer, const std::string& prompt) {
  std::string behind;
  for (size_t i = end; i < echo.tokens.size(); ++i) behind += echo.tokens[i];
  const std::string text = echoed_text(first_choice(answer));
  return behind.empty() || (text.starts_with(prompt) && text.substr(prompt.size()) == behind);
}

// How many tokens are the prompt's: as many as spell it, and where one has no text of its own all but those that were
// generated behind it. (Not the latter alone: llama-cpp-python counts a generated token that it does not list.)
size_t prompt_end(const Echo& echo, const json& answer, const std::string& prompt) {
  std::string text;
  for (size_t i = has_bos(echo, prompt) ? 1 : 0; i < echo.tokens.size() && !is_piece(echo.tokens[i]); ++i) {
    text += echo.tokens[i];
    if ((text == prompt || text == " " + prompt) && ends_here(echo, i + 1, answer, prompt)) return i + 1;
  }
  Cost cost;
  if (read_usage(answer, cost)) {
    const auto generated = static_cast<size_t>(cost.generated_tokens);
    return echo.tokens.size() - std::min(generated, echo.tokens.size());
  }
  const int64_t begin = echo.offsets.empty() ? 0 : echo.offsets[has_bos(echo, prompt) ? 1 : 0];
  const auto length = static_cast<int64_t>(count_code_points(prompt));
  const auto behind =
      std::find_if(echo.offsets.begin(), echo.offsets.end(), [&](int64_t offset) { return offset - begin >= length; });
  return static_cast<size_t>(behind - echo.offsets.begin());
}

// The first token of a continuation: from the end of the prompt, the tokens whose texts together are the continuation.
size_t boundary(const Echo& echo, size_t end, const std::string& prompt, const std::string& continuation) {
  size_t first = end;
  std::string text;
  bool pieces = false;
  while (first > 0 && text.size() < continuation.size()) {
    --first;
    pieces = pieces || is_piece(echo.tokens[first]);
    text = echo.tokens[first] + text;
  }
  if (text == continuation && !pieces) return first;
  if (pieces && !echo.offsets.empty()) {
    const auto begin = echo.offsets[has_bos(echo, prompt) ? 1 : 0];
    const auto wanted = static_cast<int64_t>(count_code_points(prompt) - count_code_points(continuation));
    for (size_t i = 0; i < end; ++i) {
      if (echo.offsets[i] - begin == wanted) return i;
    }
  }
  // The first word of a SentencePiece vocabulary is shown with a space that the text does not have.
  if (first <= 1 && text == " " + continuation) return first;
  if (text.size() > continuation.size() && text.ends_with(continuation)) {
    fail_input("a token of the server lies across the end of the context (\"{}\" before \"{}\")",
               printable(echo.tokens[first]), printable(continuation));
  }
  fail_input("the log-probabilities are of other tokens than those of the continuation (\"{}\" instead of \"{}\")",
             printable(text), printable(continuation));
}

void add_token(const Echo& echo, size_t i, ScoredContinuation& scored) {
  const json& value = (*echo.logprobs)[i];
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    fail_input(
        "the token \"{}\" of the continuation has no log-probability{}", printable(echo.tokens[i]),
        i == 0 ? ": it is the first of all, because the context is empty and the server puts no BOS before it" : "");
  }
  const double logprob = value.get<double>();
  scored.logprob += logprob;
  const json* likeliest = echo.likeliest != nullptr ? &(*echo.likeliest)[i] : nullptr;
  if (likeliest == nullptr || !likeliest->is_object() || likeliest->empty()) {
    scored.greedy_known = false;
    return;
  }
  double best = logprob;
  for (const auto& [token, of_token] : likeliest->items()) {
    if (of_token.is_number()) best = std::max(best, of_token.get<double>());
  }
  scored.greedy = scored.greedy && logprob >= best;
  scored.behind = std::max(scored.behind, best - logprob);
}

using Likeliest = std::vector<std::pair<std::string, double>>;

// The likeliest tokens that the server names in place of the first token of a continuation; empty where it names none.
Likeliest likeliest_first(const json& answer, const LogLikelihoodRequest& request, size_t part) {
  const std::string& continuation = request.continuations.at(part);
  const std::string prompt = request.context + continuation;
  const std::optional<Echo> echo = read_echo(first_choice(answer));
  Likeliest likeliest;
  if (!echo || echo->likeliest == nullptr) return likeliest;
  const json& at = (*echo->likeliest)[boundary(*echo, prompt_end(*echo, answer, prompt), prompt, continuation)];
  if (!at.is_object()) return likeliest;
  for (const auto& [token, logprob] : at.items()) {
    if (logprob.is_number()) likeliest.emplace_back(token, logprob.get<double>());
  }
  std::sort(likeliest.begin(), likeliest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return likeliest;
}

}  // namespace

bool are_of_their_tokens(std::span<const json> answers, const LogLikelihoodRequest& request) {
  // Nats by which a server's own arithmetic may differ from one batch to the next; and from the likeliest token to
  // another that takes its place because of that.
  constexpr double kNoise = 0.3;
  constexpr double kTie = 0.05;
  Likeliest first;
  for (size_t part = 0; part < answers.size(); ++part) {
    const Likeliest now = likeliest_first(answers[part], request, part);
    if (now.empty()) return true;
    if (part == 0) {
      first = now;
      continue;
    }
    const auto& [token, logprob] = first.front();
    const auto same = std::find_if(now.begin(), now.end(), [&](const auto& other) { return other.first == token; });
    const bool is_there = same != now.end();
    if (std::abs((is_there ? same->second : now.front().second) - logprob) > (is_there ? kNoise : kTie)) return false;
  }
  return true;
}

ScoredContinuation read_continuation(const json& answer, const LogLikelihoodRequest& request, size_t part) {
  const std::string& written = request.continuations.at(part);
  const std::string prompt = request.context + written;
  const size_t kept = request.generated ? request.context.size() : python_rstrip(request.context).size();
  const std::string continuation = prompt.substr(kept);

  const json& choice = first_choice(answer);
  if (!echoed_text(choice).starts_with(prompt)) {
    fail_input("the echoed text is not the prompt that was sent (\"{}\")", printable(echoed_text(choice)));
  }
  const std::optional<Echo> echo = read_echo(choice);
  if (!echo) fail_input("the answer has no log-probabilities of the prompt, though the server gave some before");
  const size_t end = prompt_end(*echo, answer, prompt);
  const size_t first = boundary(*echo, end, prompt, continuation);
  ScoredContinuation scored;
  for (size_t i = first; i < end; ++i) add_token(*echo, i, scored);
  scored.context_tokens = static_cast<int>(first) - (has_bos(*echo, prompt) && first > 0 ? 1 : 0);
  return scored;
}

bool has_prompt_logprobs(const json& answer, const std::string& prompt) {
  const json& choice = first_choice(answer);
  const std::optional<Echo> echo = read_echo(choice);
  if (!echo || !echoed_text(choice).starts_with(prompt)) return false;
  // The first token may have none.
  const size_t end = prompt_end(*echo, answer, prompt);
  return end >= 2 && (*echo->logprobs)[end - 1].is_number();
}

}  // namespace assay::engine
