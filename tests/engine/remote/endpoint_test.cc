// A whole plan against a server that answers rightly, late, wrongly or not at all.
#include "engine/remote/endpoint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "base/error.h"
#include "base/hash.h"
#include "engine/remote/calls.h"
#include "tests/engine/remote/model_server.h"

namespace assay::engine {
namespace {

using testing::Fault;
using testing::ModelCall;
using testing::ModelServer;
using testing::ModelServerOptions;

constexpr const char* kKey = "sk-test-4711-secret";

// Every second one a likelihood with two continuations.
std::vector<Request> plan_of(size_t requests) {
  std::vector<Request> plan;
  for (size_t i = 0; i < requests; ++i) {
    const std::string prompt = fmt::format("Question {}: what is {}?\nAnswer:", i, i * 7);
    if (i % 2 == 0) {
      plan.push_back(LogLikelihoodRequest{prompt, {" yes", " no thanks"}});
    } else {
      plan.push_back(GenerateRequest{prompt, {"\nQ:"}, false, 16, {}});
    }
  }
  return plan;
}

EndpointOptions options_for(const std::string& url, int concurrency = 16) {
  EndpointOptions options;
  options.address = parse_endpoint(url);
  options.key = Secret(kKey, "ASSAY_API_KEY");
  options.concurrency = concurrency;
  options.request_timeout = 60;
  options.back_off = 0.02;
  return options;
}

struct Ran {
  EndpointEnd end = EndpointEnd::kDone;
  std::map<size_t, Response> responses;
  std::string error;
  ExitCode code = ExitCode::kDone;
};

Ran run(Endpoint& endpoint, const std::vector<Request>& plan, size_t stop_after = 0) {
  Ran ran;
  std::atomic<bool> stop{false};
  RunCallbacks callbacks;
  callbacks.stop = &stop;
  callbacks.on_responses = [&](std::vector<Response> responses) {
    for (Response& response : responses) {
      const size_t request = response.request;
      EXPECT_TRUE(ran.responses.emplace(request, std::move(response)).second) << request << " was answered twice";
    }
    if (stop_after > 0 && ran.responses.size() >= stop_after) stop = true;
  };
  try {
    ran.end = endpoint.run(plan, callbacks);
  } catch (const Error& error) {
    ran.error = error.what();
    ran.code = error.code();
  }
  return ran;
}

std::string text_of(const Response& response) {
  if (const auto* text = std::get_if<GenerateResponse>(&response.body)) return text->text;
  std::string text;
  for (const double logprob : std::get<LogLikelihoodResponse>(response.body).logprobs)
    text += fmt::format("{} ", logprob);
  return text;
}

TEST(Endpoint, AnswersAreThoseOfTheServer) {
  const ModelServer server;
  Endpoint endpoint(options_for(server.url()));
  const std::vector<Request> plan = plan_of(40);
  EXPECT_EQ(endpoint.probe(plan, {}).no_logprobs, "");
  EXPECT_EQ(endpoint.facts().answered_as, "tiny");
  EXPECT_EQ(endpoint.facts().system_fingerprint, "fp_1");
  const Ran ran = run(endpoint, plan);
  ASSERT_EQ(ran.error, "");
  ASSERT_EQ(ran.responses.size(), plan.size());
  for (const auto& [i, response] : ran.responses) {
    if (const auto* request = std::get_if<GenerateRequest>(&plan[i])) {
      const std::string text = testing::made_text(request->prompt);
      EXPECT_EQ(text_of(response), text.substr(0, text.find("\nQ:")));
      EXPECT_EQ(std::get<GenerateResponse>(response.body).finish, FinishReason::kStop);
    } else {
      const auto& likelihood = std::get<LogLikelihoodResponse>(response.body);
      EXPECT_NE(likelihood.logprobs.at(0), likelihood.logprobs.at(1));
      EXPECT_EQ(likelihood.greedy.size(), 2u);
      EXPECT_EQ(response.prompt_tokens, 6);
    }
  }
  EXPECT_EQ(endpoint.ledger().requests(), 4 + 20 * 2 + 20);
}

TEST(Endpoint, SixtyFourAreInFlightAndNoMore) {
  ModelServerOptions held;
  held.hold = 64;
  const ModelServer server(held);
  Endpoint endpoint(options_for(server.url(), 64));
  const std::vector<Request> plan = plan_of(1334);  // 2,001 calls
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(endpoint, plan);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(ran.responses.size(), plan.size()) << ran.error;
  EXPECT_EQ(server.most_at_once(), 64u);
  EXPECT_EQ(server.calls(), 2001u);
  std::cout << fmt::format("{} calls, 64 in flight, {:.0f} a second\n", server.calls(),
                           static_cast<double>(server.calls()) / seconds);
}

TEST(Endpoint, WhatPassesIsTriedAgainAndChangesNothing) {
  const Fault passing[] = {Fault::kTooMany, Fault::kTooManyWait, Fault::kServerError,
                           Fault::kReset,   Fault::kStall,       Fault::kHalfJson,
                           Fault::kCutOff,  Fault::kHtml,        Fault::kRedirectHere};
  const ModelServer right;
  const std::vector<Request> plan = plan_of(100);
  Endpoint undisturbed(options_for(right.url(), 3));
  const Ran expected = run(undisturbed, plan);
  std::atomic<size_t> next{0};
  // The first two tries of every fifth call.
  const ModelServer server({}, [&](const ModelCall& call) {
    const bool chosen = call.nth < 2 && std::stoull(sha256_hex(call.body.dump()).substr(0, 8), nullptr, 16) % 5 == 0;
    return chosen ? passing[next++ % std::size(passing)] : Fault::kNone;
  });
  EndpointOptions options = options_for(server.url(), 32);
  options.request_timeout = 0.5;
  Endpoint endpoint(options);
  const Ran ran = run(endpoint, plan);
  ASSERT_EQ(ran.error, "");
  ASSERT_EQ(ran.responses.size(), plan.size());
  for (const auto& [i, response] : ran.responses) EXPECT_EQ(text_of(response), text_of(expected.responses.at(i)));
  int made = 0;
  for (const auto& [fault, count] : server.faults()) made += count;
  EXPECT_EQ(server.faults().size(), std::size(passing));
  // A redirect is followed, and not a failure. A connection that was kept open and is reset before anything came is
  // tried again by libcurl itself.
  const auto failures = static_cast<size_t>(made - server.faults().at(Fault::kRedirectHere));
  EXPECT_GE(endpoint.status().tries_again, failures - static_cast<size_t>(server.faults().at(Fault::kReset)));
  std::cout << made << " faults of " << server.faults().size() << " kinds\n";
}

TEST(Endpoint, WhatDoesNotPassEndsTheRunAndSaysSo) {
  struct Case {
    Fault fault;
    ExitCode code;
    const char* says;
  };
  const Case cases[] = {
      {Fault::kEmptyChoice, ExitCode::kBadInput, "no choice"},
      {Fault::kNoText, ExitCode::kBadInput, "choice is empty"},
      {Fault::kOtherModel, ExitCode::kBadInput, "answers as the model another and did so as tiny before"},
      {Fault::kOtherTokens, ExitCode::kBadInput, "of other tokens"},
      {Fault::kRedirectAway, ExitCode::kUnavailable, "redirects (307) to http://127.0.0.2"},
      {Fault::kWrongKey, ExitCode::kUnavailable,
       "401 \"not with Bearer [key]\"; check the key, which comes from ASSAY"},
      {Fault::kRefused, ExitCode::kUnavailable, "400 \"not with Bearer [key]\""},
      {Fault::kServerError, ExitCode::kUnavailable, "failed 10 times in a row"},
      {Fault::kHtml, ExitCode::kUnavailable, "an HTML page"},
  };
  for (const Case& c : cases) {
    std::vector<Request> plan = plan_of(60);
    if (c.fault == Fault::kNoText) std::erase_if(plan, [](const Request& r) { return r.index() == 0; });
    if (c.fault == Fault::kOtherTokens) std::erase_if(plan, [](const Request& r) { return r.index() != 0; });
    const ModelServer server({}, [&](const ModelCall& call) {
      const std::string prompt = call.body.at("prompt");
      return prompt.starts_with("Question 30:") || prompt.starts_with("Question 31:") ? c.fault : Fault::kNone;
    });
    EndpointOptions options = options_for(server.url(), 4);
    options.back_off = 0.001;
    Endpoint endpoint(options);
    const Ran ran = run(endpoint, plan);
    EXPECT_NE(ran.error.find(c.says), std::string::npos) << ran.error;
    EXPECT_EQ(ran.code, c.code) << ran.error;
    EXPECT_EQ(ran.error.find(kKey), std::string::npos) << ran.error;
    EXPECT_GE(ran.responses.size(), 10u) << "what was answered before stays";
    EXPECT_EQ(server.calls(), static_cast<size_t>(endpoint.ledger().requests()));
  }
}

TEST(Endpoint, TheKeyGoesToNoOtherHost) {
  std::atomic<int> with_key{0};
  const ModelServer elsewhere({}, [&](const ModelCall& call) {
    with_key += call.authorization.empty() ? 0 : 1;
    return Fault::kNone;
  });
  EndpointOptions options = options_for(elsewhere.url());
  Endpoint endpoint(options);
  EXPECT_EQ(run(endpoint, plan_of(2)).error, "");
  EXPECT_EQ(with_key, 3);
  options.address = parse_endpoint("http://node12:8000/v1#m");
  try {
    Endpoint refused(options);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("unencrypted"), std::string::npos) << error.what();
  }
  options.key = {};
  const Endpoint allowed(options);
}

TEST(Endpoint, AStopOrABudgetEndsItResumably) {
  const ModelServer server({.milliseconds = 2});
  const std::vector<Request> plan = plan_of(200);
  Endpoint endpoint(options_for(server.url(), 8));
  const Ran stopped = run(endpoint, plan, 50);
  EXPECT_EQ(stopped.end, EndpointEnd::kStopped);
  EXPECT_GE(stopped.responses.size(), 50u);
  EXPECT_LT(stopped.responses.size(), 100u);

  struct Case {
    BudgetLimits limits;
    const char* limit;
  };
  const Case cases[] = {
      {{.requests = 37}, "--max-requests 37"},
      {{.tokens = 3000}, "--max-cost-tokens 3000"},
      {{.money = 0.01, .price_in = 2, .price_out = 8}, "--max-money 0.01"},
  };
  for (const Case& c : cases) {
    const ModelServer counted;
    EndpointOptions options = options_for(counted.url(), 8);
    options.budget = c.limits;
    Endpoint limited(options);
    const Ran ran = run(limited, plan);
    EXPECT_EQ(ran.end, EndpointEnd::kBudgetSpent) << ran.error;
    EXPECT_EQ(limited.ledger().spent_limit(), c.limit);
    EXPECT_GT(ran.responses.size(), 5u);
    EXPECT_LT(ran.responses.size(), plan.size());
    const Cost spent = limited.ledger().spent();
    EXPECT_TRUE(c.limits.requests == 0 || counted.calls() == 37);
    EXPECT_TRUE(c.limits.tokens == 0 || spent.prompt_tokens + spent.generated_tokens <= c.limits.tokens);
    EXPECT_TRUE(c.limits.money == 0 || limited.ledger().money() <= c.limits.money);
    std::cout << c.limit << ": " << limited.ledger().text() << "\n";
  }
}

TEST(Endpoint, TheProbeSaysWhatAServerLacks) {
  const std::vector<Request> plan = plan_of(2);
  {
    const ModelServer chat({.prompt_logprobs = false});
    Endpoint endpoint(options_for(chat.url()));
    EXPECT_NE(endpoint.probe(plan, {}).no_logprobs.find("has none"), std::string::npos);
  }
  {
    const ModelServer shifted({.shifted = true});
    Endpoint endpoint(options_for(shifted.url()));
    EXPECT_NE(endpoint.probe(plan, {}).no_logprobs.find("each of the position after it"), std::string::npos);
  }
  {
    const ModelServer refuses(
        {}, [](const ModelCall& call) { return call.body.contains("echo") ? Fault::kRefused : Fault::kNone; });
    Endpoint endpoint(options_for(refuses.url()));
    EXPECT_NE(endpoint.probe(plan, {}).no_logprobs.find("it answered 400"), std::string::npos);
  }
  {
    const ModelServer dated({.answers_as = "tiny-2024-08-06"});
    Endpoint endpoint(options_for(dated.url()));
    EXPECT_EQ(endpoint.probe(plan, {}).no_logprobs, "");
    EXPECT_EQ(endpoint.facts().answered_as, "tiny-2024-08-06");
  }
  for (const char* name : {"tiny-large", "tin", "tinyb", "tiny-7b", "other"}) {
    const ModelServer other({.answers_as = name});
    Endpoint endpoint(options_for(other.url()));
    EXPECT_THROW(endpoint.probe(plan, {}), Error) << name;
  }
  EndpointOptions nobody = options_for("http://127.0.0.1:9/v1#m");
  nobody.back_off = 0.001;
  Endpoint endpoint(nobody);
  try {
    endpoint.probe(plan, {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUnavailable);
    EXPECT_NE(std::string(error.what()).find("check that the server is up"), std::string::npos) << error.what();
  }
}

// A server that takes a begun answer for a whole one would be scored on what nobody asked.
TEST(Endpoint, TheProbeSaysWhetherBegunAnswersAreContinued) {
  GenerateRequest begun{"x", {}, false, 5, {}};
  begun.turns = {{"user", "Which letter?"}, {"assistant", "The best answer is"}};
  GenerateRequest whole = begun;
  whole.turns.pop_back();
  struct Case {
    ModelServerOptions server;
    Request request;
    bool lacks;
    int64_t requests;
  };
  ModelServerOptions anew;
  anew.continues = false;
  ModelServerOptions untold = anew;
  untold.usage = false;
  const Case cases[] = {
      {{}, begun, false, 3}, {anew, begun, true, 3}, {anew, whole, false, 1}, {untold, begun, false, 3}};
  for (const Case& c : cases) {
    const ModelServer server(c.server);
    Endpoint endpoint(options_for(server.url()));
    EXPECT_EQ(!endpoint.probe(std::vector{c.request}, {}).no_continuing.empty(), c.lacks);
    EXPECT_EQ(endpoint.ledger().requests(), c.requests);
  }
}

TEST(Endpoint, DialoguesGoToChatCompletions) {
  std::atomic<int> chats{0};
  const ModelServer server({}, [&](const ModelCall& call) {
    chats += call.path == "/v1/chat/completions" ? 1 : 0;
    return Fault::kNone;
  });
  Endpoint endpoint(options_for(server.url()));
  GenerateRequest request{"", {}, false, 8, {}};
  request.turns = {{"user", "hello"}};
  const std::vector<Request> plan = {request};
  EXPECT_EQ(endpoint.probe(plan, {}).no_logprobs, "");
  const Ran ran = run(endpoint, plan);
  ASSERT_EQ(ran.responses.size(), 1u) << ran.error;
  EXPECT_EQ(text_of(ran.responses.at(0)), testing::made_text("user:hello\n"));
  EXPECT_EQ(chats, 2);
}

}  // namespace
}  // namespace assay::engine
