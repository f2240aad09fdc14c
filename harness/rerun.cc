#include "harness/rerun.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "harness/rerun_texts.h"
#include "store/export.h"

namespace assay::harness {
namespace {

// One answer against the recorded one.
class Comparison {
 public:
  Comparison(size_t rerun, const Rerun& sample, std::optional<double> tolerance, RerunResult& result)
      : rerun_(rerun), sample_(sample), tolerance_(tolerance), result_(result) {}

  void compare(const engine::Response& now) {
    const engine::Response& recorded = sample_.recorded;
    if (recorded.prompt_tokens >= 0) {
      lengths("prompt_tokens", recorded.prompt_tokens, now.prompt_tokens);
      if (recorded.truncated != now.truncated) {
        add("truncated", recorded.truncated ? "true" : "false", now.truncated ? "true" : "false");
        ++result_.lengths_differ;
      }
    }
    if (recorded.body.index() != now.body.index()) {
      fail_input("{}: the recorded answer is of another kind than the request", sample_.name);
    }
    std::visit([&](const auto& body) { bodies(body, std::get<std::decay_t<decltype(body)>>(now.body)); },
               recorded.body);
  }

 private:
  RerunDifference& add(std::string what, std::string recorded, std::string now) {
    result_.differences.push_back({rerun_, sample_.name, std::move(what), std::move(recorded), std::move(now)});
    return result_.differences.back();
  }

  void lengths(const char* what, int64_t recorded, int64_t now) {
    if (recorded == now) return;
    add(what, std::to_string(recorded), std::to_string(now));
    ++result_.lengths_differ;
  }

  // `units`: that the tolerance is meant for each of.
  void logprobs(const std::string& what, double recorded, double now, double units) {
    ++result_.logprobs;
    if (std::bit_cast<uint64_t>(recorded) == std::bit_cast<uint64_t>(now)) return;
    const double difference = std::abs(recorded - now);
    const bool failed = !tolerance_ || !(difference <= *tolerance_ * units);
    add(what, store::format_double(recorded), store::format_double(now)).failed = failed;
    ++result_.logprobs_differ;
    result_.logprobs_failed += failed ? 1 : 0;
    result_.largest = std::max(result_.largest, difference);
  }

  void bodies(const engine::LogLikelihoodResponse& recorded, const engine::LogLikelihoodResponse& now) {
    if (recorded.logprobs.size() != now.logprobs.size()) {
      fail_input("{}: {} log-probabilities are recorded for {} continuations", sample_.name, recorded.logprobs.size(),
                 now.logprobs.size());
    }
    for (size_t i = 0; i < now.logprobs.size(); ++i) {
      logprobs(fmt::format("logprobs[{}]", i), recorded.logprobs[i], now.logprobs[i], 1);
      if (i >= recorded.greedy.size() || recorded.greedy[i] == now.greedy[i]) continue;
      add(fmt::format("greedy[{}]", i), recorded.greedy[i] ? "true" : "false", now.greedy[i] ? "true" : "false")
          .failed = !tolerance_;
      ++result_.flags_differ;
    }
  }

  void bodies(const engine::TextResponse& recorded, const engine::TextResponse& now) {
    lengths("tokens", recorded.tokens, now.tokens);
    logprobs("logprob", recorded.logprob, now.logprob, static_cast<double>(std::max<int64_t>(1, now.tokens)));
  }

  void bodies(const engine::GenerateResponse& recorded, const engine::GenerateResponse& now) {
    ++result_.texts;
    if (recorded.text != now.text) return text("text", show(recorded.text), show(now.text));
    if (sample_.end_known && recorded.finish != now.finish) {
      return text("finish", to_string(recorded.finish), to_string(now.finish));
    }
    const auto [a, b] =
        std::mismatch(recorded.token_ids.begin(), recorded.token_ids.end(), now.token_ids.begin(), now.token_ids.end());
    if (!recorded.token_ids.empty() && (a != recorded.token_ids.end() || b != now.token_ids.end())) {
      const auto shown = [](auto at, auto end) { return at == end ? std::string("none") : std::to_string(*at); };
      return text(fmt::format("token {}", a - recorded.token_ids.begin()), shown(a, recorded.token_ids.end()),
                  shown(b, now.token_ids.end()));
    }
    const int64_t tokens = std::ssize(now.token_ids);
    if (sample_.tokens && *sample_.tokens != tokens) {
      text("tokens", std::to_string(*sample_.tokens), std::to_string(tokens));
    }
  }

