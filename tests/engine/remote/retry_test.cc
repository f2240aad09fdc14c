#include "engine/remote/retry.h"

#include <gtest/gtest.h>

#include <iostream>

namespace assay::engine {
namespace {

using Kind = Verdict::Kind;
using Failure = HttpReply::Failure;

constexpr std::time_t kNow = 1795910400;  // Sun, 29 Nov 2026 00:00:00 GMT

HttpReply reply(long status, std::string body, std::string retry_after = "") {
  HttpReply made;
  made.failure = Failure::kNone;
  made.status = status;
  made.body = std::move(body);
  made.retry_after = std::move(retry_after);
  return made;
}

Verdict verdict(const HttpReply& made, const Secret& key = {}) {
  return judge(made, parse_endpoint("https://host/v1#tiny"), key, kNow);
}

TEST(Retry, WhatEachReplyMeans) {
  struct Case {
    long status;
    const char* body;
    Kind kind;
    const char* says;
  };
  const Case cases[] = {
      {200, R"({"choices":[]})", Kind::kAnswer, ""},
      {200, R"({"choices":[{"te)", Kind::kTryAgain, "not a whole JSON object"},
      {200, "", Kind::kTryAgain, "not a whole JSON object"},
      {200, "[1]", Kind::kTryAgain, "not a whole JSON object"},
      {200, "\n<html>", Kind::kTryAgain, "HTML page"},
      {301, "", Kind::kRedirect, "301"},
      {308, "", Kind::kRedirect, "308"},
      {400, R"({"error":{"message":"too long"}})", Kind::kGiveUp, "\"too long\"; check what the server accepts"},
      {401, R"({"error":"no"})", Kind::kGiveUp, "no key was given"},
      {402, "", Kind::kGiveUp, "credit"},
      {403, R"({"detail":"no"})", Kind::kGiveUp, "may use the model tiny"},
      {404, "<html>", Kind::kGiveUp, "an HTML page; check the address, which usually ends in /v1"},
      {405, "", Kind::kGiveUp, "405"},
      {408, "", Kind::kTryAgain, "408"},
      {422, "nonsense", Kind::kGiveUp, "\"nonsense\""},
      {429, "", Kind::kTryAgain, "429"},
      {429, R"({"error":{"message":"pay","code":"insufficient_quota"}})", Kind::kGiveUp, "credit"},
      {500, "", Kind::kTryAgain, "500 no reason given"},
      {503, "", Kind::kTryAgain, "503"},
      {529, "", Kind::kTryAgain, "529"},
  };
  int checked = 0;
  for (const Case& c : cases) {
    const Verdict made = verdict(reply(c.status, c.body));
    EXPECT_EQ(made.kind, c.kind) << c.status << c.body;
    EXPECT_NE(made.why.find(c.says), std::string::npos) << c.status << ": " << made.why;
    ++checked;
  }
  const std::pair<Failure, Kind> failures[] = {{Failure::kUnreachable, Kind::kTryAgain},
                                               {Failure::kTimeout, Kind::kTryAgain},
                                               {Failure::kBroken, Kind::kTryAgain},
                                               {Failure::kCertificate, Kind::kGiveUp},
                                               {Failure::kTooLarge, Kind::kGiveUp}};
  for (const auto& [failure, kind] : failures) {
    HttpReply made;
    made.failure = failure;
    EXPECT_EQ(verdict(made).kind, kind);
    ++checked;
  }
  EXPECT_NE(verdict(reply(401, ""), Secret("k", "OPENAI_API_KEY")).why.find("comes from OPENAI_API_KEY"),
            std::string::npos);
  std::cout << checked << " replies judged\n";
}

TEST(Retry, RetryAfterIsSecondsOrADate) {
  const std::pair<const char*, std::optional<double>> cases[] = {
      {"7", 7.0},
      {"0.5", 0.5},
      {"-3", 0.0},
      {"Sun, 29 Nov 2026 00:01:30 GMT", 90.0},
      {"Sat, 28 Nov 2026 23:59:00 GMT", 0.0},
      {"soon", std::nullopt},
      {"", std::nullopt},
      {"7 seconds", std::nullopt},
      {"inf", std::nullopt},
  };
  for (const auto& [text, seconds] : cases) EXPECT_EQ(parse_retry_after(text, kNow), seconds) << text;
  EXPECT_EQ(verdict(reply(503, "", "12")).wait_seconds, 12.0);
}

TEST(Retry, WaitingGrowsAndIsShakenButNeverShorterThanTheWish) {
  double before = 0;
  for (int failures = 1; failures <= 40; ++failures) {
    const double longest = back_off(failures, std::nullopt, 0);
    const double shortest = back_off(failures, std::nullopt, 1);
    EXPECT_DOUBLE_EQ(shortest, longest / 2);
    EXPECT_GE(longest, before);
    EXPECT_LE(longest, 60);
    before = longest;
    for (const double chance : {0.0, 0.3, 1.0}) EXPECT_GE(back_off(failures, 9, chance), 9);
  }
  EXPECT_EQ(back_off(1, std::nullopt, 0), 1);
  EXPECT_EQ(back_off(3, std::nullopt, 0), 4);
  EXPECT_EQ(before, 60);
}

}  // namespace
}  // namespace assay::engine
