// What the engine is asked and what it answers: plain values, one of the two narrow doors between the rooms
// (docs/architecture.md). Nothing here knows benchmarks, tokenizers or devices.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace assay::engine {

using TokenId = int32_t;

// Log-probability of each continuation after the same context (PROTOCOLS.md §1.1).
struct LogLikelihoodRequest {
  std::string context;                     // UTF-8, without BOS
  std::vector<std::string> continuations;  // each with its leading space; at least one, none empty
  // The continuations are texts that were generated behind the context: its white space stays with it, and where the
  // two together have other tokens than the context has alone, each is tokenised alone.
  bool generated = false;
};

// Log-probability of a whole text, for perplexity. The text is cut into windows of the model's context length; each
// window but the first keeps `context length - stride` tokens of the one before as context and scores `stride` new
// ones; the last one scores those that are left and keeps more (lm-evaluation-harness's loglikelihood_rolling, where
// the stride is the context length). The first token is scored where there is a BOS, or else an end token, to stand
// before it.
struct TextRequest {
  std::string text;
  int stride = 0;  // tokens; 0: the context length, that is windows that do not overlap
};

struct Sampling {
  double temperature = 0;  // 0: greedy, first index on ties
  double top_p = 1;
  uint64_t seed = 0;
  uint64_t sample_key = 0;  // hash of the sample's id: with `seed` and `repeat` it names the random stream
  uint32_t repeat = 0;
};

// A stretch of a prompt. Special tokens are recognised in markup, which a chat template wrote, and never in a literal,
// which came from data.
struct PromptPiece {
  std::string text;
  bool markup = false;
};

// One message of a dialogue.
struct Turn {
  std::string role;  // system | user | assistant
  std::string content;
};

struct GenerateRequest {
  std::string prompt;              // UTF-8, without BOS
  std::vector<std::string> stops;  // in list order; applied as PROTOCOLS.md §1.3 says
  bool stop_at_end_text = false;   // also stop at the written form of the model's end token (lm-eval)
  int max_tokens = 256;
  Sampling sampling;
  std::vector<PromptPiece> pieces = {};  // of a dialogue: the prompt once more, its BOS included; else empty
  // Of a dialogue: its messages, for an endpoint that renders them itself. A last one of the assistant is begun, and is
  // to be continued.
  std::vector<Turn> turns = {};
};

using Request = std::variant<LogLikelihoodRequest, TextRequest, GenerateRequest>;

struct LogLikelihoodResponse {
  std::vector<double> logprobs;  // natural logarithm, summed over the scored tokens; one a continuation
  std::vector<bool> greedy;      // every scored token was the argmax; one a continuation
  // How far a scored token's log-probability lies below the likeliest token's, at the worst of them; one a
  // continuation. Not stored; empty where it is not known.
  std::vector<double> behind = {};
};

struct TextResponse {
  double logprob = 0;  // natural logarithm, summed over the scored tokens
  int64_t tokens = 0;  // scored tokens
};

enum class FinishReason { kStop, kLength, kEndToken };

struct GenerateResponse {
  std::string text;                // cut before the stop; valid UTF-8 (bytes that are not become U+FFFD)
  std::vector<TokenId> token_ids;  // as generated, up to and with the token that ended it
  FinishReason finish = FinishReason::kLength;
};

// Never changed after it is stored.
struct Response {
  size_t request = 0;      // index into the plan
  int prompt_tokens = 0;   // of context or prompt, without a BOS that the tokenizer adds
  bool truncated = false;  // the left end was cut to fit the context length
  std::variant<LogLikelihoodResponse, TextResponse, GenerateResponse> body;
};

}  // namespace assay::engine