  void text(std::string what, std::string recorded, std::string now) {
    RerunDifference& difference = add(std::move(what), std::move(recorded), std::move(now));
    difference.text = tolerance_ ? TextVerdict::kUndecided : TextVerdict::kFailed;
    difference.failed = !tolerance_;
    ++result_.texts_differ;
  }

  static std::string show(const std::string& text) { return fmt::format("\"{}\"", printable(text)); }
  static std::string to_string(engine::FinishReason finish) {
    switch (finish) {
      case engine::FinishReason::kStop:
        return "stop";
      case engine::FinishReason::kLength:
        return "length";
      case engine::FinishReason::kEndToken:
        return "eos";
    }
    return "";
  }

  size_t rerun_;
  const Rerun& sample_;
  std::optional<double> tolerance_;
  RerunResult& result_;
};

// Asks for some of the samples at once. A NaN where a number was recorded is what is looked for, not a mistake of the
// caller: it leaves them unanswered.
void ask(engine::Engine& engine, const std::vector<Rerun>& samples, const std::vector<size_t>& which,
         const std::atomic<bool>& stop, std::vector<std::optional<engine::Response>>& answers, RerunResult& result) {
  std::vector<engine::Request> requests;
  for (const size_t i : which) requests.push_back(samples[i].request);
  engine::RunCallbacks callbacks;
  callbacks.stop = &stop;
  callbacks.on_responses = [&](std::vector<engine::Response> responses) {
    for (engine::Response& response : responses) answers[which[response.request]] = std::move(response);
  };
  try {
    if (!engine.run(requests, callbacks)) result.interrupted = true;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kBadInput) throw;
    if (result.stopped.empty()) result.stopped = error.what();
  }
}

// What was recorded of a sample that this model has no number for.
void count_as_different(const Rerun& sample, RerunResult& result) {
  if (const auto* recorded = std::get_if<engine::LogLikelihoodResponse>(&sample.recorded.body)) {
    result.logprobs += recorded->logprobs.size();
    result.logprobs_differ += recorded->logprobs.size();
    result.logprobs_failed += recorded->logprobs.size();
  }
}

}  // namespace

std::vector<size_t> draw_samples(size_t n, size_t wanted, const std::string& key) {
  std::vector<std::pair<std::string, size_t>> lottery;
  lottery.reserve(n);
  for (size_t i = 0; i < n; ++i) lottery.emplace_back(sha256_hex(key + ":" + std::to_string(i)), i);
  const size_t count = std::min(n, wanted);
  std::partial_sort(lottery.begin(), lottery.begin() + static_cast<ptrdiff_t>(count), lottery.end());
  std::vector<size_t> drawn;
  for (size_t i = 0; i < count; ++i) drawn.push_back(lottery[i].second);
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

size_t RerunResult::texts_that(TextVerdict verdict) const {
  return static_cast<size_t>(std::count_if(differences.begin(), differences.end(),
                                           [&](const RerunDifference& each) { return each.text == verdict; }));
}

bool RerunResult::failed() const {
  return !unanswered.empty() ||
         std::any_of(differences.begin(), differences.end(), [](const RerunDifference& each) { return each.failed; });
}

void compare_answer(size_t rerun, const Rerun& sample, const engine::Response& now, std::optional<double> tolerance,
                    RerunResult& result) {
  Comparison(rerun, sample, tolerance, result).compare(now);
}

RerunResult rerun(engine::Engine& engine, const std::vector<Rerun>& samples, std::optional<double> tolerance,
                  const std::atomic<bool>& stop) {
  std::vector<std::optional<engine::Response>> answers(samples.size());
  RerunResult result;
  result.samples = samples.size();
  std::vector<size_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0);
  ask(engine, samples, all, stop, answers, result);
  // One NaN ends everything that was asked with it; which samples are NaN shows only when each is asked alone.
  for (size_t i = 0; i < samples.size() && !result.stopped.empty() && !result.interrupted; ++i) {
    if (!answers[i]) ask(engine, samples, {i}, stop, answers, result);
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    if (answers[i]) {
      compare_answer(i, samples[i], *answers[i], tolerance, result);
    } else {
      result.unanswered.push_back(i);
      if (!result.interrupted) count_as_different(samples[i], result);
    }
  }
  if (tolerance && !result.interrupted && result.stopped.empty()) {
    judge_texts(engine, samples, *tolerance, stop, result);
  }
  return result;
}

}  // namespace assay::harness
