// From requests to sequences, with a real tokenizer that puts a BOS in front (1, <|start_story|>).
#include "engine/encode_requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "engine/load_tokenizer.h"
#include "tests/engine/engine/requests.h"
#include "tests/support/golden.h"

namespace assay::engine {
namespace {

constexpr TokenId kBos = 1;
constexpr TokenId kEnd = 2;
constexpr int kContext = 32;

std::vector<TokenId> operator+(std::vector<TokenId> a, const std::vector<TokenId>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class EncodeRequests : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
    tokenizer_ = Tokenizer::from_file(model / "tokenizer.json");
  }
  std::vector<TokenId> ids(std::string_view text) const { return tokenizer_->encode(text); }
  EncodedRequest encode(const Request& request, const TextStart& start = {true, kBos, kEnd}) const {
    return RequestEncoder(*tokenizer_, start, kContext).encode(0, request);
  }
  // (position, token) of every want of a sequence.
  static std::vector<std::pair<int, TokenId>> wants(const ScoredSequence& sequence) {
    std::vector<std::pair<int, TokenId>> pairs;
    for (const auto& want : sequence.wants) pairs.emplace_back(want.position, want.token);
    return pairs;
  }

  std::optional<Tokenizer> tokenizer_;
};

const TextStart kNoBos{false, kBos, kEnd};
const TextStart kOnlyEnd{false, {}, kEnd};

TEST_F(EncodeRequests, ContinuationsWithTheSameInputsAreOneSequence) {
  ASSAY_REQUIRE_SHARED(smollm2, "models/tokenizers/smollm2");
  tokenizer_ = Tokenizer::from_file(smollm2 / "tokenizer.json");
  const EncodedRequest encoded = encode(LogLikelihoodRequest{"Tom saw", {" a", " the", " big dog", " a"}});
  const auto context = ids("Tom saw");
  const auto longer = ids("Tom saw big dog");
  ASSERT_EQ(longer.size(), context.size() + 2);
  ASSERT_EQ(encoded.scored.size(), 2u);
  EXPECT_EQ(encoded.scored[0].inputs, std::vector<TokenId>{kBos} + context);
  const int last = static_cast<int>(context.size());
  const TokenId a = ids("Tom saw a").back();
  const TokenId the = ids("Tom saw the").back();
  EXPECT_EQ(wants(encoded.scored[0]), (std::vector<std::pair<int, TokenId>>{{last, a}, {last, the}, {last, a}}));
  EXPECT_EQ(encoded.want_parts[0], (std::vector<uint32_t>{0, 1, 3}));
  EXPECT_EQ(wants(encoded.scored[1]),
            (std::vector<std::pair<int, TokenId>>{{last, longer[context.size()]}, {last + 1, longer.back()}}));
  EXPECT_EQ(encoded.want_parts[1], (std::vector<uint32_t>{2, 2}));
  EXPECT_EQ(encoded.parts, 4u);
  EXPECT_EQ(encoded.prompt_tokens, static_cast<int>(context.size()));
  EXPECT_FALSE(encoded.truncated);
}

// PROTOCOLS.md §1.1: white space at the end of the context, Unicode's too, belongs to the continuation.
TEST_F(EncodeRequests, MovesTrailingWhiteSpaceToTheContinuation) {
  int cases = 0;
  for (const std::string space : {" ", "\n", " \n\t ", "\u00a0", "\u0085", "\u2003 "}) {
    const EncodedRequest moved = encode(LogLikelihoodRequest{"Tom saw" + space, {"dog"}});
    const EncodedRequest written = encode(LogLikelihoodRequest{"Tom saw", {space + "dog"}});
    ASSERT_EQ(moved.scored.size(), 1u);
    EXPECT_EQ(moved.scored[0].inputs, written.scored[0].inputs);
    EXPECT_EQ(wants(moved.scored[0]), wants(written.scored[0]));
    EXPECT_EQ(moved.prompt_tokens, static_cast<int>(ids("Tom saw").size()));
    ++cases;
  }
  EXPECT_EQ(cases, 6);
}

// What was generated begins where its prompt ends: the prompt's tokens stay what they were.
TEST_F(EncodeRequests, AGeneratedContinuationLeavesTheContextItsTokens) {
  int cases = 0;
  for (const std::string context : {"Tom saw", "Tom saw ", "Tom saw\n", "Tom sa", "Once upon a time, Li"}) {
    for (const std::string text : {" a dog", "w it", "ly", "\nTom"}) {
      LogLikelihoodRequest request{context, {text}};
      request.generated = true;
      const EncodedRequest encoded = encode(request);
      const EncodedRequest prompt = encode(GenerateRequest{context, {}, false, 4, {}});
      const std::vector<TokenId>& begin = prompt.generated->prompt;
      const ScoredSequence& sequence = encoded.scored.at(0);
      ASSERT_GE(sequence.inputs.size(), begin.size());
      EXPECT_TRUE(std::equal(begin.begin(), begin.end(), sequence.inputs.begin())) << context << "|" << text;
      EXPECT_EQ(sequence.wants.front().position, static_cast<int>(begin.size()) - 1) << context << "|" << text;
      EXPECT_EQ(encoded.prompt_tokens, prompt.prompt_tokens);
      ++cases;
    }
  }
  std::cout << cases << " prompts with a text behind them\n";
}

TEST_F(EncodeRequests, AnEmptyContextIsTheFirstToken) {
  const auto text = ids("Tom saw");
  const std::vector<std::pair<TextStart, TokenId>> starts{{{true, kBos, kEnd}, kBos}, {kNoBos, kBos}, {kOnlyEnd, kEnd}};
  for (const auto& [start, first] : starts) {
    for (const std::string context : {"", " "}) {
      const EncodedRequest encoded = encode(LogLikelihoodRequest{context, {"Tom saw"}}, start);
      const auto whole = std::vector<TokenId>{first} + ids(context + "Tom saw");
      EXPECT_EQ(encoded.scored.at(0).inputs, std::vector<TokenId>(whole.begin(), whole.end() - 1));
      EXPECT_EQ(encoded.scored.at(0).wants.size(), whole.size() - 1);
      EXPECT_EQ(encoded.prompt_tokens, 0);
    }
  }
  EXPECT_THROW(encode(LogLikelihoodRequest{"", {"Tom"}}, TextStart{}), Error);
  EXPECT_THROW(encode(GenerateRequest{"", {}, false, 4, {}}, TextStart{}), Error);
}

TEST_F(EncodeRequests, ExactlyOneBos) {
  const auto text = ids("Tom saw");
  const auto prompt = [&](const std::string& written, const TextStart& start) {
    return encode(GenerateRequest{written, {}, false, 4, {}}, start);
  };
  EXPECT_EQ(prompt("Tom saw", {true, kBos, kEnd}).generated->prompt, std::vector<TokenId>{kBos} + text);
  EXPECT_EQ(prompt("Tom saw", kNoBos).generated->prompt, text);
  const EncodedRequest written = prompt("<|start_story|>Tom saw", {true, kBos, kEnd});
  // Here the tokenizer puts no space in front of "Tom", as it does where a text begins.
  const auto markup = tokenizer_->encode_markup("<|start_story|>Tom saw");
  ASSERT_EQ(std::ranges::count(markup, kBos), 1);
  EXPECT_EQ(written.generated->prompt, markup);
  EXPECT_EQ(written.prompt_tokens, static_cast<int>(markup.size()));  // it is part of the text
  // Anywhere else, and without the policy, it is ordinary text.
  for (const std::string text_with_name : {"Tom<|start_story|>", "<|start_story|>Tom"}) {
    const EncodedRequest plain = prompt(text_with_name, kNoBos);
    EXPECT_EQ(std::ranges::count(plain.generated->prompt, kBos), 0);
  }
}

// A BOS that the text wrote does not make other special tokens of the text more than ordinary text.
TEST_F(EncodeRequests, OtherSpecialTokensStayText) {
  ASSAY_REQUIRE_SHARED(llama3, "models/llama3-tokenizer");
  const Tokenizer tokenizer = Tokenizer::from_file(llama3 / "tokenizer.model");
  const RequestEncoder encoder(tokenizer, {true, tokenizer.bos(), {}}, kContext);
  const std::vector<TokenId> begin{128000};
  for (const std::string text : {"Tom saw", "Tom<|eot_id|>", "<|begin_of_text|>"}) {
    for (const std::string written : {"", "<|begin_of_text|>"}) {
      const EncodedRequest encoded = encoder.encode(0, GenerateRequest{written + text, {}, false, 4, {}});
      const bool twice = written.empty() && text.starts_with("<|begin_of_text|>");
      EXPECT_EQ(encoded.generated->prompt, begin + (twice ? std::vector<TokenId>{} : tokenizer.encode(text))) << text;
    }
  }
}

TEST_F(EncodeRequests, CutsTheLeftEnd) {
  std::string text;
  while (ids(text).size() < 2 * kContext) text += " Tom saw";
  const auto whole = std::vector<TokenId>{kBos} + ids(text + " dog");
  const EncodedRequest likelihood = encode(LogLikelihoodRequest{text, {" dog"}});
  EXPECT_TRUE(likelihood.truncated);
  EXPECT_EQ(likelihood.scored.at(0).inputs, std::vector<TokenId>(whole.end() - 1 - kContext, whole.end() - 1));
  EXPECT_EQ(wants(likelihood.scored[0]), (std::vector<std::pair<int, TokenId>>{{kContext - 1, whole.back()}}));
  EXPECT_EQ(likelihood.prompt_tokens, static_cast<int>(ids(text).size()));

  const EncodedRequest generation = encode(GenerateRequest{text, {}, false, 10, {}});
  EXPECT_TRUE(generation.truncated);
  const auto prompt = std::vector<TokenId>{kBos} + ids(text);
  EXPECT_EQ(generation.generated->prompt, std::vector<TokenId>(prompt.end() - (kContext - 10), prompt.end()));

  // A continuation that fills the context leaves one token in front of it; one token more is refused.
  std::string continuation;
  while (ids("Tom" + continuation).size() < ids("Tom").size() + kContext) continuation += " dog";
  const EncodedRequest full = encode(LogLikelihoodRequest{"Tom", {continuation}});
  EXPECT_EQ(full.scored.at(0).wants.front().position, 0);
  EXPECT_EQ(full.scored.at(0).wants.size(), static_cast<size_t>(kContext));
  EXPECT_THROW(encode(LogLikelihoodRequest{"Tom", {continuation + " dog"}}), Error);
}

// lm-evaluation-harness 0.4.13, lm_eval/utils.py, get_rolling_token_windows and make_disjoint_window (context_len 1),
// restated: a window scores the next `step` tokens behind the last `context` inputs.
TEST_F(EncodeRequests, WindowsScoreEveryTokenOnce) {
  int windows = 0;
  for (const TextStart& start : {TextStart{true, kBos, kEnd}, kOnlyEnd, TextStart{}}) {
    for (const int words : {0, 1, 5, 16, 17, 33, 64, 200}) {
      std::string text;
      for (int i = 0; i < words; ++i) text += i % 3 == 0 ? " Tom" : " dog";
      for (const int stride : {0, 1, 7, 32}) {
        auto whole = ids(text);
        if (start.bos || start.end) whole.insert(whole.begin(), start.bos ? kBos : kEnd);
        const EncodedRequest encoded = encode(TextRequest{text, stride}, start);
        size_t scored = 1;
        for (size_t w = 0; w < encoded.scored.size(); ++w) {
          const ScoredSequence& window = encoded.scored[w];
          const size_t news = window.wants.size();
          const size_t step = w == 0 || stride == 0 ? kContext : static_cast<size_t>(stride);
          ASSERT_EQ(news, std::min(step, whole.size() - scored));
          const size_t end = scored + news;
          const size_t begin = end - 1 < kContext ? 0 : end - 1 - kContext;
          const auto at = [&](size_t i) { return whole.begin() + static_cast<ptrdiff_t>(i); };
          ASSERT_EQ(window.inputs, std::vector<TokenId>(at(begin), at(end - 1)));
          for (size_t i = 0; i < news; ++i) {
            ASSERT_EQ(window.wants[i].token, whole[scored + i]);
            ASSERT_EQ(window.wants[i].position, static_cast<int>(scored + i - 1 - begin));
            ASSERT_EQ(encoded.want_parts[w][i], w);
          }
          scored = end;
          ++windows;
        }
        EXPECT_EQ(scored, std::max<size_t>(1, whole.size()));
        EXPECT_EQ(encoded.parts, encoded.scored.size());
      }
    }
  }
  EXPECT_GT(windows, 500);
  std::cout << windows << " windows\n";
}

// PROTOCOLS.md §1.2: exactly one BOS, the template's or the tokenizer's; its name in a message is none.
TEST_F(EncodeRequests, PiecesHaveOneBos) {
  const std::string bos = tokenizer_->token_text(kBos);
  const auto pieces_of = [](std::vector<PromptPiece> pieces) {
    GenerateRequest request;
    request.max_tokens = 4;
    request.pieces = std::move(pieces);
    return request;
  };
  const std::vector<TokenId> text = ids("Tom saw");
  const auto size = static_cast<int>(text.size());
  const auto written = tokenizer_->encode_pieces(std::vector<PromptPiece>{{bos, true}, {"Tom saw", false}});
  ASSERT_EQ(written.front(), kBos);

  const EncodedRequest by_template = encode(pieces_of({{bos, true}, {"Tom saw", false}}));
  EXPECT_EQ(by_template.generated->prompt, written);
  EXPECT_EQ(by_template.prompt_tokens, static_cast<int>(written.size()));  // a BOS that a template writes is text
  const EncodedRequest by_tokenizer = encode(pieces_of({{"Tom saw", false}}));
  EXPECT_EQ(by_tokenizer.generated->prompt, std::vector<TokenId>{kBos} + text);
  EXPECT_EQ(by_tokenizer.prompt_tokens, size);
  EXPECT_EQ(encode(pieces_of({{"Tom saw", false}}), kNoBos).generated->prompt, text);
  const std::vector<TokenId> named = encode(pieces_of({{bos + "Tom", false}})).generated->prompt;
  EXPECT_EQ(named, std::vector<TokenId>{kBos} + ids(bos + "Tom"));
  EXPECT_EQ(std::count(named.begin(), named.end(), kBos), 1);
}

// PROTOCOLS.md §1.2: the first answer wins.
TEST(DecideBos, FirstAnswerWins) {
  ASSAY_REQUIRE_SHARED(model, testing::kTinyStories);
  ASSAY_REQUIRE_SHARED(llama3, "models/llama3-tokenizer");
  ASSAY_REQUIRE_SHARED(smollm2, "models/tokenizers/smollm2");
  const auto loaded = [](const std::filesystem::path& file, std::optional<bool> wants) {
    LoadedTokenizer tokenizer{Tokenizer::from_file(file), file.string(), "", wants, {}};
    tokenizer.bos = tokenizer.tokenizer.bos();
    return tokenizer;
  };
  const auto story = model / "tokenizer.json";
  const auto begin = llama3 / "tokenizer.model";
  struct Case {
    std::filesystem::path file;
    std::optional<bool> wants;
    const char* option;
    bool expected;
  };
  const Case cases[] = {
      {story, true, "auto", true},   {story, false, "auto", false}, {story, {}, "auto", false},
      {story, true, "off", false},   {story, false, "on", true},    {begin, {}, "auto", true},
      {begin, false, "auto", false}, {begin, {}, "off", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(decide_bos(loaded(c.file, c.wants), c.option), c.expected) << c.file << " " << c.option;
  }
  EXPECT_THROW(decide_bos(loaded(story, {}), "perhaps"), Error);
}

// SmolLM2 puts nothing in front of a prompt, but tokenizer_config.json names the token that begins a text: it is what
// an empty context is scored after, as lm-eval does.
TEST(LoadTokenizer, TheBosOfTokenizerConfigBeginsAnEmptyContext) {
  ASSAY_REQUIRE_SHARED(model, "models/SmolLM2-135M-Instruct");
  const LoadedTokenizer loaded = load_tokenizer(Checkpoint::open(model.string()), "");
  ASSERT_TRUE(loaded.bos.has_value());
  EXPECT_EQ(loaded.tokenizer.token_text(*loaded.bos), "<|im_start|>");
  EXPECT_FALSE(decide_bos(loaded, "auto"));
}

}  // namespace
}  // namespace assay::engine
