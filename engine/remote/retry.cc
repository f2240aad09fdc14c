#include "engine/remote/retry.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace assay::engine {
namespace {

using Kind = Verdict::Kind;
using Failure = HttpReply::Failure;
using nlohmann::json;

bool looks_like_html(std::string_view body) {
  return python_strip(body.substr(0, 256)).starts_with('<');
}

// What the server says of its refusal: OpenAI's {"error": {"message": …}}, FastAPI's {"detail": …}, or the text itself.
std::string words_of(const std::string& body) {
  if (python_strip(body).empty()) return "no reason given";
  if (looks_like_html(body)) return "an HTML page";
  const json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const json* place = &object;
  for (const char* name : {"error", "message", "detail"}) {
    if (place->is_object() && place->contains(name)) place = &place->at(name);
  }
  return fmt::format("\"{}\"", printable(place->is_string() ? place->get<std::string>() : body));
}

std::string key_advice(const Secret& key) {
  if (key.empty()) return "no key was given: name one with --api-key-file, or set ASSAY_API_KEY or OPENAI_API_KEY";
  return fmt::format("check the key, which comes from {}", key.source());
}

Verdict give_up(std::string why) {
  Verdict verdict{Kind::kGiveUp, {}, std::move(why), {}};
  verdict.computed = false;
  return verdict;
}

Verdict of_failure(const HttpReply& reply, const EndpointAddress& address) {
  switch (reply.failure) {
    case Failure::kCertificate:
      return give_up(
          fmt::format("the certificate of {} does not verify ({}); check the host's name, install the "
                      "package ca-certificates, or name your own authority's file in SSL_CERT_FILE",
                      address.host, reply.why));
    case Failure::kTooLarge:
      return give_up("the answer is larger than 64 MiB; check that the address is that of an OpenAI-compatible server");
    case Failure::kTimeout:
      return {Kind::kTryAgain, {}, "nothing came for too long (--request-timeout says how long that is)", {}};
    case Failure::kUnreachable: {
      Verdict verdict{Kind::kTryAgain, {}, reply.why, {}};
      verdict.computed = false;
      return verdict;
    }
    default:
      return {Kind::kTryAgain, {}, "the connection broke: " + reply.why, {}};
  }
}

Verdict of_body(const HttpReply& reply) {
  json answer = json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
  if (answer.is_object()) return {Kind::kAnswer, std::move(answer), "", {}};
  if (looks_like_html(reply.body)) {
    return {Kind::kTryAgain, {}, "an HTML page came instead of an answer, as proxies and login pages send it", {}};
  }
  return {Kind::kTryAgain, {}, "the answer is not a whole JSON object", {}};
}

Verdict of_refusal(const HttpReply& reply, const EndpointAddress& address, const Secret& key) {
  const std::string said = fmt::format("{} {}", reply.status, words_of(reply.body));
  switch (reply.status) {
    case 401:
      return give_up(fmt::format("{}; {}", said, key_advice(key)));
    case 402:
      return give_up(said + "; check the account's credit");
    case 403:
      return give_up(fmt::format("{}; check that the key may use the model {} ({})", said, printable(address.model),
                                 key.empty() ? key_advice(key) : "it comes from " + key.source()));
    case 404:
      return give_up(
          fmt::format("{}; check the address, which usually ends in /v1, and the model's name behind the #: {}/models "
                      "lists those that are served",
                      said, address.base));
    case 400:
    case 413:
    case 422:
      return give_up(said +
                     "; check what the server accepts: the model's context length, --max-tokens, the kind of "
                     "request that it serves");
    default:
      return give_up(said + "; check the address and what the server accepts");
  }
}

}  // namespace

std::optional<double> parse_retry_after(const std::string& text, std::time_t now) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, seconds);
  if (problem == std::errc() && rest == end && std::isfinite(seconds)) return std::max(0.0, seconds);
  if (text.empty() || problem == std::errc()) return std::nullopt;
  const std::time_t date = curl_getdate(text.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::max(0.0, std::difftime(date, now));
}

double back_off(int failures, std::optional<double> wish, double chance) {
  constexpr int kDoublings = 6;
  constexpr double kLongest = 60;
  const double grown = std::min(kLongest, std::ldexp(1.0, std::clamp(failures - 1, 0, kDoublings)));
  const double own = grown * (1 - chance / 2);
  return wish ? std::max(*wish * (1 + chance / 10), failures > 1 ? own : 0.0) : own;
}

Verdict judge(const HttpReply& reply, const EndpointAddress& address, const Secret& key, std::time_t now) {
  if (reply.failure != Failure::kNone) return of_failure(reply, address);
  const long status = reply.status;
  if (status >= 200 && status < 300) return of_body(reply);
  if (status >= 300 && status < 400) {
    Verdict verdict{Kind::kRedirect, {}, fmt::format("the server answered {}", status), {}};
    verdict.computed = false;
    return verdict;
  }
  if (status != 408 && status != 429 && status < 500) return of_refusal(reply, address, key);
  // OpenAI sends the same status for "slow down" and for "no money left"; only the first passes by itself.
  if (reply.body.find("insufficient_quota") != std::string::npos) {
    return give_up(fmt::format("{} {}; check the account's credit", status, words_of(reply.body)));
  }
  Verdict verdict{Kind::kTryAgain, {}, fmt::format("{} {}", status, words_of(reply.body)), {}};
  verdict.wait_seconds = parse_retry_after(reply.retry_after, now);
  verdict.busy = status == 429;
  verdict.computed = status != 429;
  return verdict;
}

}  // namespace assay::engine
